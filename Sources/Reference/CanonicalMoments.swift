/// The count, the mean and the sum of squared deviations of a set of elements, in float64.
package struct Moments: Hashable, Sendable {
  package var count: Double
  /// The mean; 0 over no element.
  package var mean: Double
  /// The sum of the squares of `x - mean`, M2.
  package var squaredDeviations: Double

  /// The moments of no element.
  package static let empty = Moments(count: 0, mean: 0, squaredDeviations: 0)

  package init(count: Double, mean: Double, squaredDeviations: Double) {
    self.count = count
    self.mean = mean
    self.squaredDeviations = squaredDeviations
  }

  /// Returns the moments of two sets together: Chan, Golub and LeVeque's formula without fma.
  ///
  /// An empty set leaves the other's moments as they are, so that the infinities and the rounding
  /// of a single block stay untouched.
  package func merged(with other: Moments) -> Moments {
    if other.count == 0 { return self }
    if count == 0 { return other }
    let total = count + other.count
    let share = other.count / total
    let apart = other.mean - mean
    return Moments(
      count: total,
      mean: mean + apart * share,
      squaredDeviations: (squaredDeviations + other.squaredDeviations)
        + (apart * apart) * (count * share))
  }
}

extension CanonicalOrder {
  /// Returns the moments of the elements that are not nil.
  package func moments(
    _ element: (_ segment: Int, _ element: Int) -> Real?
  ) -> Moments {
    var total = Moments.empty
    for part in parts {
      var partial = Moments.empty
      for index in part {
        partial = partial.merged(with: blockMoments(index, element))
      }
      total = total.merged(with: partial)
    }
    return total
  }

  /// Returns the moments of the block `index`: two passes and a correction.
  ///
  /// With m the mean of the block, rounded, and d = x - m: the sums Q of d d and R of d take the
  /// roundings of m out again, as mean = m + R / n and M2 = Q - R R / n.
  package func blockMoments(
    _ index: Int, _ element: (_ segment: Int, _ element: Int) -> Real?
  ) -> Moments {
    var count = 0
    let sum = blockSum(index) { segment, place in
      guard let value = element(segment, place) else { return .skip }
      count += 1
      return .value(value)
    }
    if count == 0 { return .empty }

    let mean = sum / Real(count)
    let squares = blockSum(index) { segment, place in
      guard let value = element(segment, place) else { return .skip }
      return .product(value - mean, value - mean)
    }
    let rest = blockSum(index) { segment, place in
      guard let value = element(segment, place) else { return .skip }
      return .value(value - mean)
    }
    let n = Double(count)
    let q = Double(squares)
    let r = Double(rest)
    return Moments(count: n, mean: Double(mean) + r / n, squaredDeviations: q - r * r / n)
  }
}
