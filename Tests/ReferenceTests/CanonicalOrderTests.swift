import Basics
import Reference
import Testing

@Suite struct CanonicalOrderTests {
  /// Shapes on both sides of every boundary: slots, chains of 64, pieces, 16 parts.
  static let shapes: [(segments: Int, run: Int)] = [
    (0, 5), (5, 0), (1, 1), (7, 1), (64, 1), (65, 1), (1025, 1), (3000, 1), (9, 31), (3, 32),
    (70, 33), (129, 49), (65, 64), (40, 65), (22, 130), (33, 700), (3, 1024), (3, 2047), (3, 2048),
    (3, 2049), (2, 4095), (3, 4096), (3, 4097), (19, 4100), (1, 70000),
  ]

  @Test(arguments: shapes) func agreesWithASecondDerivation(segments: Int, run: Int) {
    expectAgreement(Float.self, segments, run, seed: 1)
    expectAgreement(Double.self, segments, run, seed: 2)
  }

  private func expectAgreement<Real: CanonicalReal>(
    _ type: Real.Type, _ segments: Int, _ run: Int, seed: UInt64
  ) {
    var generator = SplitMix64(seed: seed)
    func number() -> Real {
      let scale = Double(1 << Int.random(in: 0...24, using: &generator))
      return Real(Double.random(in: -1...1, using: &generator) * scale)
    }
    let elements: [[ReductionElement<Real>]] = (0..<segments).map { _ in
      (0..<run).map { _ in
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: .skip
        case 1: .product(number(), number())
        default: .value(number())
        }
      }
    }
    let order = CanonicalOrder<Real>(segments: segments, run: run)
    let oracle = GreedyOrder<Real>(segments: segments, run: run) { elements[$0][$1] }
    #expect(order.blockCount == oracle.blocks.count, "seed \(seed)")
    #expect(order.parts.map(Array.init) == oracle.parts, "seed \(seed)")
    let total = order.total { elements[$0][$1] }
    #expect(total.bitPattern == oracle.total.bitPattern, "\(type), seed \(seed)")
  }

  @Test(arguments: shapes) func blocksCoverEachPlaceOnceAndInOrder(segments: Int, run: Int) {
    let order = CanonicalOrder<Double>(segments: segments, run: run)
    var next = 0
    for index in 0..<order.blockCount {
      let block = order.block(index)
      for segment in block.segments {
        #expect(segment * run + block.elements.lowerBound == next)
        next += block.elements.count
      }
    }
    #expect(next == segments * run)
  }

  @Test func columnsAreChainsOf64() {
    // 2^24 takes up each 1 that is added to it in float32; the 65th row starts a new block.
    let rows: [Float] = [0x1p24] + [Float](repeating: 1, count: 64)
    let total = CanonicalOrder<Float>(segments: 65, run: 1).total { row, _ in .value(rows[row]) }
    #expect(total == 0x1p24 + 1)
  }

  @Test func slotsCombineInATreeOfHalves() {
    // Slot 0 meets 1, 2, 4, 8, 16 and 32; only the first of them is lost.
    let row: [Float] = [0x1p24] + [Float](repeating: 1, count: 63)
    let total = CanonicalOrder<Float>(segments: 1, run: 64).total { .value(row[$0 + $1]) }
    #expect(total == 0x1p24 + 62)
  }

  @Test func blocksAreAddedInSixteenParts() {
    // 17 blocks give parts of 2: 2^53 + 1 is lost, then 7 times 2, then 1, which rounds to even.
    let total = CanonicalOrder<Double>(segments: 17 * 64, run: 1).total { row, _ in
      row == 0 ? .value(0x1p53) : .value(row >= 64 && row % 64 == 0 ? 1 : 0)
    }
    #expect(total == 0x1p53 + 16)
  }

  @Test func productsAreNotRounded() {
    let a: Float = 1 + 0x1p-13
    let elements: [ReductionElement<Float>] = [.value(-1), .product(a, a)]
    let total = CanonicalOrder<Float>(segments: 2, run: 1).total { row, _ in elements[row] }
    #expect(total == 0x1p-12 + 0x1p-26)
  }

  @Test func blocksOverflowInTheComputeTypeOnly() {
    let huge = Float.greatestFiniteMagnitude
    let within = CanonicalOrder<Float>(segments: 2, run: 1).total { _, _ in .value(huge) }
    #expect(within == .infinity)
    let across = CanonicalOrder<Float>(segments: 2, run: 4097).total { _, place in
      place == 0 ? .value(huge) : .value(0)
    }
    #expect(across == 2 * Double(huge))
  }

  @Test(arguments: [(3, 1), (2, 65), (1, 5000), (200, 30)])
  func zerosAndSkippedPlacesGivePlusZero(segments: Int, run: Int) {
    let order = CanonicalOrder<Float>(segments: segments, run: run)
    #expect(order.total { _, _ in .value(-0.0) }.bitPattern == 0)
    #expect(order.total { _, _ in .skip }.bitPattern == 0)
    #expect(order.total { _, _ in .product(-0.0, 1) }.bitPattern == 0)
  }

  @Test func skippingIsAddingPlusZero() {
    let order = CanonicalOrder<Float>(segments: 9, run: 100)
    func value(_ segment: Int, _ place: Int) -> Float { 1 / Float(1 + segment * 100 + place) }
    let skipped = order.total { ($0 + $1) % 3 == 0 ? .skip : .value(value($0, $1)) }
    let zeroed = order.total { ($0 + $1) % 3 == 0 ? .value(0) : .value(value($0, $1)) }
    #expect(skipped == zeroed)
    #expect(skipped != order.total { .value(value($0, $1)) })
  }

  @Test func infinitiesAndNaNReachTheTotal() {
    let order = CanonicalOrder<Double>(segments: 3, run: 3000)
    func total(_ first: Double, _ last: Double) -> Double {
      order.total { .value($0 + $1 == 0 ? first : $0 == 2 && $1 == 2999 ? last : 1) }
    }
    #expect(total(.infinity, 1) == .infinity)
    #expect(total(1, -.infinity) == -.infinity)
    #expect(total(.infinity, -.infinity).isNaN)
    #expect(total(1, .nan).isNaN)
  }
}
