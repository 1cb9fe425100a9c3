import Basics

/// Writes a syntax tree with the comments of its source: one statement a line, neighbours lined
/// up, single blank lines kept. A comment behind a statement stays there; one inside it goes
/// before it.
struct Formatter {
  private let source: SourceFile
  private let comments: [Comment]
  /// The index of the first comment that is not written yet.
  private var nextComment = 0
  /// The end of what was written last, as an offset in the source; `nil` where a block begins.
  private var lastEnd: Int?
  private var depth = 0
  private var lines: [String] = []

  /// The widest block that is written on one line.
  private static let width = 100

  init(source: SourceFile, comments: [Comment]) {
    self.source = source
    self.comments = comments
  }

  /// What was written so far, with a line end behind each line.
  var text: String { lines.map { $0 + "\n" }.joined() }

  mutating func write(_ tree: SpecTree) {
    for (index, norm) in tree.norms.enumerated() {
      if index > 0 { separate() }
      write(norm, limit: index + 1 < tree.norms.count ? tree.norms[index + 1].span.lower : nil)
    }
    if !tree.norms.isEmpty, nextComment < comments.count { separate() }
    writeComments(before: source.bytes.count)
  }

  /// Leaves one blank line before what comes next.
  private mutating func separate() {
    lines.append("")
    lastEnd = nil
  }

  private mutating func write(_ norm: NormTree, limit: Int?) {
    writeComments(before: norm.head.upper)
    separateAsInSource(from: norm.span.lower)
    let tensors = norm.tensors.map(\.text).joined(separator: ", ")
    let outputs = norm.outputs.map(\.text).joined(separator: ", ")
    append("norm \(norm.name.text)(\(tensors)) -> \(outputs) {")
    let first = norm.statements.map(\.span.lower).min() ?? norm.span.upper
    writeTrailingComment(after: norm.head.upper, limit: first)
    writeBody(norm.statements, end: norm.span.upper)
    append("}")
    lastEnd = norm.span.upper
    writeTrailingComment(after: norm.span.upper, limit: limit ?? source.bytes.count)
  }

  private mutating func writeBody(_ statements: [Statement], end: Int) {
    lastEnd = nil
    depth += 1
    let widths = columnWidths(of: statements)
    for (index, statement) in statements.enumerated() {
      let next = index + 1 < statements.count ? statements[index + 1].span.lower : end
      write(statement, width: widths[index], limit: next > statement.span.lower ? next : end)
    }
    writeComments(before: end)
    depth -= 1
    lastEnd = nil
  }

  private mutating func write(_ statement: Statement, width: Int, limit: Int) {
    let span = statement.span
    let words = statement.textParts.text(width: width)
    guard let body = statement.body else {
      writeComments(before: span.upper)
      separateAsInSource(from: span.lower)
      append(words)
      lastEnd = max(lastEnd ?? 0, span.upper)
      writeTrailingComment(after: span.upper, limit: limit)
      return
    }
    writeComments(before: span.lower)
    separateAsInSource(from: span.lower)
    if let line = oneLine(words, body, in: span) {
      append(line)
    } else {
      append(words + " {")
      let first = body.map(\.span.lower).min() ?? span.upper
      let opening = source.span(ofLine: source.line(at: span.lower)).upper
      if let comment = pendingComment, comment.span.lower < min(first, opening) {
        appendTrailing(comment)
      }
      writeBody(body, end: max(span.upper, span.lower))
      append("}")
    }
    lastEnd = span.upper
    writeTrailingComment(after: span.upper, limit: limit)
  }

  /// A phase of one equation, `eval { power = phi }`, unless it has comments or is too wide.
  private func oneLine(_ words: String, _ body: [Statement], in span: SourceSpan) -> String? {
    if let comment = pendingComment, comment.span.lower < span.upper { return nil }
    if body.isEmpty { return words + " {}" }
    guard body.count == 1, body[0].body == nil, !words.hasPrefix("gradient") else { return nil }
    let line = "\(words) { \(body[0].textParts.text(width: 0)) }"
    return line.utf8.count + 2 * depth <= Self.width ? line : nil
  }

