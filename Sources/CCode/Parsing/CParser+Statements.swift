extension CParser {
  /// `{ statements }`
  mutating func block() throws(Failure) -> [CStatement] {
    try expect("{")
    var statements: [CStatement] = []
    while !accept("}") { statements.append(try statement()) }
    return statements
  }

  /// A block, or one statement.
  private mutating func body() throws(Failure) -> [CStatement] {
    peek == .punctuation("{") ? try block() : [try statement()]
  }

  mutating func statement() throws(Failure) -> CStatement {
    if peek == .punctuation("{") { return .block(try block()) }
    _ = accept("UNROLLED")
    if accept("if") {
      try expect("(")
      let condition = try expression()
      let steps = countedDown.map { CStatement.assignment($0, .subtract, .integer(1)) }
      countedDown = []
      try expect(")")
      let first = try body()
      let branch = CStatement.branch(condition, first, otherwise: accept("else") ? try body() : [])
      return steps.isEmpty ? branch : .block(steps + [branch])
    }
    if accept("for") { return .loop(try loop()) }
    if accept("return") {
      let value = peek == .punctuation(";") ? nil : try initializer()
      try expect(";")
      return .return(value)
    }
    if peek == .identifier("EACH_VECTOR") || peek == .identifier("EACH_ELEMENT") {
      let header = try expression()
      return .macroLoop(header, try body())
    }
    let simple = try simple()
    try expect(";")
    return simple
  }

  private mutating func loop() throws(Failure) -> CLoop {
    try expect("(")
    let first = peek == .punctuation(";") ? nil : try simple()
    try expect(";")
    let condition = peek == .punctuation(";") ? nil : try expression()
    try expect(";")
    var steps: [CStatement] = []
    if peek != .punctuation(")") { repeat { steps.append(try simple()) } while accept(",") }
    try expect(")")
    let step = steps.count > 1 ? CStatement.block(steps) : steps.first
    return CLoop(first, while: condition, step: step, try body())
  }

  /// A declaration, an assignment or a call, without what ends it.
  private mutating func simple() throws(Failure) -> CStatement {
    if isType { return .declaration(try declaration()) }
    let target = try expression()
    if accept("++") { return .increment(target) }
    if accept("--") { return .assignment(target, .subtract, .integer(1)) }
    if case .punctuation(let text) = peek, let operation = CAssignment(rawValue: text) {
      position += 1
      return .assignment(target, operation, try expression())
    }
    if !countedDown.isEmpty { throw Failure(message: "-- outside of a condition") }
    return .expression(target)
  }

  private mutating func declaration() throws(Failure) -> CDeclaration {
    let base = try type()
    var variables: [CVariable] = []
    var type = base
    repeat {
      let name = try identifier()
      if accept("[") {
        type = .array(of: base, count: try expression())
        try expect("]")
      }
      variables.append(CVariable(name, accept("=") ? try initializer() : nil))
    } while accept(",")
    return CDeclaration(type, variables)
  }
}
