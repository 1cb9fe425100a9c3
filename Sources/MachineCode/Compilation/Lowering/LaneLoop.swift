import CCode

/// Tells whether the iterations of a loop have nothing to do with each other, so that those of
/// LANES values of the counter may be run at once:
///
///     for (size_t c = 0; c < width; c++) {
///       const float mean = (float)(sums[c] / count);
///       means[c] = mean;
///       if (all) all[column + c] = mean;
///     }
///
/// Its statements declare numbers, and write elements at the counter and something that is the same
/// in all iterations; conditions are the same in all. An array that is written is not read.
struct LaneLoop {
  let counter: Slot
  let limit: ExpressionID
  private let code: FlatCode
  /// The variables that differ from iteration to iteration.
  private(set) var lanes: [Slot]
  /// The arrays whose elements are read, and those whose are written.
  private(set) var read: [ExpressionID] = []
  private(set) var written: [ExpressionID] = []
  /// The types of declarations and casts.
  private(set) var types: [TypeID] = []
  /// The functions that are called.
  private(set) var functions: [Intrinsic] = []

  /// An array by its variable, or as a member of something.
  private enum ArrayName: Hashable {
    case variable(Slot)
    case member(Symbol)
  }

  /// `nil` if `loop` is none of these.
  init?(_ loop: FlatLoop, in code: FlatCode) {
    guard let counter = loop.counter, let condition = loop.condition,
      case .binary(.less, let first, let limit) = code[condition],
      case .variable(counter, _) = code[first], loop.step.count == 1,
      case .assignment(let target, .add, let step) = code[code.statement(loop.step, 0)],
      case .variable(counter, _) = code[target], case .integer(1, _) = code[step],
      loop.assigned.count == 1
    else { return nil }
    self.counter = counter
    self.limit = limit
    self.code = code
    lanes = [counter]
    guard isUniform(limit), holds(loop.body) else { return nil }
    let names = Set(written.map { name(of: $0) })
    guard read.allSatisfy({ !names.contains(name(of: $0)) }) else { return nil }
  }

  // Statements

  private mutating func holds(_ statements: FlatList) -> Bool {
    for place in 0..<Int(statements.count) {
      guard holds(code[code.statement(statements, place)]) else { return false }
    }
    return true
  }

  private mutating func holds(_ statement: FlatStatement) -> Bool {
    switch statement {
    case .declaration(let slot, let type, let initial?):
      if isUniform(initial) { return true }
      lanes.append(slot)
      types.append(type)
      return holds(initial)
    case .assignment(let target, .set, let value):
      guard case .index(let array, let index) = code[target], name(of: array) != nil,
        offsets(of: index) != nil
      else { return false }
      written.append(array)
      return holds(value)
    case .branch(let condition, let body, let otherwise):
      return otherwise.count == 0 && isUniform(condition) && holds(body)
    case .block(let body): return holds(body)
    case .declaration, .array, .assignment, .expression, .loop, .eachVector, .eachElement,
      .return, .unsupported:
      return false
    }
  }

  private func name(of array: ExpressionID) -> ArrayName? {
    switch code[array] {
    case .variable(let slot, _): .variable(slot)
    case .member(_, let name), .pointerMember(_, let name): .member(name)
    default: nil
    }
  }

  // Expressions

  /// `true` iff an expression that differs from iteration to iteration can be computed in lanes.
  private mutating func holds(_ expression: ExpressionID) -> Bool {
    if isUniform(expression) { return true }
    switch code[expression] {
    case .variable(let slot, _): return slot != counter
    case .index(let array, let index):
      read.append(array)
      return name(of: array) != nil && offsets(of: index) != nil
    case .cast(let type, let operand):
      types.append(type)
      return holds(operand)
    case .unary(.negate, let operand): return holds(operand)
    case .binary(.add, let a, let b), .binary(.subtract, let a, let b),
      .binary(.multiply, let a, let b), .binary(.divide, let a, let b):
      return holds(a) && holds(b)
    case .conditional(let condition, let a, let b):
      return isUniform(condition) && holds(a) && holds(b)
    case .intrinsic(let intrinsic, let arguments):
      functions.append(intrinsic)
      guard intrinsic.operationOfLanes != nil else { return false }
      for place in 0..<Int(arguments.count) where !holds(code.expression(arguments, place)) {
        return false
      }
      return true
    default: return false
    }
  }

  /// What an index is more than the counter, all the same in all iterations; `nil` if it is
  /// another.
  func offsets(of index: ExpressionID) -> [ExpressionID]? {
    switch code[index] {
    case .variable(counter, _): return []
    case .binary(.add, let a, let b):
      if isUniform(a) { return offsets(of: b).map { [a] + $0 } }
      if isUniform(b) { return offsets(of: a).map { $0 + [b] } }
      return nil
    default: return nil
    }
  }

  /// `true` iff an expression is the same in all iterations: it mentions no variable that differs,
  /// and reads no array.
  func isUniform(_ expression: ExpressionID) -> Bool {
    switch code[expression] {
    case .integer, .number, .known, .named, .sizeOf: true
    case .variable(let slot, _): !lanes.contains(slot)
    case .pointerMember(let operand, _), .member(let operand, _), .cast(_, let operand),
      .unary(.negate, let operand), .unary(.not, let operand):
      isUniform(operand)
    case .binary(_, let a, let b): isUniform(a) && isUniform(b)
    case .conditional(let condition, let a, let b):
      isUniform(condition) && isUniform(a) && isUniform(b)
    case .intrinsic(_, let list), .call(_, let list):
      (0..<Int(list.count)).allSatisfy { isUniform(code.expression(list, $0)) }
    case .index, .pointerCall, .unary, .compound, .initializer, .designated, .unsupported: false
    }
  }
}

extension Intrinsic {
  /// What a function of C's on numbers computes with.
  var scalar: Scalar { rawValue.hasSuffix("f") ? .float : .double }

  /// The operation on lanes that a function on numbers is; its result is of the same type.
  var operationOfLanes: Operation? {
    switch self {
    case .fma, .fmaf: .fusedAdd
    case .sqrt, .sqrtf, .loneSqrt, .loneSqrtf: .squareRoot
    case .floor, .floorf: .floor
    default: nil
    }
  }
}
