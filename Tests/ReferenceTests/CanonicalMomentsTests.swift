import Basics
import Reference
import Testing

@Suite struct CanonicalMomentsTests {
  @Test func ofNothingAreZero() {
    let order = CanonicalOrder<Float>(segments: 3, run: 7)
    #expect(order.moments { _, _ in nil } == .empty)
    #expect(CanonicalOrder<Float>(segments: 0, run: 7).moments { _, _ in 1 } == .empty)
  }

  @Test func ofSmallIntegersAreExact() {
    // 1 ... 9: mean 5, deviations 2 (16 + 9 + 4 + 1) = 60.
    let moments = CanonicalOrder<Float>(segments: 1, run: 9).moments { Float(1 + $0 + $1) }
    #expect(moments == Moments(count: 9, mean: 5, squaredDeviations: 60))
  }

  @Test func correctTheRoundingOfTheBlockMean() {
    // The sum is exact; its third, 8388609 1/3, is rounded to 8388609.
    let row: [Float] = [8_388_609, 8_388_609, 8_388_610]
    let moments = CanonicalOrder<Float>(segments: 1, run: 3).moments { row[$0 + $1] }
    #expect(abs(moments.mean - (8_388_609 + 1.0 / 3)) < 1e-6)
    #expect(abs(moments.squaredDeviations - 2.0 / 3) < 1e-6)
  }

  @Test(arguments: [(1, 1024), (1, 10000), (1000, 1), (300, 49)], [UInt64(1), 2])
  func staySharpFarFromZero(shape: (Int, Int), seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let (segments, run) = shape
    let values = (0..<(segments * run)).map { _ in
      100_000 + Float.random(in: -2...2, using: &generator)
    }
    let moments = CanonicalOrder<Float>(segments: segments, run: run).moments {
      values[$0 * run + $1]
    }
    let n = Double(values.count)
    let mean = values.reduce(0) { $0 + (Double($1) - 100_000) } / n + 100_000
    let squares = values.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    #expect(moments.count == n)
    #expect(abs(moments.mean - mean) < 1e-6, "seed \(seed)")
    #expect(abs(moments.squaredDeviations / squares - 1) < 1e-6, "seed \(seed)")
  }

  @Test(arguments: [(1, 5000), (7, 4100), (2000, 1), (333, 49), (20, 4096)], [UInt64(3)])
  func agreeWithASecondDerivation(shape: (Int, Int), seed: UInt64) {
    expectAgreement(Float.self, shape, seed)
    expectAgreement(Double.self, shape, seed)
  }

  private func expectAgreement<Real: CanonicalReal>(
    _ type: Real.Type, _ shape: (segments: Int, run: Int), _ seed: UInt64
  ) {
    var generator = SplitMix64(seed: seed)
    let run = shape.run
    // The first third is masked out wholly, so that whole blocks and parts are empty.
    let count = shape.segments * run
    let values: [Real?] = (0..<count).map { index in
      let value = Real(Double.random(in: 2...3, using: &generator))
      return index < count / 3 || index % 5 == 0 ? nil : value
    }
    func pass(_ of: (Real) -> ReductionElement<Real>) -> GreedyOrder<Real> {
      GreedyOrder(segments: shape.segments, run: run) { segment, place in
        values[segment * run + place].map(of) ?? .skip
      }
    }
    let plain = pass { .value($0) }
    var whole: [Double] = [0, 0, 0]
    for part in plain.parts {
      var partial: [Double] = [0, 0, 0]
      for index in part {
        let n = plain.blocks[index].joined().count { if case .skip = $0 { false } else { true } }
        if n == 0 { continue }
        let m = plain.sum(of: plain.blocks[index]) / Real(n)
        let squares = pass { .product($0 - m, $0 - m) }
        let rest = pass { .value($0 - m) }
        let q = Double(squares.sum(of: squares.blocks[index]))
        let r = Double(rest.sum(of: rest.blocks[index]))
        merge(&partial, [Double(n), Double(m) + r / Double(n), q - (r * r) / Double(n)])
      }
      merge(&whole, partial)
    }
    let moments = CanonicalOrder<Real>(segments: shape.segments, run: run).moments {
      values[$0 * run + $1]
    }
    #expect(moments.count == whole[0], "\(type), seed \(seed)")
    #expect(moments.mean == whole[1], "\(type), seed \(seed)")
    #expect(moments.squaredDeviations == whole[2], "\(type), seed \(seed)")
  }

  /// The merge as the definition writes it: n, mean and M2 in that order.
  private func merge(_ a: inout [Double], _ b: [Double]) {
    if b[0] == 0 { return }
    if a[0] == 0 {
      a = b
      return
    }
    let n = a[0] + b[0]
    let f = b[0] / n
    let d = b[1] - a[1]
    a = [n, a[1] + d * f, (a[2] + b[2]) + (d * d) * (a[0] * f)]
  }

  @Test func firstNonEmptyOperandIsTakenUnchanged() {
    let infinite = Moments(count: 2, mean: .infinity, squaredDeviations: .infinity)
    #expect(Moments.empty.merged(with: infinite) == infinite)
    #expect(infinite.merged(with: .empty) == infinite)
  }

  @Test func mergeWorksAsByHand() {
    // {1, 3} and {8}: mean 4, deviations 9 + 1 + 16.
    let pair = Moments(count: 2, mean: 2, squaredDeviations: 2)
    let single = Moments(count: 1, mean: 8, squaredDeviations: 0)
    let both = pair.merged(with: single)
    #expect(both.count == 3)
    #expect(abs(both.mean - 4) < 1e-15)
    #expect(abs(both.squaredDeviations - 26) < 1e-14)
  }

  @Test func aNaNOrAnInfinityMakesTheMomentsNaN() {
    for bad in [Float.nan, .infinity, -.infinity] {
      let moments = CanonicalOrder<Float>(segments: 1, run: 9000).moments { _, place in
        place == 5000 ? bad : 1
      }
      #expect(moments.count == 9000)
      #expect(moments.mean.isNaN && moments.squaredDeviations.isNaN, "\(bad)")
    }
  }
}
