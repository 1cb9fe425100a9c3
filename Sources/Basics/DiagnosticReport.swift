/// A diagnostic as programs read it; lines and columns count from 1.
package struct DiagnosticReport: Codable, Hashable, Sendable {
  package var file: String
  package var severity: Diagnostic.Severity
  package var message: String
  package var range: Range
  package var notes: [Note]

  /// A stretch of a file; the end is the place after the last character.
  package struct Range: Codable, Hashable, Sendable {
    package var line: Int
    package var column: Int
    package var endLine: Int
    package var endColumn: Int

    package init(line: Int, column: Int, endLine: Int, endColumn: Int) {
      self.line = line
      self.column = column
      self.endLine = endLine
      self.endColumn = endColumn
    }
  }

  package struct Note: Codable, Hashable, Sendable {
    package var message: String
    package var range: Range
  }
}

extension DiagnosticSet {
  /// The diagnostics as values that an encoder takes.
  package var reports: [DiagnosticReport] {
    entries.map { entry in
      let diagnostic = entry.diagnostic
      return DiagnosticReport(
        file: entry.source.name, severity: diagnostic.severity, message: diagnostic.message,
        range: range(diagnostic.span, in: entry.source),
        notes: diagnostic.notes.map {
          .init(message: $0.message, range: range($0.span ?? diagnostic.span, in: entry.source))
        })
    }
  }
}

private func range(_ span: SourceSpan, in source: SourceFile) -> DiagnosticReport.Range {
  let start = source.position(at: span.lower)
  let end = source.position(at: span.upper)
  return .init(
    line: start.line, column: start.column, endLine: end.line, endColumn: end.column)
}
