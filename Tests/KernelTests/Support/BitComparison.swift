import Testing

/// Expects the same bits of each array of `expected`; a NaN equals any NaN.
func expectSameBits(
  _ found: Outcome, _ expected: Outcome, _ what: String,
  location: SourceLocation = #_sourceLocation
) {
  let others = Dictionary(uniqueKeysWithValues: found.all.map { ($0.name, $0.numbers) })
  for (name, numbers) in expected.all {
    guard let other = others[name] else {
      Issue.record("\(what): \(name) is missing", sourceLocation: location)
      continue
    }
    if let difference = firstDifference(other, numbers) {
      Issue.record("\(what): \(name)\(difference)", sourceLocation: location)
    }
  }
}

/// Where two arrays first differ in their bits, and how often; nil if they do not.
func firstDifference(_ found: [Double], _ expected: [Double]) -> String? {
  guard found.count == expected.count else {
    return " has \(found.count) elements, not \(expected.count)"
  }
  let places = found.indices.filter { !areSame(found[$0], expected[$0]) }
  guard let first = places.first else { return nil }
  return "[\(first)] is \(found[first]), not \(expected[first]); \(places.count) of "
    + "\(found.count) differ"
}

private func areSame(_ a: Double, _ b: Double) -> Bool {
  a.bitPattern == b.bitPattern || a.isNaN && b.isNaN
}
