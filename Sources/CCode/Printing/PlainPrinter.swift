extension CFile {
  /// The text of the file for compilers alone: without comments, the lines as long as they get.
  package var plainText: String {
    var printer = PlainPrinter()
    for item in items { printer.print(item) }
    return printer.out.plain
  }
}

/// Prints what no person reads, in a fraction of the time that readable lines take.
private struct PlainPrinter {
  private(set) var out = ExpressionPrinter(.plain)

  mutating func print(_ item: CItem) {
    switch item {
    case .comment, .section: return
    case .function(let function):
      head(function)
      body(function.body)
      out.text("\n")
    case .prototype(let function):
      head(function)
      out.text(";\n")
    case .structure(let structure): self.structure(structure)
    case .enumeration(let enumeration): self.enumeration(enumeration)
    case .variables(let declaration, _): print(.declaration(declaration))
    case .raw(let text):
      out.text(text)
      out.text("\n")
    }
  }

  private mutating func head(_ function: CFunction) {
    for word in function.prefix { out.text(word + " ") }
    out.text(function.result.base + " ")
    out.text(function.result.declarator(function.name))
    if function.parameters.isEmpty { return out.text("(void)") }
    out.list("(", function.parameters, ")") { $0.text($1.type.declaring($1.name)) }
  }

  private mutating func structure(_ structure: CStructure) {
    open("struct", structure.tag, isNamed: structure.typeName != nil)
    for member in structure.members {
      out.text(member.type.base + " ")
      out.text(member.names.map { member.type.declarator($0) }.joined(separator: ", "))
      out.text(";\n")
    }
    close(structure.typeName)
  }

  private mutating func enumeration(_ enumeration: CEnumeration) {
    open("enum", enumeration.tag, isNamed: enumeration.typeName != nil)
    for constant in enumeration.constants {
      out.text(constant.name)
      if let value = constant.value {
        out.text(" = ")
        out.print(value, .free)
      }
      out.text(",\n")
    }
    close(enumeration.typeName)
  }

  private mutating func open(_ keyword: String, _ tag: String?, isNamed: Bool) {
    if isNamed { out.text("typedef ") }
    out.text(keyword)
    if let tag { out.text(" " + tag) }
    out.text(" {\n")
  }

  private mutating func close(_ typeName: String?) {
    out.text("}")
    if let typeName { out.text(" " + typeName) }
    out.text(";\n")
  }

  private mutating func body(_ statements: [CStatement]) {
    out.text("{\n")
    for statement in statements { print(statement) }
    out.text("}")
  }

  private mutating func print(_ statement: CStatement) {
    switch statement {
    case .declaration, .assignment, .increment, .expression, .return, .continue, .break:
      out.simple(statement)
      out.text(";\n")
    case .branch(let condition, let body, let otherwise):
      out.text("if (")
      out.print(condition, .free)
      out.text(") ")
      self.body(body)
      if !otherwise.isEmpty {
        out.text(" else ")
        self.body(otherwise)
      }
      out.text("\n")
    case .loop(let loop):
      out.header(of: loop)
      block(loop.body)
    case .macroLoop(let header, let body):
      out.print(header, .free)
      block(body)
    case .choice(let value, let cases): choice(value, cases)
    case .block(let body): block(body)
    case .comment, .blank: return
    case .commented(let statement, _): print(statement)
    case .raw(let text):
      out.text(text)
      out.text("\n")
    }
  }

  private mutating func block(_ statements: [CStatement]) {
    body(statements)
    out.text("\n")
  }

  private mutating func choice(_ value: CExpression, _ cases: [CCase]) {
    out.text("switch (")
    out.print(value, .free)
    out.text(") {\n")
    for option in cases {
      out.text("case ")
      out.print(option.value, .free)
      out.text(":\n")
      for statement in option.body { print(statement) }
    }
    out.text("}\n")
  }
}
