import Basics

/// The tokens of a file, the last of them `end`, and its comments.
struct LexedFile: Sendable {
  var tokens: [Token] = []
  var comments: [Comment] = []
}

/// The most bytes that a spec may have; what is longer was not written by a person.
let largestSpec = 1 << 20

/// Returns the tokens of `source`; `nil` if it is no text, or too long to be a spec.
func lexed(_ source: SourceFile, into log: inout DiagnosticLog) -> LexedFile? {
  if source.bytes.count > largestSpec {
    log.report(.tooLong(bytes: source.bytes.count))
    return nil
  }
  if let offset = source.bytes.firstIndex(of: 0) {
    log.report(.nulByte(at: offset))
    return nil
  }
  if let offset = firstInvalidByte(source.bytes) {
    log.report(.notUnicode(source.bytes[offset], at: offset))
    return nil
  }
  var lexer = Lexer(bytes: source.bytes, log: log)
  lexer.run()
  log = lexer.log
  return lexer.file
}

/// The offset of the first byte that makes `bytes` no UTF-8, or `nil`.
private func firstInvalidByte(_ bytes: [UInt8]) -> Int? {
  var offset = 0
  while offset < bytes.count {
    let byte = bytes[offset]
    if byte < 0x80 {
      offset += 1
      continue
    }
    let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
    let end = min(offset + length, bytes.count)
    guard String(validating: bytes[offset..<end], as: UTF8.self) != nil else { return offset }
    offset = end
  }
  return nil
}

private struct Lexer {
  let bytes: [UInt8]
  var log: DiagnosticLog
  var file = LexedFile()
  private var offset = 0
  private var isAtLineStart = true

  init(bytes: [UInt8], log: DiagnosticLog) {
    self.bytes = bytes
    self.log = log
  }

  mutating func run() {
    while let byte = peek() {
      if byte == UInt8(ascii: "\n") {
        isAtLineStart = true
        offset += 1
      } else if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == 0x0D {
        offset += 1
      } else if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
        readComment()
      } else if isLetter(byte) {
        readName()
      } else if isDigit(byte) {
        readNumber()
      } else {
        readSymbol()
      }
    }
    append(.end, from: offset)
  }

  private func peek(_ distance: Int = 0) -> UInt8? {
    offset + distance < bytes.count ? bytes[offset + distance] : nil
  }

  private mutating func append(_ kind: Token.Kind, from start: Int) {
    file.tokens.append(
      Token(kind: kind, span: SourceSpan(start, offset), startsLine: isAtLineStart))
    isAtLineStart = false
  }

  private func text(from start: Int) -> String {
    String(decoding: bytes[start..<offset], as: UTF8.self)
  }

  private mutating func readComment() {
    let start = offset
    while let byte = peek(), byte != UInt8(ascii: "\n") { offset += 1 }
    let lineEnd = offset
    while offset > start,
      bytes[offset - 1] == 0x0D || bytes[offset - 1] == 0x20
        || bytes[offset - 1] == 0x09
    {
      offset -= 1
    }
    file.comments.append(
      Comment(text: text(from: start), span: SourceSpan(start, offset)))
    offset = lineEnd
  }

  /// name ::= letter (letter | digit | "_")*
  private mutating func readName() {
    let start = offset
    skipWord()
    let word = text(from: start)
    if word.utf8.count != word.unicodeScalars.count {
      log.report(.nameNotASCII(word, at: SourceSpan(start, offset)))
    }
    append(Keyword(rawValue: word).map { .keyword($0) } ?? .name(word), from: start)
  }

  /// Skips letters, digits, underscores and, so that one message covers a word, what is not ASCII.
  private mutating func skipWord() {
    while let byte = peek(), isLetter(byte) || isDigit(byte) || byte == 0x5F || byte >= 0x80 {
      offset += 1
    }
  }

  /// number ::= integer ("." integer)? (("e" | "E") ("+" | "-")? integer)?
  private mutating func readNumber() {
    let start = offset
    skipDigits()
    if peek() == UInt8(ascii: "."), peek(1).map(isDigit) == true {
      offset += 1
      skipDigits()
    }
    if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
      let hasSign = peek(1) == UInt8(ascii: "+") || peek(1) == UInt8(ascii: "-")
      if peek(hasSign ? 2 : 1).map(isDigit) == true {
        offset += hasSign ? 2 : 1
        skipDigits()
      }
    }
    let end = offset
    skipWord()
    if offset > end {
      log.report(.malformedNumber(text(from: start), at: SourceSpan(start, offset)))
      append(.number("1"), from: start)
    } else {
      append(.number(text(from: start)), from: start)
    }
  }

  private mutating func skipDigits() {
    while let byte = peek(), isDigit(byte) { offset += 1 }
  }

  private mutating func readSymbol() {
    let start = offset
    if let symbol = symbolHere {
      offset += symbol.rawValue.utf8.count
      append(.symbol(symbol), from: start)
      return
    }
    if bytes[offset] >= 0x80 || bytes[offset] == UInt8(ascii: "_") {
      skipWord()
      let word = text(from: start)
      log.report(.nameNotASCII(word, at: SourceSpan(start, offset)))
      append(.name(word), from: start)
    } else {
      offset += 1
      log.report(.unknownCharacter(bytes[start], at: SourceSpan(start, offset)))
    }
  }

  /// The longest sign that begins here.
  private var symbolHere: Symbol? {
    symbols[bytes[offset]]?.first { bytes[offset...].starts(with: $0.rawValue.utf8) }
  }
}

/// The signs by their first bytes, in order.
private let symbols = Dictionary(grouping: Symbol.allCases) { $0.rawValue.utf8.first ?? 0 }

private func isLetter(_ byte: UInt8) -> Bool {
  (0x61...0x7A).contains(byte | 0x20)
}

private func isDigit(_ byte: UInt8) -> Bool {
  (0x30...0x39).contains(byte)
}
