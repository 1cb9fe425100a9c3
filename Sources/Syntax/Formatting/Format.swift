import Basics

/// Returns the text of `source` in the standard layout; `nil` if it cannot be read, and then
/// `diagnostics` says why. Formatting a formatted text changes nothing.
package func format(_ source: SourceFile, into diagnostics: inout DiagnosticSet) -> String? {
  var log = DiagnosticLog()
  defer { diagnostics.insert(log, of: source) }
  guard let tree = parse(source, into: &log), !log.hasErrors else { return nil }
  return formatted(tree, of: source)
}

/// Returns the text of `source` in the standard layout with its clauses written as equations;
/// `nil` if it cannot be read or its clauses break a rule, and then `diagnostics` says why.
package func expand(_ source: SourceFile, into diagnostics: inout DiagnosticSet) -> String? {
  var log = DiagnosticLog()
  defer { diagnostics.insert(log, of: source) }
  guard var tree = parse(source, into: &log), !log.hasErrors else { return nil }
  tree.norms = tree.norms.compactMap { expanded($0, of: source, into: &log) }
  return log.hasErrors ? nil : formatted(tree, of: source)
}

/// Returns `tree`, read from `source`, as text.
private func formatted(_ tree: SpecTree, of source: SourceFile) -> String {
  var formatter = Formatter(source: source, comments: tree.comments)
  formatter.write(tree)
  return formatter.text
}
