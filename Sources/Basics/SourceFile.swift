/// A text that a user wrote, with the name that messages give it.
package struct SourceFile: Sendable {
  /// The name as messages show it: a path, or `-` for standard input.
  package let name: String
  /// The bytes as they were read; they may be no UTF-8.
  package let bytes: [UInt8]
  /// The offsets at which lines begin, ascending.
  private let lineStarts: [Int]

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var starts = [0]
    for (offset, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
      starts.append(offset + 1)
    }
    lineStarts = starts
  }

  package init(name: String, text: String) {
    self.init(name: name, bytes: Array(text.utf8))
  }

  /// The whole text, with U+FFFD where the bytes are no UTF-8.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The text of `span`.
  package func text(of span: SourceSpan) -> String {
    String(decoding: bytes[clamped(span)], as: UTF8.self)
  }

  /// The number of the line that holds `offset`, from 1.
  package func line(at offset: Int) -> Int {
    var low = 0
    var high = lineStarts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if lineStarts[middle] <= offset { low = middle } else { high = middle }
    }
    return low + 1
  }

  /// The place of `offset` as line and column, both from 1; columns count Unicode scalars.
  package func position(at offset: Int) -> (line: Int, column: Int) {
    let line = line(at: offset)
    let before = clamped(SourceSpan(lineStarts[line - 1], offset))
    return (line, String(decoding: bytes[before], as: UTF8.self).unicodeScalars.count + 1)
  }

  /// The bytes of the line numbered `line` from 1, without its end.
  package func span(ofLine line: Int) -> SourceSpan {
    let start = lineStarts[line - 1]
    var end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return SourceSpan(start, end)
  }

  private func clamped(_ span: SourceSpan) -> Range<Int> {
    let lower = min(max(span.lower, 0), bytes.count)
    return lower..<min(max(span.upper, lower), bytes.count)
  }
}

/// A stretch of a source file, in bytes from its beginning.
package struct SourceSpan: Hashable, Sendable {
  /// The first byte.
  package var lower: Int
  /// The byte after the last one.
  package var upper: Int

  package init(_ lower: Int, _ upper: Int) {
    self.lower = lower
    self.upper = upper
  }

  /// The stretch from the beginning of this span to the end of `other`.
  package func through(_ other: SourceSpan) -> SourceSpan {
    SourceSpan(lower, max(upper, other.upper))
  }
}

extension SourceFile {
  /// The text of `span` as messages quote it: on one line, and cut if it is long.
  package func quotation(of span: SourceSpan) -> String {
    let start = text(of: SourceSpan(span.lower, min(span.upper, span.lower + 400)))
    let words = start.split { $0.isWhitespace }.joined(separator: " ")
    return words.count <= 60 ? words : words.prefix(59) + "…"
  }
}
