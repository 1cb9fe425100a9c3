import CCode
import LoopIR

/// What sweeps fetch ahead: the places that are taken next.
///
/// The last sweep that reduces a place finds in the first cache what an earlier one has read, so
/// that memory has nothing else to do; while results are written it has. If only one sweep
/// reduces, that which writes fetches, unless a sweep computes functions, which takes longer than
/// memory. Long rows a processor fetches ahead of itself, and what is fetched besides would drive
/// out their own elements: it is done where results bypass the caches alone, as these are written.
extension RegionCode {
  func nextPlaces(in step: ReduceStep) -> Streaming.Prefetch? {
    isLastOfReductions(step) && region.columns.isEmpty ? nextPlaces(if: areShort) : nil
  }

  func nextPlaces(in step: StoreStep) -> Streaming.Prefetch? {
    let stream = CExpression.name(KernelSwitch.stream.rawValue)
    let fetches =
      region.steps.reductions == 1 && !region.bodies.contains { $0.program.callsFunctions }
    return nextPlaces(if: fetches ? .or(stream, isShort(rows)) : .and(stream, areLong))
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

  /// Whether a place is one short row; or of rows so short that a processor has no time to fetch
  /// ahead in one, and so few that they stay near while they are taken.
  private var areShort: CExpression {
    isOneRow
      ? isShort(row)
      : .and(
        .binary(.lessOrEqual, index.size(row), .divide(.name("SHORT_ROW"), .size(4))),
        .binary(.lessOrEqual, index.size(rows), .name("MOST_FETCHED")))
  }

  private var areLong: CExpression {
    isOneRow ? .less(.name("SHORT_ROW"), index.size(row)) : .not(areShort)
  }

  private func isShort(_ axes: [Int]) -> CExpression {
    .binary(.lessOrEqual, index.size(axes), .name("SHORT_ROW"))
  }

  /// The axes of all elements of a place.
  private var rows: [Int] { kernel.work(of: region) }

  /// The axes of those elements of a place that lie together: between it and the next.
  private var row: [Int] {
    let tensor = kernel.tensors(of: region).first.map { kernel.buffers[$0.index] }
    return tensor?.axes(behind: region.kept.suffix(1)) ?? rows
  }

  private var isOneRow: Bool { Set(row) == Set(rows) }

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
