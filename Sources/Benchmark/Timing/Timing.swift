/// How long one call of something took, over many measurements, in nanoseconds.
package struct Timing: Equatable, Sendable {
  /// In order of size.
  package private(set) var samples: [Double] = []

  package init(_ samples: [Double] = []) { self.samples = samples.sorted() }

  package var median: Double { quantile(0.5) }

  /// The quarters below and above which a quarter of the measurements lie.
  package var quartiles: (lower: Double, upper: Double) { (quantile(0.25), quantile(0.75)) }

  /// The distance of the quartiles.
  package var spread: Double { quartiles.upper - quartiles.lower }

  /// Takes more measurements into account.
  package mutating func append(_ more: [Double]) { samples = (samples + more).sorted() }

  /// The value below which that part of the measurements lies, interpolated; 0 of nothing.
  private func quantile(_ part: Double) -> Double {
    guard let last = samples.last else { return 0 }
    let place = part * Double(samples.count - 1)
    let index = Int(place)
    guard index + 1 < samples.count else { return last }
    let weight = place - Double(index)
    return samples[index] * (1 - weight) + samples[index + 1] * weight
  }
}
