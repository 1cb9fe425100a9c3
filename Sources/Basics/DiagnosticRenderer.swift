/// Returns `diagnostic` as a person reads it, ending with a line end:
///
///     layer_norm.norm:7:14: error: no value named 'weigth'
///       y = x * weigth
///               ^~~~~~
///     layer_norm.norm:7:14: note: did you mean 'weight'?
package func rendered(_ diagnostic: Diagnostic, in source: SourceFile) -> String {
  var text = header(
    diagnostic.severity.rawValue, diagnostic.message, at: diagnostic.span, in: source)
  text += excerpt(diagnostic.span, in: source)
  for note in diagnostic.notes {
    text += header("note", note.message, at: note.span ?? diagnostic.span, in: source)
    if let span = note.span, span != diagnostic.span { text += excerpt(span, in: source) }
  }
  return text
}

/// The widest part of a source line that is shown, in Unicode scalars.
private let widestExcerpt = 160

private func header(
  _ kind: String, _ message: String, at span: SourceSpan, in source: SourceFile
) -> String {
  let (line, column) = source.position(at: span.lower)
  return "\(source.name):\(line):\(column): \(kind): \(message)\n"
}

/// The line of `span` and a line of carets under the words, both cut to a readable width.
private func excerpt(_ span: SourceSpan, in source: SourceFile) -> String {
  let line = source.span(ofLine: source.line(at: span.lower))
  let scalars = Array(source.text(of: line).unicodeScalars)
  let column = source.position(at: span.lower).column - 1
  let end = min(span.upper, line.upper)
  let width = max(1, source.text(of: SourceSpan(span.lower, end)).unicodeScalars.count)
  let first = column + min(width, 40) <= widestExcerpt ? 0 : column - 40
  let last = min(scalars.count, first + widestExcerpt)
  guard first <= last else { return "" }
  var shown = String.UnicodeScalarView()
  // Control characters would move the cursor, and the carets with it.
  shown.append(contentsOf: scalars[first..<last].map { $0.value < 32 && $0 != "\t" ? "?" : $0 })
  let padding = (first..<column).map { $0 < scalars.count && scalars[$0] == "\t" ? "\t" : " " }
  let tildes = String(repeating: "~", count: max(0, min(width, max(1, last - column)) - 1))
  return "  \(String(shown))\n  \(padding.joined())^\(tildes)\n"
}
