/// The largest error of some arrays against float64.
package struct AccuracyError: Equatable, Sendable {
  /// In units of the last place of the number itself. Small numbers among large ones are not
  /// taken: what they are the difference of has lost their digits.
  package private(set) var ulp = 0.0
  /// In units of the largest number of the array.
  package private(set) var relative = 0.0

  package init() {}

  /// Takes an array into account.
  ///
  /// - Parameters:
  ///   - type: what `found` is stored as.
  ///   - floor: the least number that counts as the largest, where all may be rounding; 0 counts
  ///     the largest as it is.
  mutating func note(
    _ found: [Double], _ expected: [Double], as type: Options.Scalar, floor: Double
  ) {
    guard found.count == expected.count else {
      (ulp, relative) = (.infinity, .infinity)
      return
    }
    let largest = expected.reduce(floor) { $1.isFinite ? max($0, abs($1)) : $0 }
    let scale = largest > 0 ? largest : 1
    for (x, y) in zip(found, expected) {
      // Infinities are as good as one another, and so are NaN.
      if x == y || x.isNaN && y.isNaN || x.isInfinite && x == type.rounded(y) { continue }
      note(difference: x.isFinite && y.isFinite ? abs(x - y) : .infinity, y, scale, type)
    }
  }

  private mutating func note(
    difference: Double, _ expected: Double, _ scale: Double, _ type: Options.Scalar
  ) {
    guard difference > 0 else { return }
    relative = max(relative, difference / scale)
    guard abs(expected) >= scale / 8 else { return }
    let power = Double(sign: .plus, exponent: expected.exponent, significand: 1)
    ulp = max(ulp, difference / (max(power, type.smallestNormal) * type.epsilon))
  }
}
