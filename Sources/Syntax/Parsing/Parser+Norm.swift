import Basics

extension Parser {
  /// file ::= norm*
  mutating func norms() -> [NormTree] {
    var norms: [NormTree] = []
    while token.kind != .end {
      guard isAt(word: "norm") else {
        _ = fail("'norm'")
        repeat { advance() } while token.kind != .end && !isAtNorm
        continue
      }
      let start = position
      do throws(ParseFailure) {
        norms.append(try norm())
      } catch {
        if position == start { advance() }
        while token.kind != .end && !isAtNorm { advance() }
      }
    }
    if norms.isEmpty, !log.hasErrors {
      log.report(.noNorm(at: SourceSpan(0, 0)))
    }
    return norms
  }

  /// norm ::= "norm" name "(" tensor+ ")" "->" tensor+ "{" statement* "}"
  private mutating func norm() throws(ParseFailure) -> NormTree {
    let start = token.span
    let documentation = documentation(before: start.lower)
    let errors = log.errorCount
    try expect(word: "norm")
    let name = try name("the name of the norm")
    try expect(.leftParenthesis)
    let tensors = try list { parser throws(ParseFailure) in try parser.tensor() }
    try expect(.rightParenthesis)
    try expect(.arrow)
    let outputs = try list { parser throws(ParseFailure) in try parser.tensor() }
    let head = start.through(token.span)
    let statements = try block { parser throws(ParseFailure) in try parser.statement() }
    let span = start.through(lastSpan)
    let hasLexicalError = lexicalErrors.contains { span.lower <= $0 && $0 < span.upper }
    return NormTree(
      name: name, tensors: tensors, outputs: outputs, statements: statements,
      documentation: documentation, span: span, head: head,
      isBroken: hasLexicalError || log.errorCount > errors)
  }

  /// tensor ::= name ("[" axes "]")?
  mutating func tensor() throws(ParseFailure) -> TensorTree {
    let name = try name()
    guard skip(.leftBracket) else {
      return TensorTree(name: name, axes: nil, span: name.span)
    }
    let axes = try axes()
    try expect(.rightBracket)
    return TensorTree(name: name, axes: axes, span: name.span.through(lastSpan))
  }

  /// axes ::= axis ("," axis)*
  mutating func axes() throws(ParseFailure) -> [AxisTree] {
    try list { parser throws(ParseFailure) in try parser.axis() }
  }

  /// axis ::= name ("..." | "/" name)?
  mutating func axis() throws(ParseFailure) -> AxisTree {
    let name = try name("an axis")
    if skip(.ellipsis) {
      return AxisTree(name: name, suffix: .run, span: name.span.through(lastSpan))
    }
    if skip(.slash) {
      let divisor = try self.name("an axis")
      return AxisTree(
        name: name, suffix: .quotient(by: divisor), span: name.span.through(divisor.span))
    }
    return AxisTree(name: name, suffix: .none, span: name.span)
  }

  /// Returns what stands in braces; a statement that cannot be read is reported and left out.
  mutating func block(
    _ statement: (inout Parser) throws(ParseFailure) -> Statement
  ) throws(ParseFailure) -> [Statement] {
    let opening = token.span
    try expect(.leftBrace)
    var statements: [Statement] = []
    while !isAtEndOfBlock {
      let start = position
      do throws(ParseFailure) {
        statements.append(try statement(&self))
      } catch {
        recover(from: start)
      }
    }
    guard skip(.rightBrace) else {
      if unclosedPosition == position { throw ParseFailure() }
      unclosedPosition = position
      throw fail(.unclosedBrace(at: opening))
    }
    return statements
  }

  /// The `///` comments on the lines directly before `offset`.
  private func documentation(before offset: Int) -> [String] {
    var lines: [String] = []
    var line = source.line(at: offset)
    for comment in comments[..<comments.firstIndex(from: offset)].reversed() {
      guard comment.isDocumentation, source.line(at: comment.span.lower) == line - 1 else { break }
      line -= 1
      let text = comment.text.dropFirst(3)
      lines.append(String(text.first == " " ? text.dropFirst() : text))
    }
    return lines.reversed()
  }
}
