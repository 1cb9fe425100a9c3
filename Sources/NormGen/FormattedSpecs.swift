import Basics
import Syntax

/// A spec as the formatter writes it.
package struct FormattedSpec: Sendable {
  package var text: String
  /// `true` iff the file reads otherwise.
  package var isChanged: Bool
}

/// Formats the spec at `path`.
///
/// - Throws: `DiagnosticSet` if it cannot be parsed, `InputError` if it cannot be read.
package func formattedSpec(_ path: String) throws -> FormattedSpec {
  let source = try sourceFile(path)
  var diagnostics = DiagnosticSet()
  guard let text = format(source, into: &diagnostics) else { throw diagnostics }
  return FormattedSpec(text: text, isChanged: Array(text.utf8) != source.bytes)
}

/// The spec at `path` with its clauses written as equations.
///
/// - Throws: `DiagnosticSet` if it has errors, `InputError` if it cannot be read.
package func expandedSpec(_ path: String) throws -> String {
  var diagnostics = DiagnosticSet()
  guard let text = expand(try sourceFile(path), into: &diagnostics) else { throw diagnostics }
  return text
}

/// Puts `text` in the place of the file at `path`, all of it or nothing.
///
/// - Throws: `InputError` with the reason of the system.
package func replaceFile(_ path: String, with text: String) throws(InputError) {
  let slash = path.lastIndex(of: "/")
  let directory = slash.map { path[...$0] } ?? "."
  let name = slash.map { path[path.index(after: $0)...] } ?? path[...]
  try writeAtomically(
    [NewFile(name: String(name), bytes: Array(text.utf8))], into: String(directory))
}
