import CCode

/// Loops of C: those that are written out, and what the others assign.
extension Lowering {
  /// The most iterations that are written out, unless there are loops within whose ends vary: what
  /// is written out within what is written out soon fills the memory.
  private static let mostIterations = 16

  mutating func run(_ loop: FlatLoop) throws(Unsupported) {
    try run(loop.first)
    guard let condition = loop.condition else { throw Unsupported("a loop without a condition") }
    if mayReturn(loop.body) { throw Unsupported("a return inside a loop") }
    switch try truth(of: condition) {
    case .known(false): break
    case .known(true):
      let most = hasLoops(loop.body) ? 1 : Self.mostIterations
      if try isShort(loop, condition, most) { return try unroll(loop, condition) }
      try runOpen(loop, condition, entry: .known(true))
    case .test(let test): try runOpen(loop, condition, entry: .test(test))
    }
  }

  /// A loop that is not written out, in lanes if it can be.
  private mutating func runOpen(
    _ loop: FlatLoop, _ condition: ExpressionID, entry: Truth
  ) throws(Unsupported) {
    if let laneLoop = LaneLoop(loop, in: code), try fits(laneLoop) {
      try runLoop(loop, condition, entry: entry) { (self) throws(Unsupported) in
        try self.runIterations(of: loop, laneLoop)
      }
    } else {
      try runLoop(loop, condition, entry: entry)
    }
  }

  /// `true` iff some of `statements` are loops to ends that vary, or calls of functions that have
  /// some.
  private mutating func hasLoops(_ statements: FlatList) -> Bool {
    for place in 0..<Int(statements.count) where hasLoops(code[code.statement(statements, place)]) {
      return true
    }
    return false
  }

  private mutating func hasLoops(_ statement: FlatStatement) -> Bool {
    switch statement {
    case .loop(let place):
      let loop = code.loops[Int(place)]
      return !endsAtConstant(loop) || hasLoops(loop.body)
    case .branch(_, let body, let otherwise): return hasLoops(body) || hasLoops(otherwise)
    case .block(let body), .eachVector(_, _, let body), .eachElement(_, _, let body):
      return hasLoops(body)
    case .expression(let expression):
      guard case .call(let name, _) = code[expression] else { return false }
      if let known = loopsOfFunctions[name] { return known }
      let found = library.function(name).map { hasLoops($0.body) } ?? false
      loopsOfFunctions[name] = found
      return found
    case .declaration, .array, .assignment, .return, .unsupported: return false
    }
  }

  /// `true` iff a loop ends at a number, whatever the call: over vectors, or the rows of a tile.
  private func endsAtConstant(_ loop: FlatLoop) -> Bool {
    guard let condition = loop.condition, case .binary(.less, _, let end) = code[condition] else {
      return false
    }
    switch code[end] {
    case .integer, .known, .named: return true
    default: return false
    }
  }

  /// `true` iff all iterations are known, at most `most`; the loop variable is left as it was.
  private mutating func isShort(
    _ loop: FlatLoop, _ condition: ExpressionID, _ most: Int
  ) throws(Unsupported) -> Bool {
    guard let counter = loop.counter, case .integer = variables[variable(counter)].value,
      (0..<Int(loop.step.count)).allSatisfy({ sets(counter, code[code.statement(loop.step, $0)]) })
    else { return false }
    let variable = variable(counter)
    let before = variables[variable].value
    defer { variables[variable].value = before }
    for _ in 0...most {
      guard case .known(let goesOn) = try truth(of: condition) else { return false }
      if !goesOn { return true }
      try run(loop.step)
    }
    return false
  }

  /// `true` iff a statement assigns the variable at `slot`.
  private func sets(_ slot: Slot, _ statement: FlatStatement) -> Bool {
    guard case .assignment(let target, _, _) = statement, case .variable(slot, _) = code[target]
    else { return false }
    return true
  }

  private mutating func unroll(
    _ loop: FlatLoop, _ condition: ExpressionID
  ) throws(Unsupported) {
    while case .known(true) = try truth(of: condition) {
      try run(loop.body)
      try run(loop.step)
    }
  }

  /// `EACH_VECTOR(v, live)`: the vectors that hold one of the first `live` elements of a step.
  mutating func runEachVector(
    _ slot: Slot, _ live: ExpressionID, _ body: FlatList
  ) throws(Unsupported) {
    try runEach(
      slot, .int32, slots / target.lanes, below: try value(of: live), by: target.lanes, body)
  }

  /// `EACH_ELEMENT(j, count)`: the first `count` elements of a short row.
  mutating func runEachElement(
    _ slot: Slot, _ count: ExpressionID, _ body: FlatList
  ) throws(Unsupported) {
    try runEach(slot, .size, Self.mostElements, below: try value(of: count), by: 1, body)
  }

  /// The elements of a short row, and so many rows.
  private static let mostElements = CComputeType.mostTurned

  /// Runs a body for `count` values of a variable, but for those that, `step` times, are not below
  /// a limit.
  private mutating func runEach(
    _ slot: Slot, _ type: Scalar, _ count: Int, below limit: Value, by step: Int,
    _ body: FlatList
  ) throws(Unsupported) {
    let variable = declare(slot, .scalar(type), .integer(0, type))
    for place in 0..<count {
      variables[variable].value = .integer(Int64(place), type)
      let first = Value.integer(Int64(place * step), type)
      switch try truth(of: compared(.less, first, limit)) {
      case .known(true): try run(body)
      case .known(false): break
      case .test(let test):
        try branch(test) { (self) throws(Unsupported) in
          try self.run(body)
        } otherwise: { (_) throws(Unsupported) in
        }
      }
    }
  }

  /// The elements of a step.
  var slots: Int { target.number == .float32 ? 64 : 32 }

  /// The variables outside of a loop that it assigns, in their order.
  func assignedVariables(in loop: FlatLoop) -> [Int] {
    var found: [Int] = []
    for place in 0..<Int(loop.assigned.count) {
      let variable = variable(code.slot(loop.assigned, place))
      // Arrays in memory keep their places.
      if !isArray(variable) || isInRegisters(variable) { found.append(variable) }
    }
    for place in 0..<Int(loop.passed.count) {
      let variable = variable(code.slot(loop.passed, place))
      if isArray(variable) && isInRegisters(variable) { found.append(variable) }
    }
    found.sort()
    return found.indices.filter { $0 == 0 || found[$0 - 1] != found[$0] }.map { found[$0] }
  }

  private func isArray(_ variable: Int) -> Bool {
    if case .array = variables[variable].type { true } else { false }
  }

  private func isInRegisters(_ variable: Int) -> Bool {
    if case .parts = variables[variable].value { true } else { false }
  }
}
