extension CParser {
  /// An expression without commas and assignments.
  mutating func expression() throws(Failure) -> CExpression {
    let condition = try binary(over: 0)
    guard accept("?") else { return condition }
    let first = try expression()
    try expect(":")
    return .conditional(condition, first, try expression())
  }

  /// Binary operators from the weakest; those of a level join from left to right.
  private static let levels: [[String]] = [
    ["||"], ["&&"], ["|"], ["^"], ["&"], ["==", "!="], ["<", "<=", ">", ">="], ["<<", ">>"],
    ["+", "-"], ["*", "/", "%"],
  ]

  private mutating func binary(over level: Int) throws(Failure) -> CExpression {
    if level == Self.levels.count { return try unary() }
    var left = try binary(over: level + 1)
    while case .punctuation(let text) = peek, Self.levels[level].contains(text),
      let operation = CBinary(rawValue: text)
    {
      position += 1
      left = .binary(operation, left, try binary(over: level + 1))
    }
    return left
  }

  private mutating func unary() throws(Failure) -> CExpression {
    if accept("--") {
      countedDown.append(try unary())
      return countedDown[countedDown.count - 1]
    }
    if case .punctuation(let text) = peek, let operation = CUnary(rawValue: text) {
      position += 1
      return .unary(operation, try unary())
    }
    if peek == .punctuation("(") {
      position += 1
      if isType {
        let type = try type()
        try expect(")")
        return .cast(type, try unary())
      }
      let inner = try expression()
      try expect(")")
      return try postfix(inner)
    }
    return try postfix(primary())
  }

  private mutating func primary() throws(Failure) -> CExpression {
    switch peek {
    case .identifier(let name):
      position += 1
      return .name(name)
    case .number(let text):
      position += 1
      guard let value = Self.number(text) else { throw Failure(message: "number \(text)") }
      return value
    case .punctuation, .end: throw Failure(message: "expected an operand before \(peek)")
    }
  }

  private static func number(_ text: String) -> CExpression? {
    if text.hasPrefix("0x"), text.contains("p") {
      if text.hasSuffix("f") { return Float(text.dropLast()).map { .float($0) } }
      return Double(text).map { .double($0) }
    }
    if text.hasPrefix("0x") {
      return Int64(text.dropFirst(2).filter { $0 != "u" && $0 != "l" }, radix: 16)
        .map { .integer($0) }
    }
    if text.contains(".") || text.contains("e") {
      if text.hasSuffix("f") { return Float(text.dropLast()).map { .float($0) } }
      return Double(text).map { .double($0) }
    }
    return Int64(text.filter { $0 != "u" && $0 != "l" }).map { .integer($0) }
  }

  private mutating func postfix(_ start: CExpression) throws(Failure) -> CExpression {
    var value = start
    while true {
      if accept("(") {
        var arguments: [CExpression] = []
        if !accept(")") {
          repeat { arguments.append(try expression()) } while accept(",")
          try expect(")")
        }
        value = .call(value, arguments)
      } else if accept("[") {
        value = .index(value, try expression())
        try expect("]")
      } else if accept(".") {
        value = .member(value, try identifier())
      } else if accept("->") {
        value = .pointerMember(value, try identifier())
      } else {
        return value
      }
    }
  }

  /// An initial value: an expression, or a list in braces.
  mutating func initializer() throws(Failure) -> CExpression {
    guard accept("{") else { return try expression() }
    var values: [CInitializer] = []
    repeat {
      var member: String?
      if accept(".") {
        member = try identifier()
        try expect("=")
      }
      values.append(CInitializer(try initializer(), for: member))
    } while accept(",")
    try expect("}")
    return .initializer(values)
  }
}
