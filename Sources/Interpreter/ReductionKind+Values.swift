import Syntax

extension ReductionKind {
  /// The reduction of some elements.
  func value(of elements: [WeightedElement]) -> Double {
    switch self {
    case .sum: elements.reduce(0) { $0 + $1.number * $1.weight }
    case .mean: average(elements)
    case .maximum: winner(of: elements).map { elements[$0].number + 0 } ?? -.infinity
    case .minimum: winner(of: elements).map { elements[$0].number + 0 } ?? .infinity
    case .variance: elements.isEmpty ? 0 : squaredDeviations(elements) / weight(of: elements)
    case .unbiasedVariance: squaredDeviations(elements) / freedom(elements)
    // Its operand is a condition.
    case .count: weight(of: elements.filter { $0.number != 0 })
    }
  }

  /// What each of some elements receives from the adjoint `g` of their reduction; `nil` for
  /// nothing.
  func adjoints(_ g: Double, of elements: [WeightedElement]) -> [Double?] {
    switch self {
    case .sum:
      return elements.map { g * $0.weight }
    case .mean:
      let count = weight(of: elements)
      return elements.map { g * $0.weight / count }
    case .maximum, .minimum:
      let winner = winner(of: elements)
      return elements.indices.map { $0 == winner ? g : nil }
    // The share of the mean vanishes, because the deviations sum to 0.
    case .variance:
      let (mean, count) = (average(elements), weight(of: elements))
      return elements.map { g * 2 * ($0.number - mean) * $0.weight / count }
    case .unbiasedVariance:
      let (mean, freedom) = (average(elements), freedom(elements))
      return elements.map { g * 2 * ($0.number - mean) * $0.weight / freedom }
    case .count:
      return elements.map { _ in nil }
    }
  }

  /// The place of the first element that no other beats; a NaN beats all, and stays.
  private func winner(of elements: [WeightedElement]) -> Int? {
    guard var best = elements.indices.first else { return nil }
    for place in elements.indices.dropFirst() where !elements[best].number.isNaN {
      let (element, other) = (elements[place].number, elements[best].number)
      let isBetter = self == .minimum ? element < other : element > other
      if isBetter || element.isNaN { best = place }
    }
    return best
  }
}

/// How many elements there are, by their weights.
private func weight(of elements: [WeightedElement]) -> Double {
  elements.reduce(0) { $0 + $1.weight }
}

/// The count less one; of one element 1, so that it has the biased value.
private func freedom(_ elements: [WeightedElement]) -> Double { max(weight(of: elements) - 1, 1) }

/// The mean; of nothing 0.
private func average(_ elements: [WeightedElement]) -> Double {
  elements.isEmpty
    ? 0 : elements.reduce(0) { $0 + $1.number * $1.weight } / weight(of: elements)
}

/// The sum of the squared deviations from the mean.
private func squaredDeviations(_ elements: [WeightedElement]) -> Double {
  let mean = average(elements)
  return elements.reduce(0) { $0 + ($1.number - mean) * ($1.number - mean) * $1.weight }
}
