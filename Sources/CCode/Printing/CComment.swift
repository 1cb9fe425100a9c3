/// The text of comments, wrapped to the width of a line.
enum CComment {
  /// The lines of a comment in `/*` and `*/`, or of a documentation comment in `/**` and `*/`.
  ///
  /// Lines of `text` are paragraphs; an empty one parts them, and one that begins with a space is
  /// kept as it is. A comment with an empty line in it closes on a line of its own.
  static func lines(_ text: String, opening: String = "/*", indent: Int) -> [String] {
    let margin = String(repeating: " ", count: indent)
    let next = opening == "/**" ? " *  " : " * "
    let width = CLineFiller.width - indent - next.count
    let paragraphs = harmless(text).split(separator: "\n", omittingEmptySubsequences: false)
    var lines = paragraphs.flatMap { wrapped($0, width: width) }
    let isLong = lines.contains("")
    if let last = lines.last, !isLong, last.count + 3 > width {
      // The closing `*/` moves a word to the next line with it.
      lines.removeLast()
      lines += wrapped(last[...], width: width - 4)
    }
    lines = lines.enumerated().map { i, line in
      i == 0 ? opening + " " + line : (line.isEmpty ? " *" : next + line)
    }
    if isLong {
      lines.append(" */")
    } else {
      lines[lines.count - 1] += " */"
    }
    return lines.map { margin + $0 }
  }

  /// A comment on the line of something else.
  static func inline(_ text: String) -> String {
    "/* " + harmless(text).split(whereSeparator: \.isNewline).joined(separator: " ") + " */"
  }

  /// `text` without what would end the comment or begin another one.
  private static func harmless(_ text: String) -> String {
    var result = ""
    for character in text {
      let isPair =
        (result.last == "*" && character == "/") || (result.last == "/" && character == "*")
      if isPair { result += " " }
      result.append(character)
    }
    return result
  }

  private static func wrapped(_ paragraph: Substring, width: Int) -> [String] {
    if paragraph.isEmpty || paragraph.first == " " { return [String(paragraph)] }
    var lines = [""]
    for word in paragraph.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if line.count + 1 + word.count <= width {
        lines[lines.count - 1] = line + " " + word
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
