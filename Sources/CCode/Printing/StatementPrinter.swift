extension CStatement {
  /// The statement as it stands in a function's body, each line with its line end.
  package var text: String {
    var printer = StatementPrinter()
    printer.print(self)
    return printer.lines.map { $0 + "\n" }.joined()
  }
}

/// Prints statements as lines.
struct StatementPrinter {
  private(set) var lines: [String] = []
  private var depth = 0

  private var indent: Int { 2 * depth }

  private mutating func line(_ text: String) {
    lines.append(text.isEmpty ? "" : String(repeating: " ", count: indent) + text)
  }

  private mutating func add(_ pieces: [CPiece]) {
    lines += CLineFiller.lines(pieces, indent: indent)
  }

  mutating func print(_ statement: CStatement) {
    switch statement {
    case .declaration, .assignment, .increment, .expression, .return, .continue, .break:
      add(statement.simplePieces)
    case .branch(let condition, let body, let otherwise):
      branch("if", condition, body, otherwise)
    case .loop(let loop): self.loop(loop.header, loop.body)
    case .macroLoop(let header, let body):
      var printer = ExpressionPrinter()
      printer.print(header, .free)
      self.loop(printer.pieces, body)
    case .choice(let value, let cases): choice(value, cases)
    case .block(let body):
      line("{")
      indented(body)
      line("}")
    case .comment(let text): lines += CComment.lines(text, indent: indent)
    case .commented(let statement, let text): commented(statement, text)
    case .blank: line("")
    case .raw(let text):
      lines += text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }
  }

  mutating func indented(_ body: [CStatement]) {
    depth += 1
    for statement in body { print(statement) }
    depth -= 1
  }

  /// Prints `header` and a body: behind it where that is one short statement, else in braces.
  private mutating func loop(_ header: [CPiece], _ body: [CStatement]) {
    if let line = oneLine(header, body) { return self.line(line) }
    add(header + [.text(" {")])
    indented(body)
    line("}")
  }

  private mutating func branch(
    _ keyword: String, _ condition: CExpression, _ body: [CStatement], _ otherwise: [CStatement]
  ) {
    var printer = ExpressionPrinter()
    printer.text(keyword + " (")
    printer.aligned { $0.print(condition, .free) }
    printer.text(")")
    if otherwise.isEmpty, keyword == "if", let line = oneLine(printer.pieces, body) {
      return self.line(line)
    }
    add(printer.pieces + [.text(" {")])
    indented(body)
    if otherwise.isEmpty {
      line("}")
    } else if case .branch(let condition, let body, let last) = otherwise[0], otherwise.count == 1 {
      branch("} else if", condition, body, last)
    } else {
      line("} else {")
      indented(otherwise)
      line("}")
    }
  }

  private mutating func choice(_ value: CExpression, _ cases: [CCase]) {
    var printer = ExpressionPrinter()
    printer.text("switch (")
    printer.print(value, .free)
    printer.text(") {")
    add(printer.pieces)
    depth += 1
    for option in cases {
      let label = "case \(option.value.text):"
      if let line = oneLine([.text(label)], option.body) {
        self.line(line)
      } else {
        line(label)
        indented(option.body)
      }
    }
    depth -= 1
    line("}")
  }

  private mutating func commented(_ statement: CStatement, _ text: String) {
    let comment = CComment.inline(text)
    var printer = StatementPrinter()
    printer.depth = depth
    printer.print(statement)
    if let only = printer.lines.first, printer.lines.count == 1,
      only.count + 1 + comment.count <= CLineFiller.width
    {
      lines.append(only + " " + comment)
    } else {
      lines += CComment.lines(text, indent: indent) + printer.lines
    }
  }

  /// `header` and `body` on one line, if the body is one statement that may stand so and fits.
  private func oneLine(_ header: [CPiece], _ body: [CStatement]) -> String? {
    guard let statement = body.first, body.count == 1, statement.standsAlone else { return nil }
    let text = header.flattened + " " + statement.simplePieces.flattened
    return indent + text.count <= CLineFiller.width ? text : nil
  }
}

extension CStatement {
  /// `true` iff the statement may be a body without braces.
  fileprivate var standsAlone: Bool {
    switch self {
    case .assignment, .increment, .expression, .return, .continue, .break: true
    case .declaration, .branch, .loop, .macroLoop, .choice, .block, .comment, .commented, .blank,
      .raw:
      false
    }
  }

  /// The pieces of a statement that holds no other one, with its semicolon.
  fileprivate var simplePieces: [CPiece] {
    var printer = ExpressionPrinter()
    printer.simple(self)
    printer.text(";")
    return printer.pieces
  }
}

extension CLoop {
  fileprivate var header: [CPiece] {
    var printer = ExpressionPrinter()
    printer.header(of: self)
    return printer.pieces
  }
}

extension ExpressionPrinter {
  /// Prints `for (...)`.
  mutating func header(of loop: CLoop) {
    text("for (")
    aligned { printer in
      if let first = loop.first { printer.simple(first) }
      printer.text(";")
      if let condition = loop.condition {
        printer.gap()
        printer.print(condition, .free)
      }
      printer.text(";")
      if let step = loop.step {
        printer.gap()
        printer.simple(step)
      }
      printer.text(")")
    }
  }

  /// Prints a statement that holds no other one, without its semicolon.
  mutating func simple(_ statement: CStatement) {
    switch statement {
    case .declaration(let declaration): self.declaration(declaration)
    case .assignment(let target, let operation, let value):
      print(target, .free)
      text(" \(operation.rawValue) ")
      aligned(.forLongWords) { $0.print(value, .free) }
    case .increment(let target):
      print(target, .postfixed)
      text("++")
    case .expression(let value): print(value, .free)
    case .return(let value):
      text("return")
      guard let value else { return }
      text(" ")
      aligned { $0.print(value, .free) }
    case .continue: text("continue")
    case .break: text("break")
    case .branch, .loop, .macroLoop, .choice, .block, .comment, .commented, .blank, .raw:
      preconditionFailure("C printer: a statement that holds others stands where none may")
    }
  }

  mutating func declaration(_ declaration: CDeclaration) {
    for word in declaration.prefix { text(word + " ") }
    text(declaration.type.base + " ")
    aligned { printer in
      for (i, variable) in declaration.variables.enumerated() {
        if i > 0 {
          printer.text(",")
          printer.gap()
        }
        printer.aligned { $0.variable(variable, declaration.type) }
      }
    }
  }

  private mutating func variable(_ variable: CVariable, _ type: CType) {
    text(type.declarator(variable.name))
    guard let initial = variable.initial else { return }
    text(" = ")
    aligned(.forLongWords) { $0.print(initial, .free) }
  }
}
