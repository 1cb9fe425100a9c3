import CCode
import LoopIR

/// What sweeps fetch ahead: the places that are taken next.
///
/// The last sweep that reduces a place finds in the first cache what an earlier one has read, so
/// that memory has nothing else to do; while results are written it has. If only one sweep
/// reduces, that which writes fetches, unless a sweep computes functions, which takes longer than
/// memory. What is fetched of long rows would drive out their own elements: it is done where
/// results bypass the caches alone, as these are written.
extension RegionCode {
  func nextPlaces(in step: ReduceStep) -> Streaming.Prefetch? {
    isLastOfReductions(step) && region.columns.isEmpty ? nextPlaces(if: areShort) : nil
  }

  func nextPlaces(in step: StoreStep) -> Streaming.Prefetch? {
    let stream = CExpression.name(KernelSwitch.stream.rawValue)
    let areLong = CExpression.less(.name("SHORT_ROW"), elements)
    let fetches =
      region.steps.reductions == 1 && !region.bodies.contains { $0.program.callsFunctions }
    return nextPlaces(if: fetches ? .or(stream, areShort) : .and(stream, areLong))
  }

  /// The same as `nextPlaces` for rows that are gathered, which are short: the next set of them.
  func nextRows(from nextPlaces: Streaming.Prefetch) -> Streaming.Prefetch {
    guard gatheredRows?.gain == .ofSweeps else { return nextPlaces.unwanted }
    let distance = CExpression.name(GatheredCode.together)
    return Streaming.Prefetch(
      axis: nextPlaces.axis, distance: distance,
      isWanted: .less(.add(rowPlace, distance), index.size(rowAxes)))
  }

  private func nextPlaces(if condition: CExpression) -> Streaming.Prefetch? {
    region.kept.last.map { axis in
      let distance: CExpression =
        rowsOfSet?.count ?? (region.isSplit(in: kernel) ? .name("in_flight") : .size(1))
      let areThere = CExpression.less(.add(index.place(axis), distance), index.extent(axis))
      return Streaming.Prefetch(
        axis: axis, distance: distance, isWanted: .and(condition, areThere))
    }
  }

  private var elements: CExpression { index.size(kernel.work(of: region)) }
  private var areShort: CExpression { .binary(.lessOrEqual, elements, .name("SHORT_ROW")) }

  /// `true` iff a step is the last that reduces a place, and not the first sweep of it.
  private func isLastOfReductions(_ step: ReduceStep) -> Bool {
    let steps = region.steps.compactMap { if case .reduce(let step) = $0 { step } else { nil } }
    return region.steps.reductions > 1
      && steps.last?.accumulators.map(\.name) == step.accumulators.map(\.name)
  }
}

extension [Step] {
  /// How many sweeps over a place reduce it.
  var reductions: Int {
    reduce(0) { count, step in
      guard case .reduce(let step) = step else { return count }
      return count + (step.accumulators.contains(where: \.isMoments) ? 2 : 1)
    }
  }
}

extension LaneProgram {
  fileprivate var callsFunctions: Bool {
    operations.contains { if case .function = $0 { true } else { false } }
  }
}
