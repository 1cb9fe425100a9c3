/// An axis of a diagram on which differences are distances.
package struct LinearAxis {
  /// The first and last number.
  package let range: ClosedRange<Double>
  /// Where they lie, in pixels.
  package let start: Double
  package let end: Double

  package init(_ range: ClosedRange<Double>, from start: Double, to end: Double) {
    self.range = range
    self.start = start
    self.end = end
  }

  /// Where a number lies, in pixels.
  package func place(_ number: Double) -> Double {
    start + (number - range.lowerBound) / (range.upperBound - range.lowerBound) * (end - start)
  }
}
