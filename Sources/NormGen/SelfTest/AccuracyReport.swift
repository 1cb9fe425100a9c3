/// The errors of kernels against float64, on inputs of several kinds.
package struct AccuracyReport: Sendable {
  package private(set) var rows: [Row] = []

  /// The errors of a norm on one kind of inputs, over all sizes that were tried.
  package struct Row: Equatable, Sendable {
    package var norm: String
    package var type: String
    package var inputs: String
    package var outputs = AccuracyError()
    package var states = AccuracyError()
    package var gradients = AccuracyError()
  }

  package init() {}

  package mutating func append(_ row: Row) { rows.append(row) }

  package mutating func append(_ report: AccuracyReport) { rows += report.rows }

  /// A table for each norm, as a person reads it; empty if nothing was measured.
  package var table: String {
    var names: [String] = []
    for row in rows where !names.contains(row.norm) { names.append(row.norm) }
    return names.map { name in
      var table = TextTable(columns: [
        "\(name): worst error", "type", "outputs, ulp", "/ scale", "states, ulp", "/ scale",
        "gradients, ulp", "/ scale",
      ])
      for row in rows where row.norm == name {
        table.append(
          [row.inputs, row.type]
            + [row.outputs, row.states, row.gradients].flatMap { error in
              [text(error.ulp), scientific(error.relative)]
            })
      }
      return table.text
    }.joined(separator: "\n")
  }
}

/// A number of units in the last place: `0.5`, `12`, `3.1e+05`.
private func text(_ ulp: Double) -> String {
  if ulp >= 1000 { return scientific(ulp) }
  let rounded = ulp < 10 ? (ulp * 10).rounded() / 10 : ulp.rounded()
  return rounded < 10 ? String(rounded) : String(Int(rounded))
}
