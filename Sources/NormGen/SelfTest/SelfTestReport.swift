/// What a test of a norm found.
package struct SelfTestReport: Sendable {
  package private(set) var rows: [Row] = []

  /// One property, over all cases in which it was tried.
  package struct Row: Equatable, Sendable {
    package var norm: String
    package var property: String
    package var cases: Int
    /// The largest deviation, in units of the largest number of its array, at least 1.
    package var deviation: Double
    package var limit: Double
    /// The array and the sizes of the largest deviation.
    package var place: String

    package var holds: Bool { deviation <= limit }
  }

  package init() {}

  /// `true` iff everything holds.
  package var holds: Bool { rows.allSatisfy(\.holds) }

  package mutating func append(_ row: Row) { rows.append(row) }

  package mutating func append(_ report: SelfTestReport) { rows += report.rows }

  /// The rows as a person reads them.
  package var table: String {
    var table = TextTable(columns: ["norm", "property", "cases", "deviation", "limit", ""])
    for row in rows {
      table.append([
        row.norm, row.property, String(row.cases), scientific(row.deviation),
        scientific(row.limit), row.holds ? "ok" : "FAILS at \(row.place)",
      ])
    }
    return table.text
  }
}

extension SelfTestReport.Row {
  /// A property that no case has tried yet.
  init(_ norm: String, _ property: String, limit: Double) {
    self.init(
      norm: norm, property: property, cases: 0, deviation: 0, limit: limit, place: "")
  }

  /// Takes one more case into account.
  mutating func compare(_ expected: CallResult, _ found: CallResult, at place: String) {
    cases += 1
    for (name, numbers) in expected.numbers.sorted(by: { $0.key < $1.key }) {
      note(
        found.numbers[name].map { scaledDeviation(numbers, $0) } ?? .infinity, "\(name), \(place)")
    }
    for (name, count) in expected.counters.sorted(by: { $0.key < $1.key }) {
      note(found.counters[name] == count ? 0 : .infinity, "\(name), \(place)")
    }
  }

  mutating func note(_ deviation: Double, _ place: String) {
    guard deviation > self.deviation else { return }
    self.deviation = deviation
    self.place = place
  }
}
