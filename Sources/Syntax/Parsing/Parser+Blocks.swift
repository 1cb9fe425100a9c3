import Basics

extension Parser {
  /// phase ::= ("train" | "eval") "{" (line | gradient)* "}"
  mutating func phaseBlock() throws(ParseFailure) -> [Statement] {
    try block { parser throws(ParseFailure) in
      let start = parser.token.span
      if parser.isAt(word: "gradient"), parser.opensStatement {
        let form = try parser.gradient()
        return Statement(form: form, span: start.through(parser.lastSpan))
      }
      try parser.refuseMisplacedStatement("a phase")
      return Statement(form: .line(try parser.line()), span: start.through(parser.lastSpan))
    }
  }

  /// event ::= "event" name ("(" name ("," name)* ")")? "{" line* "}"
  mutating func event() throws(ParseFailure) -> Statement.Form {
    try expect(word: "event")
    let name = try name("the name of the event")
    var arguments: [Identifier] = []
    if skip(.leftParenthesis) {
      arguments = try list { parser throws(ParseFailure) in try parser.name() }
      try expect(.rightParenthesis)
    }
    let lines = try block { parser throws(ParseFailure) in
      let start = parser.token.span
      try parser.refuseMisplacedStatement("an event")
      return Statement(form: .line(try parser.line()), span: start.through(parser.lastSpan))
    }
    return .event(name, arguments: arguments, lines)
  }

  /// gradient ::= "gradient" "of" name "by" name "{" (line | "grad" name "=" expression)* "}"
  mutating func gradient() throws(ParseFailure) -> Statement.Form {
    try expect(word: "gradient")
    try expect(word: "of")
    let value = try name("a value")
    try expect(word: "by")
    let adjoint = try name("a name for the gradient")
    let lines = try block { parser throws(ParseFailure) in
      let start = parser.token.span
      if parser.isAt(word: "grad"), parser.opensStatement {
        let line = try parser.contribution()
        return Statement(form: .line(line), span: start.through(parser.lastSpan))
      }
      try parser.refuseMisplacedStatement("a gradient block")
      return Statement(form: .line(try parser.line()), span: start.through(parser.lastSpan))
    }
    return .gradient(of: value, by: adjoint, lines)
  }

  /// line ::= name ("," name)* "=" expression | "next" name "=" expression
  mutating func line() throws(ParseFailure) -> Line {
    if isAt(word: "next"), opensStatement {
      advance()
      let state = try name("a state")
      try expect(.define)
      return Line(target: .next(state), expression: try expression())
    }
    let names = try list { parser throws(ParseFailure) in try parser.name() }
    try expect(.define)
    return Line(target: .names(names), expression: try expression())
  }

  private mutating func contribution() throws(ParseFailure) -> Line {
    try expect(word: "grad")
    let value = try name("a value")
    try expect(.define)
    return Line(target: .gradient(value), expression: try expression())
  }

  /// `true` iff the current word opens a statement, and is no name that an equation defines.
  private var opensStatement: Bool {
    kind(after: 1) != .symbol(.define) && kind(after: 1) != .symbol(.comma)
  }

  /// Reports a statement that stands only outside `place`.
  private mutating func refuseMisplacedStatement(_ place: String) throws(ParseFailure) {
    guard case .name(let text) = token.kind, opensStatement,
      let word = StatementWord(rawValue: text), word != .next
    else { return }
    throw fail(
      word == .grad ? .gradOutside(at: token.span) : .misplaced(text, in: place, at: token.span))
  }
}
