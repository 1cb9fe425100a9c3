import Basics

/// The words that open a statement; elsewhere, and before `=` or `,`, they are ordinary names.
enum StatementWord: String, CaseIterable {
  case axis, group, param, state, scalar, mask, index, counter
  case reduce, center, divide, track, affine, weight
  case train, eval, event, gradient, next, grad
}

extension Parser {
  /// statement ::= declaration | clause | phase | event | line | gradient
  mutating func statement() throws(ParseFailure) -> Statement {
    let start = token.span
    let form = try statementForm()
    return Statement(form: form, span: start.through(lastSpan))
  }

  private mutating func statementForm() throws(ParseFailure) -> Statement.Form {
    guard let word = try statementWord() else { return .line(try line()) }
    switch word {
    case .axis, .group, .param, .state, .scalar, .mask, .index, .counter:
      advance()
      return try declaration(word)
    case .reduce, .center, .divide, .track, .affine, .weight:
      advance()
      return .clause(try clause(word))
    case .train:
      advance()
      return .phase(.train, try phaseBlock())
    case .eval:
      advance()
      return .phase(.eval, try phaseBlock())
    case .event:
      return try event()
    case .gradient:
      return try gradient()
    case .next:
      return .line(try line())
    case .grad:
      throw fail(.gradOutside(at: token.span))
    }
  }

  /// The word that opens the statement here; `nil` where an equation begins.
  private mutating func statementWord() throws(ParseFailure) -> StatementWord? {
    guard case .name(let text) = token.kind else {
      if case .keyword(let keyword) = token.kind {
        throw fail(.reservedWord(keyword.rawValue, at: token.span))
      }
      throw fail("a statement")
    }
    switch kind(after: 1) {
    case .symbol(.define), .symbol(.comma):
      return nil
    case .name, .number, .keyword, .symbol, .end:
      if let word = StatementWord(rawValue: text) { return word }
      if case .name = kind(after: 1), !startsLine(after: 1) {
        throw fail(.unknownStatement(text, at: token.span))
      }
      return nil
    }
  }

  /// declaration ::= "axis" size+ | "group" axes ("as" name)? ("into" | "of") size
  ///     | "param" initial+ | "state" initial+ | "scalar" setting+ | "mask" tensor+
  ///     | "index" tensor "of" axis | "counter" name
  private mutating func declaration(_ word: StatementWord) throws(ParseFailure) -> Statement.Form {
    switch word {
    case .axis:
      return .axis(try list { parser throws(ParseFailure) in try parser.size() })
    case .group:
      return .group(try group())
    case .param:
      return .parameter(try list { parser throws(ParseFailure) in try parser.initial() })
    case .state:
      return .state(try list { parser throws(ParseFailure) in try parser.initial() })
    case .scalar:
      return .scalar(try list { parser throws(ParseFailure) in try parser.setting() })
    case .mask:
      return .mask(try list { parser throws(ParseFailure) in try parser.tensor() })
    case .index:
      let tensor = try tensor()
      try expect(word: "of")
      return .index(tensor, of: try axis())
    case .counter:
      return .counter(try name("the name of the counter"))
    case .reduce, .center, .divide, .track, .affine, .weight, .train, .eval, .event, .gradient,
      .next, .grad:
      throw fail("a declaration")
    }
  }

  /// size ::= name ("=" integer)?
  private mutating func size() throws(ParseFailure) -> SizeTree {
    let name = try name("an axis")
    guard skip(.define) else { return SizeTree(name: name) }
    guard case .number(let text) = token.kind else { throw fail("a size") }
    let size = Int(text)
    if !(1...(1 << 31)).contains(size ?? 0) { log.report(.badSize(text, at: token.span)) }
    advance()
    return SizeTree(name: name, size: size)
  }

  private mutating func group() throws(ParseFailure) -> GroupTree {
    let axes = try axes()
    let joined = skip(word: "as") ? try name("an axis") : nil
    if skip(word: "into") {
      return GroupTree(axes: axes, joined: joined, direction: .into, size: try size())
    }
    guard skip(word: "of") else { throw fail("'into' or 'of'") }
    return GroupTree(axes: axes, joined: joined, direction: .of, size: try size())
  }

  /// initial ::= tensor "=" expression
  private mutating func initial() throws(ParseFailure) -> InitialTree {
    let tensor = try tensor()
    try expect(.define)
    return InitialTree(tensor: tensor, value: try expression())
  }

  /// setting ::= name ("=" expression)?
  private mutating func setting() throws(ParseFailure) -> SettingTree {
    let name = try name()
    return SettingTree(name: name, value: skip(.define) ? try expression() : nil)
  }

  /// clause ::= "reduce" axes ("where" expression)? | "center" | "divide" "by" expression
  ///     | "track" "ema" "(" argument ")" ("," "unbiased")? | ("affine" | "weight") axes
  private mutating func clause(_ word: StatementWord) throws(ParseFailure) -> Clause {
    switch word {
    case .reduce:
      let axes = try axes()
      return .reduce(axes, condition: skip(.where) ? try expression() : nil)
    case .center:
      return .center
    case .divide:
      try expect(word: "by")
      return .divide(by: try expression())
    case .track:
      try expect(word: "ema")
      try expect(.leftParenthesis)
      let argument = try argument()
      try expect(.rightParenthesis)
      guard skip(.comma) else { return .track(argument, unbiased: nil) }
      try expect(word: "unbiased")
      return .track(argument, unbiased: lastSpan)
    case .affine:
      return .affine(try axes())
    case .weight:
      return .weight(try axes())
    case .axis, .group, .param, .state, .scalar, .mask, .index, .counter, .train, .eval, .event,
      .gradient, .next, .grad:
      throw fail("a clause")
    }
  }
}