  private mutating func append(_ line: String) {
    lines.append(String(repeating: "  ", count: depth) + line)
  }
}

// Comments and blank lines.
extension Formatter {
  private var pendingComment: Comment? {
    nextComment < comments.count ? comments[nextComment] : nil
  }

  /// Writes the comments that begin before `offset` on lines of their own.
  private mutating func writeComments(before offset: Int) {
    while let comment = pendingComment, comment.span.lower < offset {
      separateAsInSource(from: comment.span.lower)
      append(comment.text)
      lastEnd = max(lastEnd ?? 0, comment.span.upper)
      nextComment += 1
    }
  }

  /// Writes the comment on the rest of the line that holds `end`, if there is one before `limit`.
  private mutating func writeTrailingComment(after end: Int, limit: Int) {
    guard let comment = pendingComment, comment.span.lower >= end, comment.span.lower < limit,
      source.line(at: comment.span.lower) == source.line(at: max(0, end - 1))
    else { return }
    appendTrailing(comment)
  }

  private mutating func appendTrailing(_ comment: Comment) {
    lines[lines.count - 1] += "  \(comment.text)"
    lastEnd = max(lastEnd ?? 0, comment.span.upper)
    nextComment += 1
  }

  /// Writes a blank line if the source has one behind what was written last.
  private mutating func separateAsInSource(from start: Int) {
    guard let lastEnd, start >= lastEnd, hasBlankLine(after: lastEnd) else { return }
    lines.append("")
  }

  private func hasBlankLine(after offset: Int) -> Bool {
    var ends = 0
    for byte in source.bytes[min(offset, source.bytes.count)...] {
      if byte == UInt8(ascii: "\n") { ends += 1 }
      guard byte == UInt8(ascii: "\n") || byte == 0x20 || byte == 0x09 || byte == 0x0D else {
        break
      }
      if ends == 2 { return true }
    }
    return false
  }
}

// Columns.
extension Formatter {
  /// The widths that the leads of `statements` are padded to: neighbours of one kind without a
  /// blank line or a comment line between them share one.
  private func columnWidths(of statements: [Statement]) -> [Int] {
    var widths = statements.map { $0.textParts.lead.utf8.count }
    var first = 0
    for index in statements.indices {
      let isLast = index + 1 == statements.count
      if isLast || !linesUp(statements[index], statements[index + 1]) {
        let widest = widths[first...index].max() ?? 0
        for member in first...index { widths[member] = widest }
        first = index + 1
      }
    }
    return widths
  }

  private func linesUp(_ statement: Statement, _ next: Statement) -> Bool {
    let column = statement.textParts.column
    guard column == next.textParts.column, column != .none else { return false }
    let end = statement.span.upper
    guard next.span.lower >= end else { return true }
    if hasBlankLine(after: endOfLine(behind: end, before: next.span.lower)) { return false }
    return !hasCommentLine(from: end, to: next.span.upper)
  }

  /// The end of the comment behind a statement that ends at `end`; `end` if there is none.
  private func endOfLine(behind end: Int, before limit: Int) -> Int {
    guard let comment = comments[comments.firstIndex(from: end)...].first,
      comment.span.lower < limit,
      source.line(at: comment.span.lower) == source.line(at: max(0, end - 1))
    else { return end }
    return comment.span.upper
  }

  /// `true` iff a comment between the offsets gets a line of its own.
  private func hasCommentLine(from start: Int, to end: Int) -> Bool {
    let line = source.line(at: max(0, start - 1))
    return comments[comments.firstIndex(from: start)...].prefix { $0.span.lower < end }
      .contains { source.line(at: $0.span.lower) != line }
  }
}
