import LoopIR

/// A type that the canonical order of sums is defined for.
package protocol CanonicalReal: BinaryFloatingPoint, Sendable {
  /// The number of slots, S, that take the elements of a segment in turn.
  static var slotCount: Int { get }
  /// What kernels call the type.
  static var computeType: ComputeType { get }
  /// The number as lane programs take it.
  var laneScalar: LaneScalar { get }
}

extension Float: CanonicalReal {
  package static var slotCount: Int { 64 }
  package static var computeType: ComputeType { .float32 }
  package var laneScalar: LaneScalar { .float32(self) }
}

extension Double: CanonicalReal {
  package static var slotCount: Int { 32 }
  package static var computeType: ComputeType { .float64 }
  package var laneScalar: LaneScalar { .float64(self) }
}

/// What one place of a reduction contributes to its sum.
package enum ReductionElement<Real: CanonicalReal>: Sendable {
  /// Nothing: the place is masked out.
  case skip
  /// A number, added.
  case value(Real)
  /// A product, added without rounding it first.
  case product(Real, Real)
}

/// The canonical order of sums over `segments` segments of `run` elements each.
///
/// This is the scalar program that every compiled kernel has to agree with to the last bit. It
/// follows the definition word by word, and is not meant to be fast:
///
/// * Element j of a segment belongs to slot j mod S. A slot is a chain of additions in the
///   compute type, which starts at +0 in each block.
/// * A block is, where a segment has more than 64 S elements, a piece of a segment, cut every
///   64 S elements; otherwise as many whole consecutive segments as keep a chain within 64.
/// * The slots of a block are combined in a tree, of halves; `+ 0.0` ends it.
/// * The values of blocks are added in float64: at most 16 parts of consecutive blocks, each
///   from left to right, then the parts from left to right.
///
/// A place is named by its segment and its element within the segment, both from 0.
package struct CanonicalOrder<Real: CanonicalReal>: Hashable, Sendable {
  /// The number of segments.
  package let segments: Int
  /// The number of elements of a segment, L.
  package let run: Int

  /// The order over that many segments and elements; neither is negative.
  package init(segments: Int, run: Int) {
    precondition(segments >= 0 && run >= 0, "canonical order: negative extent")
    self.segments = segments
    self.run = run
  }

  /// The number of blocks; 0 where there are no elements.
  package var blockCount: Int {
    if segments == 0 || run == 0 { return 0 }
    return isCut
      ? segments * ceiling(run, by: longestPiece)
      : ceiling(segments, by: segmentsPerBlock)
  }

  /// The blocks of each part, in order.
  package var parts: [Range<Int>] {
    let blocks = blockCount
    if blocks == 0 { return [] }
    let length = ceiling(blocks, by: 16)
    return stride(from: 0, to: blocks, by: length).map { $0..<min($0 + length, blocks) }
  }

  /// The segments and the elements of each of them that make up the block `index`.
  package func block(_ index: Int) -> (segments: Range<Int>, elements: Range<Int>) {
    if isCut {
      let (segment, piece) = index.quotientAndRemainder(
        dividingBy: ceiling(run, by: longestPiece))
      let first = piece * longestPiece
      return (segment..<(segment + 1), first..<min(first + longestPiece, run))
    }
    let first = index * segmentsPerBlock
    return (first..<min(first + segmentsPerBlock, segments), 0..<run)
  }

  /// Returns the total of the elements; 0 where there are none.
  package func total(
    _ element: (_ segment: Int, _ element: Int) -> ReductionElement<Real>
  ) -> Double {
    var total = 0.0
    for part in parts {
      var partial = 0.0
      for index in part { partial += Double(blockSum(index, element)) }
      total += partial
    }
    return total
  }

  /// Returns the sum of the block `index` in the compute type.
  package func blockSum(
    _ index: Int, _ element: (_ segment: Int, _ element: Int) -> ReductionElement<Real>
  ) -> Real {
    let block = block(index)
    var slots = Slots<Real>()
    for segment in block.segments {
      for place in block.elements {
        slots.add(element(segment, place), at: place)
      }
    }
    return slots.combined
  }

  private var isCut: Bool { run > longestPiece }
  private var longestPiece: Int { 64 * Real.slotCount }
  private var segmentsPerBlock: Int { 64 / ceiling(run, by: Real.slotCount) }
}

/// The chains of a block.
private struct Slots<Real: CanonicalReal> {
  private var values = [Real](repeating: 0, count: Real.slotCount)

  /// Adds `element` to the chain that the place `place` of a segment belongs to.
  mutating func add(_ element: ReductionElement<Real>, at place: Int) {
    let slot = place % Real.slotCount
    switch element {
    case .skip: break
    case .value(let value): values[slot] += value
    case .product(let a, let b): values[slot] = values[slot].addingProduct(a, b)
    }
  }

  /// The sum of the chains: a tree of halves, then `+ 0.0`, which makes -0 of dead chains +0.
  var combined: Real {
    var tree = values
    var half = tree.count / 2
    while half >= 1 {
      for slot in 0..<half { tree[slot] += tree[slot + half] }
      half /= 2
    }
    return tree[0] + 0
  }
}

/// Returns the quotient of two positive numbers, rounded up.
private func ceiling(_ count: Int, by length: Int) -> Int {
  (count + length - 1) / length
}
