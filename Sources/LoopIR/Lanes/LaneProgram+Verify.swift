/// A value of a lane program that breaks the rules of its operation.
package struct LaneError: Error, Hashable, CustomStringConvertible {
  package let value: LaneValue
  /// What is wrong, as in "operand %2 is a condition, not a number".
  package let problem: String

  package var description: String { "%\(value.index): \(problem)" }
}

extension LaneProgram {
  /// Throws the first value whose operands are not defined before it, or whose type or whose
  /// operands' types are not those of its operation.
  package func verify() throws(LaneError) {
    for index in operations.indices {
      if let problem = problem(at: index) {
        throw LaneError(value: LaneValue(index), problem: problem)
      }
    }
  }

  private func problem(at index: Int) -> String? {
    let operation = operations[index]
    for operand in operation.operands where !(0..<index).contains(operand.index) {
      return "operand %\(operand.index) is not defined before"
    }
    let type = types[index]
    return Self.mismatch(in: operation.operands, operation.signature(of: type), types)
      ?? flaw(of: operation)
  }

  /// What the type of the value does not tell about `operation`.
  private func flaw(of operation: LaneOperation) -> String? {
    switch operation {
    case .argument(let index): index < 0 ? "argument \(index) is negative" : nil
    case .compare(_, let a, let b):
      types[a.index].isNumber && types[a.index] == types[b.index]
        ? nil : "compares a \(types[a.index]) with a \(types[b.index]), not two numbers"
    case .compareInteger(_, let a, let b):
      types[a.index].isInteger && types[a.index] == types[b.index]
        ? nil : "compares a \(types[a.index]) with a \(types[b.index]), not two integers"
    case .function(let function, let arguments):
      arguments.count == function.arity
        ? nil : "\(function.rawValue) takes \(function.arity), not \(arguments.count)"
    case .constant, .integerConstant, .truth, .unary, .binary, .fused, .integer, .logic, .not,
      .select, .bitcast, .toInteger, .toNumber, .widen, .narrow:
      nil
    }
  }

  /// What is wrong with the types of `operands`, where those of `wanted` are expected.
  private static func mismatch(
    in operands: [LaneValue], _ wanted: [LaneType]?, _ types: [LaneType]
  ) -> String? {
    guard let wanted else { return "its type is none of the operation's" }
    for (operand, type) in zip(operands, wanted) where types[operand.index] != type {
      return "operand %\(operand.index) is a \(types[operand.index]), not a \(type)"
    }
    return nil
  }
}

extension LaneOperation {
  /// The values that the operation reads, in order.
  package var operands: [LaneValue] {
    switch self {
    case .argument, .constant, .integerConstant, .truth: []
    case .unary(_, let a), .not(let a), .bitcast(let a), .toInteger(let a), .toNumber(let a),
      .widen(let a), .narrow(let a):
      [a]
    case .binary(_, let a, let b), .integer(_, let a, let b), .compare(_, let a, let b),
      .compareInteger(_, let a, let b), .logic(_, let a, let b):
      [a, b]
    case .fused(_, let a, let b, let c), .select(let a, let b, let c): [a, b, c]
    case .function(_, let arguments): arguments
    }
  }

  /// The types of the operands where the value has the type `result`; nil if it cannot.
  ///
  /// The operands of a comparison, whose type the result does not tell, are left to `flaw`.
  fileprivate func signature(of result: LaneType) -> [LaneType]? {
    switch self {
    case .argument: []
    case .constant: result.isNumber ? [] : nil
    case .integerConstant: result.isInteger ? [] : nil
    case .truth: result == .condition ? [] : nil
    case .unary: result.isNumber ? [result] : nil
    case .binary: result.isNumber ? [result, result] : nil
    case .fused: result.isNumber ? [result, result, result] : nil
    case .integer: result.isInteger ? [result, result] : nil
    case .compare, .compareInteger: result == .condition ? [] : nil
    case .logic: result == .condition ? [.condition, .condition] : nil
    case .not: result == .condition ? [.condition] : nil
    case .select: [.condition, result, result]
    case .bitcast: result.counterpart.map { [$0] }
    case .toInteger: result.isInteger ? result.counterpart.map { [$0] } : nil
    case .toNumber: result.isNumber ? result.counterpart.map { [$0] } : nil
    case .widen: result == .wide ? [.number] : nil
    case .narrow: result == .number ? [.wide] : nil
    case .function(let function, _):
      result.isNumber ? Array(repeating: result, count: function.arity) : nil
    }
  }
}

extension ElementaryFunction {
  /// The number of arguments.
  package var arity: Int {
    switch self {
    case .exponential, .logarithm, .hyperbolicTangent, .sigmoid, .errorFunction: 1
    case .power: 2
    }
  }
}

extension LaneType {
  /// `true` iff this is a number, narrow or wide.
  package var isNumber: Bool { self == .number || self == .wide }

  /// `true` iff this is an integer, narrow or wide.
  package var isInteger: Bool { self == .integer || self == .wideInteger }

  /// The integer as wide as this number, or the reverse; nil for a condition.
  package var counterpart: LaneType? {
    switch self {
    case .number: .integer
    case .integer: .number
    case .wide: .wideInteger
    case .wideInteger: .wide
    case .condition: nil
    }
  }
}
