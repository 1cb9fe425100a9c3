extension CExpression {
  /// The expression on one line.
  package var text: String {
    var printer = ExpressionPrinter()
    printer.print(self, .free)
    return printer.pieces.flattened
  }
}

extension [CPiece] {
  /// The pieces on one line.
  var flattened: String {
    reduce(into: "") { text, piece in
      switch piece {
      case .text(let part), .gap(let part): text += part
      case .open, .close: break
      }
    }
  }
}

/// Turns expressions and declarations into pieces of text, or into text for compilers alone.
struct ExpressionPrinter {
  /// What becomes of the text.
  enum Layout {
    /// Pieces, of which lines of a bounded width can be made.
    case pieces
    /// One text, with line ends only where statements end.
    case plain
  }

  private let layout: Layout
  private(set) var pieces: [CPiece] = []
  /// The text of the plain layout.
  private(set) var plain = ""

  init(_ layout: Layout = .pieces) { self.layout = layout }

  mutating func text(_ text: String) {
    switch layout {
    case .pieces: pieces.append(.text(text))
    case .plain: plain += text
    }
  }

  mutating func gap(_ space: String = " ") {
    switch layout {
    case .pieces: pieces.append(.gap(space))
    case .plain: plain += space
    }
  }

  /// Runs `body`; lines that begin inside of it align, as `hang` says.
  mutating func aligned(_ hang: CHang = .never, _ body: (inout Self) -> Void) {
    switch layout {
    case .pieces:
      pieces.append(.open(hang))
      body(&self)
      pieces.append(.close)
    case .plain: body(&self)
    }
  }

  /// Prints `expression` in `place`, in parentheses where these are needed.
  mutating func print(_ expression: CExpression, _ place: COperandPlace) {
    guard place.needsParentheses(expression) else { return printBare(expression) }
    text("(")
    aligned { $0.printBare(expression) }
    text(")")
  }

  private mutating func printBare(_ expression: CExpression) {
    switch expression {
    case .name(let name): text(name)
    case .integer(let value): text(CLiteral.integer(value))
    case .size(let value): text(CLiteral.size(value))
    case .float(let value): text(CLiteral.float(value))
    case .double(let value): text(CLiteral.double(value))
    case .string(let value): text(CLiteral.string(value))
    case .call(let function, let arguments):
      printCalled(function)
      list("(", arguments, ")") { $0.print($1, .argument) }
    case .index(let array, let index):
      print(array, .postfixed)
      text("[")
      aligned { $0.print(index, .free) }
      text("]")
    case .member(let value, let member):
      print(value, .postfixed)
      text("." + member)
    case .pointerMember(let pointer, let member):
      print(pointer, .postfixed)
      text("->" + member)
    case .unary(let operation, let operand):
      text(operation.rawValue)
      print(operand, .prefixed(by: operation))
    case .binary(let operation, let a, let b): aligned { $0.chain(operation, a, b) }
    case .conditional(let condition, let a, let b):
      aligned { $0.conditional(condition, a, b) }
    case .cast(let type, let operand):
      text("(\(type.declaring("")))")
      print(operand, .castOperand)
    case .compound(let type, let values):
      text("(\(type.declaring("")))")
      initializer(values)
    case .initializer(let values): initializer(values)
    case .sizeOf(let type): text("sizeof(\(type.declaring("")))")
    }
  }

  /// What is called; `NAME(f)` is one word.
  private mutating func printCalled(_ function: CExpression) {
    switch (layout, function) {
    case (.pieces, .call): text(function.text)
    default: print(function, .postfixed)
    }
  }

  /// `a operation b`; the left operands of operators that bind alike share their alignment.
  private mutating func chain(_ operation: CBinary, _ a: CExpression, _ b: CExpression) {
    if case .binary(let inner, let first, let second) = a,
      inner.precedence == operation.precedence,
      !COperandPlace.leftOf(operation).needsParentheses(a)
    {
      chain(inner, first, second)
    } else {
      print(a, .leftOf(operation))
    }
    text(" " + operation.rawValue)
    gap()
    print(b, .rightOf(operation))
  }

  /// `condition ? a : b`, and so on behind the colon; lines rather end before a colon.
  private mutating func conditional(
    _ condition: CExpression, _ a: CExpression, _ b: CExpression
  ) {
    aligned { printer in
      printer.print(condition, .condition)
      printer.gap()
      printer.text("? ")
      printer.print(a, .thenBranch)
    }
    gap()
    text(": ")
    if case .conditional(let condition, let a, let b) = b {
      conditional(condition, a, b)
    } else {
      print(b, .elseBranch)
    }
  }

  private mutating func initializer(_ values: [CInitializer]) {
    list("{", values, "}") { printer, value in
      if let member = value.member { printer.text(".\(member) = ") }
      printer.print(value.value, .free)
    }
  }

  /// `items` between brackets, with commas and gaps between them.
  mutating func list<Item>(
    _ left: String, _ items: [Item], _ right: String, _ print: (inout Self, Item) -> Void
  ) {
    text(left)
    aligned(.forLongItems) { printer in
      for (i, item) in items.enumerated() {
        print(&printer, item)
        if i + 1 < items.count {
          printer.text(",")
          printer.gap()
        }
      }
      printer.text(right)
    }
  }
}
