/// Some lines of a text of C that stay or go together.
///
/// The text is one that we write: definitions begin at the margin, and a comment before one has
/// lines of its own.
struct CTextPart {
  enum Kind {
    case blank
    /// `#if`, `#ifdef` or `#ifndef`, with the comment directly before it.
    case condition
    /// `#else` or `#elif`
    case alternative
    /// `#endif`
    case conditionEnd
    /// What gives `names`.
    case definition
    /// `#undef` of one of `names`
    case undefinition
    case other
  }

  var kind: Kind
  /// The lines without their ends.
  var lines: [Substring]
  /// What a definition defines; empty for what is none.
  var names: [Substring] = []

  /// The identifiers outside of comments.
  var mentioned: [Substring] { CTextPart.identifiers(in: lines) }

  /// The parts of `text` in order: together, all of its lines.
  static func parts(of text: String) -> [CTextPart] {
    var reader = PartReader(lines: text.split(separator: "\n", omittingEmptySubsequences: false))
    if reader.lines.last == "" { reader.lines.removeLast() }
    var parts: [CTextPart] = []
    while let part = reader.next() { parts.append(part) }
    return parts
  }

  /// The identifiers of `lines`, which begin outside of a comment; and numbers, which nothing
  /// defines.
  fileprivate static func identifiers(in lines: [Substring]) -> [Substring] {
    var found: [Substring] = []
    var inComment = false
    for line in lines {
      let bytes = line.utf8
      var i = bytes.startIndex
      while i < bytes.endIndex {
        let next = bytes.index(after: i)
        let pair = (bytes[i], next < bytes.endIndex ? bytes[next] : 0)
        if pair == (UInt8(ascii: inComment ? "*" : "/"), UInt8(ascii: inComment ? "/" : "*")) {
          inComment.toggle()
          i = bytes.index(after: next)
        } else if !inComment, isPartOfName(bytes[i]) {
          let end = bytes[i...].firstIndex { !isPartOfName($0) } ?? bytes.endIndex
          found.append(line[i..<end])
          i = end
        } else {
          i = next
        }
      }
    }
    return found
  }
}

/// Cuts a text into its parts.
private struct PartReader {
  var lines: [Substring]
  private var position = 0

  init(lines: [Substring]) {
    self.lines = lines
  }

  mutating func next() -> CTextPart? {
    guard position < lines.count else { return nil }
    if lines[position].isEmpty {
      position += 1
      return CTextPart(kind: .blank, lines: [""])
    }
    let comment = takeComment()
    guard position < lines.count, !lines[position].isEmpty else {
      return CTextPart(kind: .other, lines: comment)
    }
    return lines[position].hasPrefix("#") ? directive(after: comment) : code(after: comment)
  }

  /// The lines of a comment that has lines of its own; none if there is no such.
  private mutating func takeComment() -> [Substring] {
    guard lines[position].hasPrefix("/*") else { return [] }
    let end = lines[position...].firstIndex { $0.hasSuffix("*/") } ?? lines.count - 1
    defer { position = end + 1 }
    return Array(lines[position...end])
  }

  private mutating func directive(after comment: [Substring]) -> CTextPart {
    let start = position
    while position + 1 < lines.count, lines[position].hasSuffix("\\") { position += 1 }
    position += 1
    let words = CTextPart.identifiers(in: [lines[start]])
    var part = CTextPart(kind: .other, lines: comment + lines[start..<position])
    switch words.first ?? "" {
    case "if", "ifdef", "ifndef": part.kind = .condition
    case "elif", "else": part.kind = .alternative
    case "endif": part.kind = .conditionEnd
    case "define": (part.kind, part.names) = (.definition, Array(words.dropFirst().prefix(1)))
    case "undef": (part.kind, part.names) = (.undefinition, Array(words.dropFirst().prefix(1)))
    default: break
    }
    return part
  }

  private mutating func code(after comment: [Substring]) -> CTextPart {
    let start = position
    let first = lines[start]
    let isFunction = ["HELPER ", "INLINE ", "SHARED "].contains { first.hasPrefix($0) }
    guard isFunction || first.hasPrefix("typedef ") || first.hasPrefix("enum {") else {
      position += 1
      return CTextPart(kind: .other, lines: comment + [first])
    }
    takeDefinition()
    let code = Array(lines[start..<position])
    return CTextPart(
      kind: .definition, lines: comment + code, names: isFunction ? functionName(code) : names(code)
    )
  }

  /// Goes behind the end of the definition that begins here: where all braces are closed.
  private mutating func takeDefinition() {
    var depth = 0
    while position < lines.count {
      for byte in lines[position].utf8 {
        if byte == UInt8(ascii: "{") { depth += 1 }
        if byte == UInt8(ascii: "}") { depth -= 1 }
      }
      position += 1
      let line = lines[position - 1]
      if depth == 0, line.hasSuffix("}") || line.hasSuffix(";") { return }
    }
  }

  /// The name before the parameters, where `NAME(f)` stands for f.
  private func functionName(_ code: [Substring]) -> [Substring] {
    let words = CTextPart.identifiers(in: code)
    let head = code[0].prefix { $0 != "(" }
    let count = CTextPart.identifiers(in: [head]).count
    let isMade = count > 0 && words[count - 1] == "NAME"
    return words.dropFirst(isMade ? count : count - 1).prefix(1).map { $0 }
  }

  /// The name of a type, or those of the constants of an enumeration.
  private func names(_ code: [Substring]) -> [Substring] {
    if code[0].hasPrefix("typedef ") {
      return CTextPart.identifiers(in: code).suffix(1).map { $0 }
    }
    return code.flatMap { line in
      line.split(separator: "=").dropLast().flatMap {
        CTextPart.identifiers(in: [$0]).suffix(1)
      }
    }
  }
}
