/// What a function mentions, to see whether it can be followed statement by statement.
struct DirectCheck {
  let library: Library
  private var seen: Set<Symbol> = []

  init(_ library: Library) { self.library = library }

  private var code: FlatCode { library.code }

  mutating func holds(_ name: Symbol) -> Bool {
    guard seen.insert(name).inserted else { return true }
    guard let function = library.function(name) else { return false }
    return statements(function.body)
  }

  private mutating func statements(_ list: FlatList) -> Bool {
    for place in 0..<Int(list.count) {
      guard statement(code[code.statement(list, place)]) else { return false }
    }
    return true
  }

  private mutating func statement(_ statement: FlatStatement) -> Bool {
    switch statement {
    case .declaration(_, let type, let initial):
      code[type].known != nil && (initial.map { value($0) } ?? true)
    case .assignment(let target, _, let right): value(target) && value(right)
    case .expression(let expression): value(expression)
    case .branch(let condition, let body, let otherwise):
      value(condition) && statements(body) && statements(otherwise)
    case .loop(let place):
      statements(code.loops[Int(place)].first) && statements(code.loops[Int(place)].body)
        && statements(code.loops[Int(place)].step)
        && (code.loops[Int(place)].condition.map { value($0) } ?? false)
    case .return(let result): result.map { value($0) } ?? true
    case .block(let body): statements(body)
    case .array, .eachVector, .eachElement, .unsupported: false
    }
  }

  private mutating func value(_ expression: ExpressionID) -> Bool {
    switch code[expression] {
    case .integer, .number, .variable: true
    case .known(let name): name == .null || name == .true || name == .false
    case .named(let name):
      if let enumerator = library.enumerator(name) { value(enumerator) } else { holds(name) }
    case .intrinsic(let intrinsic, let list):
      (intrinsic == .bestKernels || intrinsic == .enterFloatMode || intrinsic == .setFloatMode)
        && values(list)
    case .call(let function, let list): holds(function) && values(list)
    case .pointerCall(let function, let list):
      value(function) && list.count <= 4 && values(list)
    case .index(let a, let b), .binary(_, let a, let b): value(a) && value(b)
    case .member(let operand, _), .pointerMember(let operand, _), .unary(_, let operand):
      value(operand)
    case .conditional(let a, let b, let c): value(a) && value(b) && value(c)
    case .cast(let type, let operand): code[type].known != nil && value(operand)
    case .compound(let type, let list): code[type].known != nil && values(list)
    case .initializer(let list), .designated(_, let list): values(list)
    case .sizeOf(let type): code[type].known != nil
    case .unsupported: false
    }
  }

  private mutating func values(_ list: FlatList) -> Bool {
    for place in 0..<Int(list.count) where !value(code.expression(list, place)) { return false }
    return true
  }
}
