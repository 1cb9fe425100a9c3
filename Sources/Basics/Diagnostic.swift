/// Something that is wrong, or doubtful, at one place of a source file.
package struct Diagnostic: Hashable, Sendable {
  package var severity: Severity
  /// One sentence in lower case, without a full stop, with the user's words in quotes.
  package var message: String
  /// The exact words that are meant.
  package var span: SourceSpan
  /// Further places, and what would put it right.
  package var notes: [Note]

  package enum Severity: String, Hashable, Codable, Sendable {
    case error, warning
  }

  /// A remark that belongs to a diagnostic.
  package struct Note: Hashable, Sendable {
    package var message: String
    /// The place it is about; `nil` for that of the diagnostic.
    package var span: SourceSpan?

    package init(_ message: String, at span: SourceSpan? = nil) {
      self.message = message
      self.span = span
    }
  }

  package init(
    _ severity: Severity, _ message: String, at span: SourceSpan, notes: [Note] = []
  ) {
    self.severity = severity
    self.message = message
    self.span = span
    self.notes = notes
  }

  /// An error without notes, or with one that says how to put it right.
  package static func error(
    _ message: String, at span: SourceSpan, fix: String? = nil
  ) -> Diagnostic {
    Diagnostic(.error, message, at: span, notes: fix.map { [Note($0)] } ?? [])
  }

  /// A warning without notes, or with one that says how to put it right.
  package static func warning(
    _ message: String, at span: SourceSpan, fix: String? = nil
  ) -> Diagnostic {
    Diagnostic(.warning, message, at: span, notes: fix.map { [Note($0)] } ?? [])
  }
}
