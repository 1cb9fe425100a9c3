/// Reads the tokens of a header's dictionary.
struct HeaderParser {
  /// The entries that were found; each is `nil` until its key is met.
  struct Entries {
    var descriptor: String?
    var isFortran: Bool?
    var shape: [Int]?
  }

  private let text: [UInt8]
  private var position = 0

  init(_ text: [UInt8]) {
    self.text = text
  }

  /// Reads the whole dictionary.
  mutating func entries() throws(HeaderProblem) -> Entries {
    var entries = Entries()
    try expect("{")
    while !take("}") {
      try readEntry(into: &entries)
      if !take(",") {
        try expect("}")
        break
      }
    }
    skipSpaces()
    guard position == text.count else { throw .malformed("text follows the dictionary") }
    return entries
  }

  private mutating func readEntry(into entries: inout Entries) throws(HeaderProblem) {
    let key = try string()
    try expect(":")
    switch key {
    case "descr":
      try expectFirst(key, entries.descriptor)
      entries.descriptor = try descriptor()
    case "fortran_order":
      try expectFirst(key, entries.isFortran)
      entries.isFortran = try truth()
    case "shape":
      try expectFirst(key, entries.shape)
      entries.shape = try tuple()
    default:
      throw .malformed("'\(key)' is not one of 'descr', 'fortran_order', 'shape'")
    }
  }

  private func expectFirst(_ key: String, _ earlier: Any?) throws(HeaderProblem) {
    if earlier != nil { throw .malformed("'\(key)' stands twice") }
  }

  /// A type's code; a list stands for records, which no tensor of a norm has.
  private mutating func descriptor() throws(HeaderProblem) -> String {
    skipSpaces()
    if position < text.count, text[position] == UInt8(ascii: "[") {
      throw .problem(.unknownType("'record'"))
    }
    return try string()
  }

  private mutating func string() throws(HeaderProblem) -> String {
    skipSpaces()
    guard position < text.count else { throw .malformed("it ends where a string should stand") }
    let quote = text[position]
    guard quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw .malformed("expected a string in quotes \(place)")
    }
    let start = position + 1
    guard let end = text[start...].firstIndex(of: quote) else {
      throw .malformed("a string has no closing quote")
    }
    let content = text[start..<end]
    // Escapes and other letters occur in the names of records only.
    guard content.allSatisfy({ (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
      throw .malformed("expected plain ASCII in a string \(place)")
    }
    position = end + 1
    return String(decoding: content, as: UTF8.self)
  }

  private mutating func truth() throws(HeaderProblem) -> Bool {
    if take("True") { return true }
    if take("False") { return false }
    throw .malformed("expected True or False \(place)")
  }

  private mutating func tuple() throws(HeaderProblem) -> [Int] {
    var extents: [Int] = []
    try expect("(")
    while !take(")") {
      extents.append(try extent())
      guard extents.count <= NumPyHeader.maximumRank else {
        throw .malformed("the shape has more than \(NumPyHeader.maximumRank) dimensions")
      }
      if !take(",") {
        // `(3)` is a number in Python, no tuple.
        guard extents.count > 1 else { throw .malformed("expected ',' \(place)") }
        try expect(")")
        break
      }
    }
    return extents
  }

  private mutating func extent() throws(HeaderProblem) -> Int {
    skipSpaces()
    let digits = text[position...].prefix { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    guard !digits.isEmpty else { throw .malformed("expected a size from 0 \(place)") }
    guard let extent = Int(String(decoding: digits, as: UTF8.self)) else {
      throw .malformed("a size of the shape is too large")
    }
    position = digits.endIndex
    // Python 2 wrote long integers so.
    if position < text.count, text[position] == UInt8(ascii: "L") { position += 1 }
    return extent
  }

  private mutating func expect(_ token: StaticString) throws(HeaderProblem) {
    guard take(token) else { throw .malformed("expected '\(token)' \(place)") }
  }

  /// Moves over `token` if it stands next.
  private mutating func take(_ token: StaticString) -> Bool {
    skipSpaces()
    let matches = token.withUTF8Buffer { text[position...].starts(with: $0) }
    if matches { position += token.utf8CodeUnitCount }
    return matches
  }

  private mutating func skipSpaces() {
    while position < text.count, [0x20, 0x09, 0x0A, 0x0D].contains(text[position]) {
      position += 1
    }
  }

  private var place: String { "at byte \(position) of it" }
}
