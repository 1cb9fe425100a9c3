import LoopIR

/// Regions that take turns, so that what both read comes from memory once.
///
///     for N, G, C/G:                            for N, G, a few at a time:
///       reduce S: sums of each channel            for C/G: reduce S
///     for N, G:                          ->       reduce C/G; store C/G, S
///       reduce C/G; store C/G, S
extension RegionPlan {
  /// `true` iff region `index` can take turns with the one before it: the kept axes of that one
  /// begin with those of this one.
  func canTakeTurns(_ index: Int) -> Bool {
    guard index > 0 else { return false }
    let (last, next) = (regions[index - 1], regions[index])
    return !next.kept.isEmpty && next.columns.isEmpty && last.kept.starts(with: next.kept)
      && [last, next].allSatisfy { $0.rideOrder == nil && !$0.isJoined }
      // The region before may read a state until it is done.
      && next.results.allSatisfy { $0.kind != .nextState }
  }
}

extension LoopKernel {
  /// `true` iff two regions read an array of which each place of the second one has a part.
  func share(_ first: Region, _ second: Region) -> Bool {
    first.reads.intersection(second.reads).contains { id in
      let axes = Set(buffers[id.index].axes)
      return axes.isStrictSuperset(of: second.kept)
    }
  }
}
