import CCode

/// Loops of C: those that are written out, and what the others assign.
extension Lowering {
  /// The most iterations that are written out.
  private static let mostIterations = 16

  mutating func run(_ loop: CLoop) throws(Unsupported) {
    let mark = names.count
    if let first = loop.first { _ = try run(first) }
    let entry = try loop.condition.map { (condition) throws(Unsupported) in
      try truth(of: condition)
    }
    switch entry {
    case nil: throw Unsupported("a loop without a condition")
    case .known(false)?: break
    case .known(true)?:
      if try isShort(loop) {
        try unroll(loop)
      } else {
        try runLoop(loop, entry: .known(true))
      }
    case .test(let test)?: try runLoop(loop, entry: .test(test))
    }
    names.removeLast(names.count - mark)
  }

  /// `true` iff all iterations are known, and few; the loop variable is left as it was.
  private mutating func isShort(_ loop: CLoop) throws(Unsupported) -> Bool {
    guard case .declaration(let declaration)? = loop.first, let condition = loop.condition,
      let step = loop.step, let variable = lookUp(declaration.variables[0].name),
      case .integer = variables[variable].value
    else { return false }
    let before = variables[variable].value
    defer { variables[variable].value = before }
    for _ in 0...Self.mostIterations {
      guard case .known(let goesOn) = try truth(of: condition) else { return false }
      if !goesOn { return true }
      _ = try run(step)
    }
    return false
  }

  private mutating func unroll(_ loop: CLoop) throws(Unsupported) {
    guard let condition = loop.condition, let step = loop.step else { return }
    while case .known(true) = try truth(of: condition) {
      if try runBlock(loop.body) == .returned { throw Unsupported("a return inside a loop") }
      _ = try run(step)
    }
  }

  /// `EACH_VECTOR(v, live)`: the vectors that hold one of the first `live` elements of a step.
  mutating func runMacroLoop(_ header: CExpression, _ body: [CStatement]) throws(Unsupported) {
    guard case .call(.name("EACH_VECTOR"), let arguments) = header, arguments.count == 2,
      case .name(let index) = arguments[0]
    else { throw Unsupported("the loop macro \(header)") }
    let live = try value(of: arguments[1])
    let mark = names.count
    let variable = declare(index, .scalar(.int32), .integer(0, .int32))
    for vector in 0..<slots / target.lanes {
      variables[variable].value = .integer(Int64(vector), .int32)
      let first = Value.integer(Int64(vector * target.lanes), .int32)
      switch try truth(of: compared(.less, first, live)) {
      case .known(true): _ = try runBlock(body)
      case .known(false): break
      case .test(let test):
        try branch(test) { (self) throws(Unsupported) in
          _ = try self.runBlock(body)
        } otherwise: { (_) throws(Unsupported) in
        }
      }
    }
    names.removeLast(names.count - mark)
  }

  /// The elements of a step.
  var slots: Int { target.number == .float32 ? 64 : 32 }

  /// The variables outside of a loop that it assigns, in their order.
  func assignedVariables(in loop: CLoop) -> [Int] {
    var found = AssignedNames()
    found.add(loop.body)
    if let step = loop.step { found.add([step]) }
    var result = Set<Int>()
    for name in found.assigned {
      if let variable = lookUp(name) { result.insert(variable) }
    }
    for name in found.passed {
      guard let variable = lookUp(name), case .array = variables[variable].type,
        case .parts = variables[variable].value
      else { continue }
      result.insert(variable)
    }
    // Arrays in memory keep their places.
    return result.filter { variable in
      guard case .array = variables[variable].type else { return true }
      if case .parts = variables[variable].value { return true } else { return false }
    }.sorted()
  }
}

/// The names that statements assign, or pass to functions that may.
private struct AssignedNames {
  var assigned: [String] = []
  var passed: [String] = []

  mutating func add(_ statements: [CStatement]) {
    for statement in statements { add(statement) }
  }

  private mutating func add(_ statement: CStatement) {
    switch statement {
    case .declaration(let declaration):
      for variable in declaration.variables { if let value = variable.initial { add(value) } }
    case .assignment(let target, _, let value):
      addTarget(target)
      add(value)
    case .increment(let target): addTarget(target)
    case .expression(let value): add(value)
    case .branch(let condition, let body, let otherwise):
      add(condition)
      add(body)
      add(otherwise)
    case .loop(let loop):
      if let first = loop.first { add(first) }
      if let condition = loop.condition { add(condition) }
      if let step = loop.step { add(step) }
      add(loop.body)
    case .macroLoop(_, let body), .block(let body): add(body)
    case .choice(let value, let cases):
      add(value)
      for choice in cases { add(choice.body) }
    case .return(let value): if let value { add(value) }
    case .commented(let statement, _): add(statement)
    case .continue, .break, .comment, .blank, .raw: break
    }
  }

  private mutating func addTarget(_ target: CExpression) {
    switch target {
    case .name(let name): assigned.append(name)
    // Memory changes, but not the pointer to it.
    case .index(.name(let name), _): passed.append(name)
    case .index(let array, _): addTarget(array)
    case .member(let value, _): addTarget(value)
    default: add(target)
    }
  }

  private mutating func add(_ expression: CExpression) {
    switch expression {
    case .call(_, let arguments):
      for argument in arguments {
        if case .name(let name) = argument { passed.append(name) } else { add(argument) }
      }
    case .binary(_, let a, let b), .index(let a, let b):
      add(a)
      add(b)
    case .conditional(let a, let b, let c):
      add(a)
      add(b)
      add(c)
    case .unary(_, let a), .cast(_, let a), .member(let a, _), .pointerMember(let a, _): add(a)
    case .compound(_, let values), .initializer(let values):
      for value in values { add(value.value) }
    case .name, .integer, .size, .float, .double, .string, .sizeOf: break
    }
  }
}
