import Basics

/// Reads and checks the norms of `source`; all that is wrong goes into `diagnostics`.
///
/// - Returns: the norms in the order of the file; none if anything in it is an error.
package func check(_ source: SourceFile, into diagnostics: inout DiagnosticSet) -> [CheckedNorm] {
  var log = DiagnosticLog()
  defer { diagnostics.insert(log, of: source) }
  guard let tree = parse(source, into: &log) else { return [] }
  reportNormsWithOneName(tree, into: &log)
  let names = Set(tree.norms.map(\.name.text))
  var norms: [CheckedNorm] = []
  for norm in tree.norms where !norm.isBroken {
    guard let expanded = expanded(norm, of: source, into: &log) else { continue }
    var checker = NormChecker(expanded, of: source, normNames: names, log: log)
    if let checked = checker.check() { norms.append(checked) }
    log = checker.log
  }
  return log.hasErrors ? [] : norms
}

private func reportNormsWithOneName(_ tree: SpecTree, into log: inout DiagnosticLog) {
  var places: [String: SourceSpan] = [:]
  for norm in tree.norms {
    let name = norm.name
    if name.text.hasPrefix("d_") { log.report(.gradientName(name.text, at: name.span)) }
    if let first = places[name.text] {
      log.report(.normTwice(name.text, first: first, at: name.span))
    } else {
      places[name.text] = name.span
    }
  }
}
