import LoopIR
import TensorIR

/// Regions that take turns, so that what both read comes from memory once.
///
///     for N, G, C/G:                            for N, G, a few at a time:
///       reduce S: sums of each channel            for C/G: reduce S
///     for N, G:                          ->       reduce C/G; store C/G, S
///       reduce C/G; store C/G, S
///
/// A region whose places are stretches of columns alone, along one axis, writes nothing of the size
/// of a tensor: another one of rows does, in turns with it. Threads would else write to
/// neighbouring lines.
///
///     for stretches of C:                       for stretches of C, one at a time:
///       reduce N: sums of each column             reduce N
///       store N, C                       ->       for N: store the stretch of C
extension RegionPlan {
  /// `true` iff rows of `result` can be written in turns with region `last`, of columns. Along
  /// several axes what is read may not lie in one run.
  func mayTakeTurns(_ result: GraphResult, behind last: Int) -> Bool {
    let region = regions[last]
    return region.kept.isEmpty && region.columns.count == 1 && result.kind != .nextState
      && result.axes.count > 1 && result.axes.last == region.columns.first
  }

  /// The columns of which region `index` can take stretches in turns with the one before it, none
  /// if it can take places of its kept axes; `nil` if it can take no turns.
  func turnColumns(_ index: Int) -> [Int]? {
    guard index > 0 else { return nil }
    let (last, next) = (regions[index - 1], regions[index])
    guard [last, next].allSatisfy({ $0.rideOrder == nil && !$0.isJoined }) else { return nil }
    if isOfStretches(next, behind: index - 1) { return last.columns }
    return isOfPlaces(next, behind: last) ? [] : nil
  }

  /// `true` iff a region does nothing but write rows over the columns of the region `last`.
  private func isOfStretches(_ next: PlannedRegion, behind last: Int) -> Bool {
    next.reductions.isEmpty && next.crossings.isEmpty
      && next.results.allSatisfy { result in
        mayTakeTurns(result, behind: last) && result.axes == next.kept + regions[last].columns
      }
  }

  /// `true` iff the kept axes of the region before begin with those of `next`.
  private func isOfPlaces(_ next: PlannedRegion, behind last: PlannedRegion) -> Bool {
    !next.kept.isEmpty && next.columns.isEmpty && last.kept.starts(with: next.kept)
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
