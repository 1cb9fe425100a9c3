import Foundation

/// An axis of a diagram on which factors are distances.
package struct LogarithmicAxis {
  /// The first and last number.
  package let range: ClosedRange<Double>
  /// Where they lie, in pixels.
  package let start: Double
  package let end: Double

  /// - Parameter numbers: above 0; the axis reaches from below the smallest to above the largest.
  package init(_ numbers: [Double], from start: Double, to end: Double) {
    let smallest = numbers.min() ?? 1
    let largest = numbers.max() ?? 10
    range = smallest / 1.3...largest * 1.3
    self.start = start
    self.end = end
  }

  /// Where a number lies, in pixels.
  package func place(_ number: Double) -> Double {
    let part = log(number / range.lowerBound) / log(range.upperBound / range.lowerBound)
    return start + part * (end - start)
  }

  /// The numbers 1, 2 and 5 of each decade that lie on the axis.
  package var ticks: [Double] {
    let decades = Int(log10(range.lowerBound).rounded(.down))...Int(log10(range.upperBound))
    return decades.flatMap { decade in [1, 2, 5].map { $0 * pow(10, Double(decade)) } }
      .filter(range.contains)
  }
}
