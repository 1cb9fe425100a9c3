/// All diagnostics of a run, each with the file it is about.
package struct DiagnosticSet: Error, Sendable {
  /// A diagnostic and its file.
  package struct Entry: Sendable {
    package var source: SourceFile
    package var diagnostic: Diagnostic
  }

  /// File after file, within a file by place.
  package private(set) var entries: [Entry] = []

  package init() {}

  /// `true` iff nothing was found.
  package var isEmpty: Bool { entries.isEmpty }
  /// `true` iff at least one of them is an error.
  package var hasErrors: Bool { entries.contains { $0.diagnostic.severity == .error } }

  /// Adds what was found in `source`, sorted by place.
  package mutating func insert(_ log: DiagnosticLog, of source: SourceFile) {
    entries += log.sorted.map { Entry(source: source, diagnostic: $0) }
  }

  /// Adds one diagnostic about `source`.
  package mutating func insert(_ diagnostic: Diagnostic, of source: SourceFile) {
    entries.append(Entry(source: source, diagnostic: diagnostic))
  }
}

extension DiagnosticSet: CustomStringConvertible {
  /// The diagnostics as a person reads them.
  package var description: String {
    entries.map { rendered($0.diagnostic, in: $0.source) }.joined()
  }
}
