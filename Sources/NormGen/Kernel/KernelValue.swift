/// A value that is given at each call: a scalar, a condition, or a counter.
///
/// Literals do: `["eps": 1e-5, "adjust": true, "step": 3]`.
public enum KernelValue: Hashable, Sendable {
  case number(Double)
  case condition(Bool)
  /// A counter: the number of training calls before this one. It may stand for a number, too.
  case count(Int64)
}

extension KernelValue: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByBooleanLiteral
{
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(integerLiteral value: Int64) { self = .count(value) }
  public init(booleanLiteral value: Bool) { self = .condition(value) }
}

extension KernelValue {
  /// What it is, for messages.
  var typeName: String {
    switch self {
    case .number: "a number"
    case .condition: "a condition"
    case .count: "a count"
    }
  }
}
