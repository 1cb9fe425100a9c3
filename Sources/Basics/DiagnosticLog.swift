/// The diagnostics of one source file while it is read; it stops at `limit`, so that no input
/// makes it long.
package struct DiagnosticLog: Sendable {
  /// The most diagnostics that are kept.
  package static let limit = 100
  /// What was reported, in the order of reports.
  package private(set) var diagnostics: [Diagnostic] = []

  package init() {}

  /// `true` iff further reports are dropped.
  package var isFull: Bool { diagnostics.count > Self.limit }
  /// `true` iff an error was reported.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }
  /// How many errors were reported.
  package var errorCount: Int { diagnostics.count { $0.severity == .error } }

  /// Keeps `diagnostic` unless the log is full; the one that fills it becomes a last word.
  package mutating func report(_ diagnostic: Diagnostic) {
    var diagnostic = diagnostic
    diagnostic.message = shortened(diagnostic.message)
    for index in diagnostic.notes.indices {
      diagnostic.notes[index].message = shortened(diagnostic.notes[index].message)
    }
    guard !isFull, !diagnostics.contains(diagnostic) else { return }
    if diagnostics.count == Self.limit {
      diagnostics.append(.error("too many errors; the rest is not shown", at: diagnostic.span))
    } else {
      diagnostics.append(diagnostic)
    }
  }

  /// The diagnostics by place.
  package var sorted: [Diagnostic] {
    diagnostics.enumerated().sorted {
      ($0.element.span.lower, $0.offset) < ($1.element.span.lower, $1.offset)
    }.map(\.element)
  }
}

/// Returns `message`, cut where a user's word makes it longer than anyone reads.
private func shortened(_ message: String) -> String {
  message.utf8.count <= 400 ? message : message.prefix(399) + "…"
}
