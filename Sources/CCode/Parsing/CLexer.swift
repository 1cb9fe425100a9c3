/// A word of C.
enum CToken: Hashable {
  case identifier(String)
  /// A number as it is written.
  case number(String)
  case punctuation(String)
  case end
}

/// Cuts C into words; comments and preprocessor lines are left out.
struct CLexer {
  private let bytes: [UInt8]
  private var position = 0

  /// The words of `text`, ended by `.end`.
  static func tokens(of text: String) -> [CToken] {
    var lexer = CLexer(bytes: Array(text.utf8))
    var tokens: [CToken] = []
    while let token = lexer.next() { tokens.append(token) }
    return tokens + [.end]
  }

  private init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  private mutating func next() -> CToken? {
    skipBlanks()
    guard position < bytes.count else { return nil }
    let first = byte()
    if isLetter(first) { return .identifier(take(while: isPartOfName)) }
    if isDigit(first) || (first == UInt8(ascii: ".") && isDigit(byte(1))) { return number() }
    return .punctuation(punctuation())
  }

  private mutating func skipBlanks() {
    while position < bytes.count {
      if byte() == UInt8(ascii: "#") {
        skipDirective()
      } else if byte() == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
        position += 2
        while position < bytes.count, !(byte() == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/"))
        {
          position += 1
        }
        position += 2
      } else if byte() <= 32 {
        position += 1
      } else {
        return
      }
    }
  }

  /// Skips a preprocessor line with all that continue it.
  private mutating func skipDirective() {
    while position < bytes.count, byte() != UInt8(ascii: "\n") {
      position += byte() == UInt8(ascii: "\\") ? 2 : 1
    }
  }

  private mutating func take(while holds: (UInt8) -> Bool) -> String {
    let start = position
    while position < bytes.count, holds(byte()) { position += 1 }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func number() -> CToken {
    let start = position
    while isLetter(byte()) || isDigit(byte()) || byte() == UInt8(ascii: ".")
      || ((byte() == UInt8(ascii: "-") || byte() == UInt8(ascii: "+"))
        && isExponent(bytes[position - 1] | 32, in: start))
    {
      position += 1
    }
    return .number(String(decoding: bytes[start..<position], as: UTF8.self))
  }

  /// `true` iff a number that begins at `start` goes on with a sign after this letter.
  private func isExponent(_ letter: UInt8, in start: Int) -> Bool {
    let isHexadecimal = start + 1 < bytes.count && bytes[start + 1] | 32 == UInt8(ascii: "x")
    return letter == (isHexadecimal ? UInt8(ascii: "p") : UInt8(ascii: "e"))
  }

  private mutating func punctuation() -> String {
    let pair = String(decoding: [byte(), byte(1)], as: UTF8.self)
    let pairs = [
      "<=", ">=", "==", "!=", "&&", "||", "<<", ">>", "->", "++", "--", "+=", "-=", "*=", "/=",
    ]
    if pairs.contains(pair) {
      position += 2
      return pair
    }
    position += 1
    return String(decoding: [bytes[position - 1]], as: UTF8.self)
  }
}

/// `true` iff identifiers may hold this byte.
func isPartOfName(_ byte: UInt8) -> Bool { isLetter(byte) || isDigit(byte) }

private func isLetter(_ byte: UInt8) -> Bool {
  (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
}

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
