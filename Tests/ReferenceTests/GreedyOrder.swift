import Reference

/// A second derivation of the canonical order: it lays the elements out one by one.
///
/// A block ends as soon as a chain would grow beyond 64 elements; a segment that fits a block is
/// not torn. The tree is the recursive one.
struct GreedyOrder<Real: CanonicalReal> {
  /// For each block, for each slot, the elements in order.
  var blocks: [[[ReductionElement<Real>]]] = []

  init(segments: Int, run: Int, _ element: (Int, Int) -> ReductionElement<Real>) {
    let slots = Real.slotCount
    var block = [[ReductionElement<Real>]](repeating: [], count: slots)
    var chain = 0
    for segment in 0..<segments {
      let rounds = (0..<run).count { $0 % slots == 0 }
      if chain + rounds > 64 { close() }
      for place in 0..<run {
        if place % slots == 0 {
          if chain == 64 { close() }
          chain += 1
        }
        block[place % slots].append(element(segment, place))
      }
    }
    close()

    func close() {
      if chain > 0 { blocks.append(block) }
      block = [[ReductionElement<Real>]](repeating: [], count: slots)
      chain = 0
    }
  }

  func sum(of block: [[ReductionElement<Real>]]) -> Real {
    func tree(_ first: Int, every step: Int) -> Real {
      if step == block.count {
        return block[first].reduce(Real(0)) { chain, element in
          switch element {
          case .skip: chain
          case .value(let value): chain + value
          case .product(let a, let b): chain.addingProduct(a, b)
          }
        }
      }
      return tree(first, every: 2 * step) + tree(first + step, every: 2 * step)
    }
    return tree(0, every: 1) + 0
  }

  /// The indices of the blocks, dealt to parts of equal length but the last.
  var parts: [[Int]] {
    var length = 1
    while length * 16 < blocks.count { length += 1 }
    return Dictionary(grouping: blocks.indices) { $0 / length }
      .sorted { $0.key < $1.key }.map(\.value)
  }

  var total: Double {
    parts.map { $0.reduce(0) { $0 + Double(sum(of: blocks[$1])) } }.reduce(0, +)
  }
}
