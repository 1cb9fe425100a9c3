/// Throws for text on which TinyCC would end the process: its parser recurses, so deep nesting
/// overflows the stack.
///
/// What is bounded is the number of *open tokens*: brackets that wait for their other half, and
/// the tokens before them that may wait with them. The parser is never nested deeper than that.
/// Macros are not expanded here; text that nests by macros alone is not ours.
///
/// - Returns: the most tokens that are open at once.
func refusePathological(_ source: String) throws(JITError) -> Int {
  let bytes = Array(source.utf8)
  guard bytes.count <= SourceLimit.bytes else {
    throw .refused("it has \(bytes.count) bytes, more than \(SourceLimit.bytes)")
  }
  guard !bytes.contains(0) else { throw .refused("it has a NUL") }
  var scan = TokenScan(bytes: bytes)
  var nesting = Nesting()
  var most = 0
  while let token = scan.next() {
    if token == .include { throw .refused("line \(scan.line) includes a file") }
    nesting.take(token)
    most = max(most, nesting.openTokens)
    guard nesting.openTokens <= SourceLimit.openTokens else {
      throw .refused("line \(scan.line) is nested too deep")
    }
  }
  return most
}

/// What TinyCC is asked to take.
enum SourceLimit {
  /// Room for some thousand kernels' text, or for machine code embedded in it.
  static let bytes = 32 << 20
  /// Of each open token TinyCC's parser needs at most 1.1 KB of stack (measured); see
  /// `deepStackBytes`.
  static let openTokens = 16_384
  /// So many need 220 KB of it; threads of pools have 512. A choice among twenty kernels has 150.
  static let openTokensOfAnyStack = 200
}

/// The tokens that matter to nesting.
private enum Token {
  case opening, closing, closingBrace, semicolon, comma
  /// A word or sign after which a statement or a condition stays open: `else`, `?`, `case`.
  case lasting
  case other
  /// An `#include`.
  case include
}

/// Counts the tokens that the parser may be waiting in.
private struct Nesting {
  /// The state of a bracket level.
  private struct Level {
    /// Tokens that wait until the end of the expression at most.
    var passing = 0
    /// Tokens that may wait until the end of the level.
    var lasting = 0
    /// All that waits outside the level.
    var outside = 0
  }
  private var current = Level()
  private var enclosing: [Level] = []

  var openTokens: Int { current.outside + current.passing + current.lasting }

  mutating func take(_ token: Token) {
    switch token {
    case .opening:
      enclosing.append(current)
      current = Level(outside: openTokens + 1)
    case .closing, .closingBrace:
      current = enclosing.popLast() ?? Level()
      // A cast's type is bracketed, and waits for its operand.
      current.passing += 1
      if token == .closingBrace && enclosing.isEmpty { current = Level() }
    case .semicolon:
      current.passing = 0
      if enclosing.isEmpty { current.lasting = 0 }
    case .comma: current.passing = 0
    case .lasting: current.lasting += 1
    case .other: current.passing += 1
    case .include: break
    }
  }
}

/// Splits C text into tokens, roughly: comments and white space are left out.
private struct TokenScan {
  let bytes: [UInt8]
  private(set) var line = 1
  private var position = 0
  private var isLineStart = true

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func next() -> Token? {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == newline {
        line += 1
        isLineStart = true
        position += 1
      } else if byte <= UInt8(ascii: " ") {
        position += 1
      } else if !skipComment() {
        return token(startingWith: byte)
      }
    }
    return nil
  }

  private mutating func token(startingWith byte: UInt8) -> Token {
    let startsLine = isLineStart
    isLineStart = false
    if isWordByte(byte) { return word() }
    position += 1
    switch byte {
    case UInt8(ascii: "#"): return startsLine && followsInclude() ? .include : .other
    case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): return .opening
    case UInt8(ascii: ")"), UInt8(ascii: "]"): return .closing
    case UInt8(ascii: "}"): return .closingBrace
    case UInt8(ascii: ";"): return .semicolon
    case UInt8(ascii: ","): return .comma
    case UInt8(ascii: "?"), UInt8(ascii: ":"): return .lasting
    case UInt8(ascii: "\""), UInt8(ascii: "'"): skipLiteral(endingIn: byte)
    default: break
    }
    return .other
  }

  /// Reads a name, keyword or number.
  private mutating func word() -> Token {
    let start = position
    var number: UInt64 = 0
    while position < bytes.count, isWordByte(bytes[position]) {
      number = number << 8 | UInt64(bytes[position])
      position += 1
    }
    return position - start < 8 && openingWords.contains(number) ? .lasting : .other
  }

  private func followsInclude() -> Bool {
    let blanks = [UInt8(ascii: " "), UInt8(ascii: "\t")]
    let text = bytes[position...].drop { blanks.contains($0) }
    return text.starts(with: "include".utf8)
  }

  /// Moves behind the comment that starts here, if one does.
  private mutating func skipComment() -> Bool {
    guard bytes[position] == UInt8(ascii: "/"), position + 1 < bytes.count else { return false }
    if bytes[position + 1] == UInt8(ascii: "/") {
      while position < bytes.count, bytes[position] != newline { position += 1 }
      return true
    }
    guard bytes[position + 1] == UInt8(ascii: "*") else { return false }
    // Not at the first star: `/*/` is no whole comment.
    position += 3
    while position < bytes.count {
      if bytes[position - 1] == newline { line += 1 }
      let ends = bytes[position - 1] == UInt8(ascii: "*") && bytes[position] == UInt8(ascii: "/")
      position += 1
      if ends { return true }
    }
    position = bytes.count
    return true
  }

  private mutating func skipLiteral(endingIn quote: UInt8) {
    while position < bytes.count, bytes[position] != quote, bytes[position] != newline {
      if bytes[position] == UInt8(ascii: "\\") { position += 1 }
      position += 1
    }
    position = min(position + 1, bytes.count)
  }
}

private let newline = UInt8(ascii: "\n")

/// The words that start a statement inside of which another may stand, their bytes as a number.
private let openingWords: [UInt64] = [
  "if", "else", "for", "while", "do", "switch", "case", "default",
].map { $0.utf8.reduce(0) { $0 << 8 | UInt64($1) } }

/// `true` iff the byte stands in names, keywords and numbers.
private func isWordByte(_ byte: UInt8) -> Bool {
  switch byte {
  case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xff:
    true
  default: false
  }
}
