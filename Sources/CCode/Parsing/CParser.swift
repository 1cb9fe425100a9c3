/// Reads the part of C that the prelude and the kernels are written in, back into the tree.
///
///     file       ::= (structure | enumeration | function)*
///     structure  ::= "typedef" "struct" "{" (type name ("," name)* ";")* "}" name ";"
///     function   ::= prefix* type name "(" parameters ")" block
///
/// What else stands between these is skipped.
package struct CParser {
  var tokens: [CToken]
  var position = 0
  /// What the condition that is being read counts down before it is tested.
  var countedDown: [CExpression] = []
  /// The names that stand for types.
  var typeNames: Set<String> = [
    "void", "bool", "int", "size_t", "float", "double", "uint8_t", "uint16_t", "int32_t",
    "uint32_t", "int64_t", "uint64_t", "lanes", "masks", "ints", "half", "wide",
    "uintptr_t", "float_mode",
  ]
  /// The words before a type that say how a function is compiled.
  private static let prefixes: Set<String> = [
    "HELPER", "INLINE", "KERNEL", "SHARED", "static", "inline",
  ]

  /// What is not in the part of C that is read.
  package struct Failure: Error, Hashable {
    package var message: String
  }

  /// The items of `text` that can be read; a function that cannot is left out.
  package static func items(of text: String) -> [CItem] {
    var parser = CParser(tokens: CLexer.tokens(of: text))
    var items: [CItem] = []
    while parser.peek != .end {
      let start = parser.position
      do {
        items.append(try parser.item())
      } catch {
        parser.position = start
        parser.skipItem()
      }
    }
    return items
  }

  // Words

  var peek: CToken { tokens[min(position, tokens.count - 1)] }

  func peek(_ offset: Int) -> CToken { tokens[min(position + offset, tokens.count - 1)] }

  mutating func accept(_ text: String) -> Bool {
    guard peek == .punctuation(text) || peek == .identifier(text) else { return false }
    position += 1
    return true
  }

  mutating func expect(_ text: String) throws(Failure) {
    guard accept(text) else { throw Failure(message: "expected \(text) before \(peek)") }
  }

  mutating func identifier() throws(Failure) -> String {
    guard case .identifier(let name) = peek else {
      throw Failure(message: "expected a name before \(peek)")
    }
    position += 1
    return name
  }

  // Items

  private mutating func item() throws(Failure) -> CItem {
    if accept("typedef") { return .structure(try structure()) }
    if accept("enum") { return .enumeration(try enumeration()) }
    var prefix: [String] = []
    while case .identifier(let word) = peek, Self.prefixes.contains(word) {
      prefix.append(word)
      position += 1
    }
    let result = try type()
    let name = try functionName()
    let parameters = try parameters()
    let body = try block()
    return .function(
      CFunction(
        prefix: prefix, result: result, name: name, parameters: parameters, body: body))
  }

  /// Skips up to the next item: past a `;` or a block outside of all braces.
  private mutating func skipItem() {
    var depth = 0
    while peek != .end {
      let token = peek
      position += 1
      if token == .punctuation("{") { depth += 1 }
      if token == .punctuation("}") {
        depth -= 1
        if depth == 0, peek != .punctuation(";"), !isName(peek) { return }
      }
      if token == .punctuation(";"), depth == 0 { return }
    }
  }

  private func isName(_ token: CToken) -> Bool {
    guard case .identifier(let name) = token else { return false }
    return !typeNames.contains(name) && !Self.prefixes.contains(name) && name != "typedef"
      && name != "enum"
  }

  private mutating func structure() throws(Failure) -> CStructure {
    try expect("struct")
    let tag = peek == .punctuation("{") ? nil : try identifier()
    try expect("{")
    var members: [CMember] = []
    while !accept("}") {
      let type = try type()
      repeat {
        let name = try identifier()
        var own = type
        if accept("[") {
          own = .array(of: type, count: try expression())
          try expect("]")
        }
        members.append(CMember(own, name))
      } while accept(",")
      try expect(";")
    }
    let name = try identifier()
    try expect(";")
    typeNames.insert(name)
    return CStructure(tag: tag, typeName: name, members: members)
  }

  private mutating func enumeration() throws(Failure) -> CEnumeration {
    try expect("{")
    var constants: [CEnumerator] = []
    repeat {
      let name = try functionName()
      let value = accept("=") ? try expression() : nil
      constants.append(CEnumerator(name, value))
    } while accept(",")
    try expect("}")
    try expect(";")
    return CEnumeration(constants: constants)
  }

  /// `name`, or `NAME(name)`.
  private mutating func functionName() throws(Failure) -> String {
    let name = try identifier()
    guard name == "NAME", accept("(") else { return name }
    let inner = try identifier()
    try expect(")")
    return "NAME(\(inner))"
  }

  private mutating func parameters() throws(Failure) -> [CParameter] {
    try expect("(")
    if accept(")") { return [] }
    if peek == .identifier("void"), peek(1) == .punctuation(")") {
      position += 2
      return []
    }
    var parameters: [CParameter] = []
    repeat {
      var type = try type()
      let name = try identifier()
      if accept("[") {
        try expect("]")
        type = .array(of: type, count: nil)
      }
      parameters.append(CParameter(type, name))
    } while accept(",")
    try expect(")")
    return parameters
  }

  // Types

  /// `true` iff a type begins here.
  var isType: Bool {
    guard case .identifier(let name) = peek else { return false }
    return name == "const" || name == "restrict" || typeNames.contains(name)
  }

  mutating func type() throws(Failure) -> CType {
    let isConst = accept("const")
    let name = try identifier()
    guard typeNames.contains(name) else { throw Failure(message: "\(name) is no type") }
    var type = CType.named(name)
    if isConst { type = .const(type) }
    while accept("*") {
      type = .pointer(to: type)
      if accept("const") { type = .const(type) }
    }
    return type
  }
}
