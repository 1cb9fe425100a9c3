import Basics
import CCode

extension SplitMix64 {
  /// An expression over the variables `a`, `b`, `c` and small integers.
  mutating func expression(depth: Int) -> CExpression {
    guard depth > 0, Int.random(in: 0..<8, using: &self) > 0 else { return leaf() }
    switch Int.random(in: 0..<10, using: &self) {
    case 0: return .conditional(operand(depth), operand(depth), operand(depth))
    case 1, 2:
      let operations: [CUnary] = [.negate, .not, .complement]
      return .unary(operations.randomElement(using: &self) ?? .negate, operand(depth))
    case 3: return .cast(.int, operand(depth))
    default:
      let operation = CBinary.allCases.randomElement(using: &self) ?? .add
      return .binary(operation, operand(depth), operand(depth))
    }
  }

  private mutating func operand(_ depth: Int) -> CExpression { expression(depth: depth - 1) }

  private mutating func leaf() -> CExpression {
    let names = ["a", "b", "c"]
    if Bool.random(using: &self) { return .name(names.randomElement(using: &self) ?? "a") }
    return .integer(Int64.random(in: -9...9, using: &self))
  }
}

/// The value of an expression of `int`s, or `nil` where C leaves it undefined.
func value(_ expression: CExpression, _ variables: [String: Int32]) -> Int32? {
  switch expression {
  case .name(let name): return variables[name]
  case .integer(let value): return Int32(exactly: value)
  case .cast(_, let a): return value(a, variables)
  case .unary(let operation, let a):
    guard let a = value(a, variables) else { return nil }
    switch operation {
    case .negate: return a == .min ? nil : -a
    case .not: return a == 0 ? 1 : 0
    case .complement: return ~a
    case .dereference, .address: return nil
    }
  case .conditional(let condition, let a, let b):
    guard let condition = value(condition, variables) else { return nil }
    return value(condition != 0 ? a : b, variables)
  case .binary(let operation, let a, let b):
    guard let a = value(a, variables) else { return nil }
    if operation == .and, a == 0 { return 0 }
    if operation == .or, a != 0 { return 1 }
    guard let b = value(b, variables) else { return nil }
    return applied(operation, a, b)
  case .size, .float, .double, .string, .call, .index, .member, .pointerMember, .compound,
    .initializer, .sizeOf:
    return nil
  }
}

private func applied(_ operation: CBinary, _ a: Int32, _ b: Int32) -> Int32? {
  func exact(_ result: (partialValue: Int32, overflow: Bool)) -> Int32? {
    result.overflow ? nil : result.partialValue
  }
  switch operation {
  case .multiply: return exact(a.multipliedReportingOverflow(by: b))
  case .divide: return exact(a.dividedReportingOverflow(by: b))
  case .remainder: return b == 0 || (a == .min && b == -1) ? nil : a % b
  case .add: return exact(a.addingReportingOverflow(b))
  case .subtract: return exact(a.subtractingReportingOverflow(b))
  case .shiftLeft:
    guard a >= 0, (0..<31).contains(b) else { return nil }
    return Int32(exactly: Int64(a) << Int64(b))
  case .shiftRight: return a >= 0 && (0..<31).contains(b) ? a >> b : nil
  case .less: return a < b ? 1 : 0
  case .lessOrEqual: return a <= b ? 1 : 0
  case .greater: return a > b ? 1 : 0
  case .greaterOrEqual: return a >= b ? 1 : 0
  case .equal: return a == b ? 1 : 0
  case .notEqual: return a != b ? 1 : 0
  case .bitAnd: return a & b
  case .bitXor: return a ^ b
  case .bitOr: return a | b
  case .and: return a != 0 && b != 0 ? 1 : 0
  case .or: return a != 0 || b != 0 ? 1 : 0
  }
}
