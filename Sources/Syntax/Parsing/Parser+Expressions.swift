import Basics

extension Parser {
  /// expression ::= "if" expression "then" expression "else" expression | either
  mutating func expression() throws(ParseFailure) -> Expression {
    try nested { parser throws(ParseFailure) in
      guard parser.isAt(.if) else { return try parser.either() }
      let start = parser.token.span
      parser.advance()
      let condition = try parser.expression()
      try parser.expect(.then)
      let first = try parser.expression()
      try parser.expect(.else)
      let second = try parser.expression()
      return try parser.tree(.conditional(condition, first, second), from: start)
    }
  }

  /// either ::= both ("or" both)*
  private mutating func either() throws(ParseFailure) -> Expression {
    var left = try both()
    while skip(.or) {
      let right = try both()
      left = try tree(.logic(.or, left, right), from: left.span)
    }
    return left
  }

  /// both ::= negation ("and" negation)*
  private mutating func both() throws(ParseFailure) -> Expression {
    var left = try negation()
    while skip(.and) {
      let right = try negation()
      left = try tree(.logic(.and, left, right), from: left.span)
    }
    return left
  }

  /// negation ::= "not" negation | comparison
  private mutating func negation() throws(ParseFailure) -> Expression {
    guard isAt(.not) else { return try comparison() }
    return try nested { parser throws(ParseFailure) in
      let start = parser.token.span
      parser.advance()
      let operand = try parser.negation()
      return try parser.tree(.not(operand), from: start)
    }
  }

  /// comparison ::= sum (("<" | "<=" | "==" | "!=" | ">=" | ">") sum)?
  private mutating func comparison() throws(ParseFailure) -> Expression {
    let left = try sum()
    guard let operation = comparisonOperator else { return left }
    advance()
    let right = try sum()
    let result = try tree(.compare(operation, left, right), from: left.span)
    if let next = comparisonOperator {
      let middle = source.text(of: right.span)
      let first = source.text(of: result.span)
      advance()
      let last = source.text(of: try sum().span)
      throw fail(
        .chainedComparison(
          "\(first) and \(middle) \(next.symbol) \(last)", at: left.span.through(lastSpan)))
    }
    return result
  }

  private var comparisonOperator: Comparison? {
    guard case .symbol(let symbol) = token.kind else { return nil }
    return Comparison.allCases.first { $0.symbol == symbol.rawValue }
  }

  /// sum ::= product (("+" | "-") product)*
  private mutating func sum() throws(ParseFailure) -> Expression {
    var left = try product()
    while isAt(.plus) || isAt(.minus) {
      let operation: Arithmetic = isAt(.plus) ? .add : .subtract
      advance()
      let right = try product()
      left = try tree(.arithmetic(operation, left, right), from: left.span)
    }
    return left
  }

  /// product ::= unary (("*" | "/" | "mod") unary)*
  private mutating func product() throws(ParseFailure) -> Expression {
    var left = try unary()
    while isAt(.times) || isAt(.slash) || isAt(.mod) {
      let operation: Arithmetic = isAt(.times) ? .multiply : isAt(.slash) ? .divide : .modulo
      advance()
      let right = try unary()
      left = try tree(.arithmetic(operation, left, right), from: left.span)
    }
    return left
  }

  /// unary ::= "-" unary | power
  private mutating func unary() throws(ParseFailure) -> Expression {
    guard isAt(.minus) else { return try power() }
    return try nested { parser throws(ParseFailure) in
      let start = parser.token.span
      parser.advance()
      let operand = try parser.unary()
      return try parser.tree(.negate(operand), from: start)
    }
  }

  /// power ::= primary ("^" unary)?
  private mutating func power() throws(ParseFailure) -> Expression {
    let base = try primary()
    guard skip(.power) else { return base }
    return try nested { parser throws(ParseFailure) in
      let exponent = try parser.unary()
      return try parser.tree(.arithmetic(.power, base, exponent), from: base.span)
    }
  }

  /// primary ::= number | "inf" | "true" | "false" | "(" expression ")" | name
  ///     | name "[" name "]" | name "[" windows "]" "(" expression ("where" expression)? ")"
  ///     | name "(" argument ("," argument)* ")"
  private mutating func primary() throws(ParseFailure) -> Expression {
    let start = token.span
    if isAtNextStatement {
      throw fail(
        .expected("an expression", found: "the end of the line", at: endOfLastToken))
    }
    switch token.kind {
    case .number(let text):
      let value = Double(text) ?? .infinity
      if !value.isFinite { log.report(.numberTooLarge(text, at: start)) }
      advance()
      return Expression(.number(value, text: text), at: start)
    case .keyword(.inf):
      advance()
      return Expression(.infinity, at: start)
    case .keyword(.true), .keyword(.false):
      let truth = isAt(.true)
      advance()
      return Expression(.truth(truth), at: start)
    case .symbol(.leftParenthesis):
      advance()
      let inner = try expression()
      try expect(.rightParenthesis)
      return try tree(.parenthesized(inner), from: start)
    case .name:
      return try named()
    case .keyword(let keyword) where keyword != .if && keyword != .not:
      throw fail(.reservedWord(keyword.rawValue, at: start))
    case .keyword, .symbol, .end:
      throw fail("an expression")
    }
  }

  private mutating func named() throws(ParseFailure) -> Expression {
    let name = try name()
    if skip(.leftParenthesis) {
      let arguments = try list { parser throws(ParseFailure) in try parser.argument() }
      try expect(.rightParenthesis)
      return try tree(.call(name, arguments), from: name.span)
    }
    guard skip(.leftBracket) else { return Expression(.name(name.text), at: name.span) }
    let axes = try list { parser throws(ParseFailure) in try parser.window() }
    try expect(.rightBracket)
    guard skip(.leftParenthesis) else {
      if axes.count == 1, axes[0].window == nil, case .none = axes[0].axis.suffix {
        return Expression(
          .lookUp(name, by: axes[0].axis.name), at: name.span.through(lastSpan))
      }
      throw fail("'(' after the axes of a reduction")
    }
    let operand = try expression()
    let condition = skip(.where) ? try expression() : nil
    try expect(.rightParenthesis)
    let reduction = ReductionTree(word: name, axes: axes, operand: operand, condition: condition)
    return try tree(.reduction(reduction), from: name.span)
  }

  /// window ::= axis (":" offset "..." offset)?
  private mutating func window() throws(ParseFailure) -> WindowTree {
    let axis = try axis()
    guard skip(.colon) else { return WindowTree(axis: axis, window: nil) }
    let low = try offset()
    try expect(.ellipsis)
    return WindowTree(axis: axis, window: .init(low: low, high: try offset()))
  }

  /// offset ::= "-"? integer
  private mutating func offset() throws(ParseFailure) -> Int {
    let isNegative = skip(.minus)
    guard case .number(let text) = token.kind, let value = Int(text), value <= 1 << 31 else {
      throw fail("an integer")
    }
    advance()
    return isNegative ? -value : value
  }

  /// argument ::= (name ":")? expression
  mutating func argument() throws(ParseFailure) -> Argument {
    if case .name = token.kind, kind(after: 1) == .symbol(.colon) {
      let label = try name()
      advance()
      return Argument(label: label, value: try expression())
    }
    return Argument(label: nil, value: try expression())
  }
}
