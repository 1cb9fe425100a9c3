import Basics

/// Returns the norms of `source`; `nil` if it is no text. Norms that could not be read wholly are
/// marked as broken, and `log` says why.
package func parse(_ source: SourceFile, into log: inout DiagnosticLog) -> SpecTree? {
  guard let file = lexed(source, into: &log) else { return nil }
  var parser = Parser(source: source, file: file, log: log)
  let norms = parser.norms()
  log = parser.log
  return SpecTree(norms: norms, comments: file.comments)
}

/// Thrown where a statement cannot be read on; the reason is already reported.
struct ParseFailure: Error {}

/// The deepest that expressions may nest, so that the parser and all walks may recurse.
let deepestNesting = 256

/// A parser by recursive descent with one token of look-ahead (three to tell a norm's head).
struct Parser {
  let source: SourceFile
  let comments: [Comment]
  var log: DiagnosticLog
  private let tokens: [Token]
  private(set) var position = 0
  private var nesting = 0
  /// Where the lexer found mistakes.
  let lexicalErrors: [Int]
  /// The token at which a brace was missed, so that those around it say nothing more.
  var unclosedPosition: Int?

  init(source: SourceFile, file: LexedFile, log: DiagnosticLog) {
    self.source = source
    comments = file.comments
    tokens = file.tokens
    self.log = log
    lexicalErrors = log.diagnostics.map(\.span.lower)
  }
}

// The tokens.
extension Parser {
  var token: Token { tokens[position] }

  /// The span of the token before the current one; of the current one at the beginning.
  var lastSpan: SourceSpan { tokens[max(0, position - 1)].span }

  func kind(after distance: Int) -> Token.Kind {
    tokens[min(position + distance, tokens.count - 1)].kind
  }

  /// `true` iff the token `distance` after the current one begins a line.
  func startsLine(after distance: Int) -> Bool {
    tokens[min(position + distance, tokens.count - 1)].startsLine
  }

  mutating func advance() {
    if position < tokens.count - 1 { position += 1 }
  }

  func isAt(_ symbol: Symbol) -> Bool { token.kind == .symbol(symbol) }

  func isAt(_ keyword: Keyword) -> Bool { token.kind == .keyword(keyword) }

  func isAt(word: String) -> Bool { token.kind == .name(word) }

  mutating func skip(_ symbol: Symbol) -> Bool {
    guard isAt(symbol) else { return false }
    advance()
    return true
  }

  mutating func skip(_ keyword: Keyword) -> Bool {
    guard isAt(keyword) else { return false }
    advance()
    return true
  }

  mutating func skip(word: String) -> Bool {
    guard isAt(word: word) else { return false }
    advance()
    return true
  }

  mutating func expect(_ symbol: Symbol) throws(ParseFailure) {
    if !skip(symbol) { throw fail("'\(symbol.rawValue)'") }
  }

  mutating func expect(_ keyword: Keyword) throws(ParseFailure) {
    if !skip(keyword) { throw fail("'\(keyword.rawValue)'") }
  }

  mutating func expect(word: String) throws(ParseFailure) {
    if !skip(word: word) { throw fail("'\(word)'") }
  }

  /// Reports that `expected` does not stand here.
  mutating func fail(_ expected: String) -> ParseFailure {
    let span = token.kind == .end ? endOfLastToken : token.span
    return fail(.expected(expected, found: describe(token), at: span))
  }

  mutating func fail(_ diagnostic: Diagnostic) -> ParseFailure {
    log.report(diagnostic)
    return ParseFailure()
  }

  /// The token as messages name it.
  private func describe(_ token: Token) -> String {
    if case .end = token.kind { return "the end of the file" }
    let text = source.text(of: token.span)
    return text.utf8.count <= 40 ? "'\(text)'" : "a word of \(text.utf8.count) letters"
  }
}

// Names and lists.
extension Parser {
  /// name ::= letter (letter | digit | "_")*
  mutating func name(_ what: String = "a name") throws(ParseFailure) -> Identifier {
    switch token.kind {
    case .name(let text):
      let identifier = Identifier(text: text, span: token.span)
      advance()
      return identifier
    case .keyword(let keyword):
      throw fail(.reservedWord(keyword.rawValue, at: token.span))
    case .number, .symbol, .end:
      throw fail(what)
    }
  }

  /// Returns one or more of `element`, with commas between them.
  mutating func list<Element>(
    of element: (inout Parser) throws(ParseFailure) -> Element
  ) throws(ParseFailure) -> [Element] {
    var elements = [try element(&self)]
    while skip(.comma) { elements.append(try element(&self)) }
    return elements
  }
}

// Nesting.
extension Parser {
  /// Runs `body` one level deeper, unless that is too deep.
  mutating func nested<Result>(
    _ body: (inout Parser) throws(ParseFailure) -> Result
  ) throws(ParseFailure) -> Result {
    guard nesting < deepestNesting else { throw fail(.nestedTooDeeply(at: token.span)) }
    nesting += 1
    defer { nesting -= 1 }
    return try body(&self)
  }

  /// Returns an expression from `start` to the last token, unless it is too deep a tree.
  mutating func tree(
    _ form: Expression.Form, from start: SourceSpan
  ) throws(ParseFailure) -> Expression {
    let expression = Expression(form, at: start.through(lastSpan))
    guard expression.depth <= deepestNesting else {
      throw fail(.nestedTooDeeply(at: lastSpan))
    }
    return expression
  }
}

// Going on after a mistake.
extension Parser {
  /// Skips to where the next statement may begin, or to the brace that ends the block; over at
  /// least one token if nothing was read since `start`.
  mutating func recover(from start: Int) {
    if position == start, !isAt(.rightBrace) { skipBalanced() }
    while !isAtEndOfBlock {
      if token.startsLine, case .name = token.kind { return }
      skipBalanced()
    }
  }

  /// `true` iff no further statement of the block can follow.
  var isAtEndOfBlock: Bool {
    token.kind == .end || isAt(.rightBrace) || isAtNorm
  }

  /// `true` iff a line begins like the head of a norm.
  var isAtNorm: Bool {
    guard token.startsLine, isAt(word: "norm"), case .name = kind(after: 1) else { return false }
    return kind(after: 2) == .symbol(.leftParenthesis)
  }

  /// `true` iff a line begins here that can only be a further statement.
  var isAtNextStatement: Bool {
    guard token.startsLine, case .name(let text) = token.kind else { return false }
    if case .name = kind(after: 1), !startsLine(after: 1) {
      return StatementWord(rawValue: text) != nil
    }
    return kind(after: 1) == .symbol(.define)
  }

  /// The place directly behind the last token.
  var endOfLastToken: SourceSpan { SourceSpan(lastSpan.upper, lastSpan.upper) }

  /// Skips a token, or all of a block in braces.
  private mutating func skipBalanced() {
    var depth = 0
    repeat {
      if isAt(.leftBrace) { depth += 1 } else if isAt(.rightBrace) { depth -= 1 }
      advance()
    } while depth > 0 && token.kind != .end && !isAtNorm
  }
}
