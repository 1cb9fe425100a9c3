import CCode
import LoopIR

/// What sweeps fetch ahead.
///
/// **Places** that are taken next. The last sweep that reduces a place finds in the first cache
/// what an earlier one has read, so that memory has nothing else to do; while results are written
/// it has. If only one sweep reduces, that which writes fetches, unless a sweep computes functions,
/// which takes longer than memory. Long rows a processor fetches ahead of itself, and what is
/// fetched besides would drive out their own elements: it is done where results bypass the caches
/// alone, as these are written.
///
/// **Segments** of the same place, if they are short and lie apart: a processor does not look for
/// them where they begin. The only sweep that reduces fetches the next segment that it reads; and
/// that which writes the next that it writes, else each of its lines is waited for. So it is with
/// segments whose elements the region before has read in this turn, wherever they lie: it reads
/// those of the next place in the next turn. And so with rows that are gathered, many of which are
/// written one after the other.
extension RegionCode {
  func prefetch(in step: ReduceStep) -> Streaming.Prefetch? {
    guard region.columns.isEmpty else { return nil }
    if isLastOfReductions(step) { return nextPlaces(if: areShort) }
    return readsOnce && lieApart(step.sweep)
      ? nextSegment(of: step.sweep, if: areNarrow(step.sweep.run)) : nil
  }

  func prefetch(in step: StoreStep) -> Streaming.Prefetch? {
    let stream = CExpression.name(KernelSwitch.stream.rawValue)
    if isInTurn(step.sweep) { return nextPlaces(if: stream) }
    return nextPlaces(if: readsOnce ? .or(stream, isShort(rows)) : .and(stream, areLong))
  }

  /// What a sweep writes is fetched farther where it reads nothing from afar meanwhile.
  func prefetchOfResults(in step: StoreStep) -> Streaming.Prefetch? {
    if gatheredRows != nil { return nextResults.unwanted }
    let run = step.sweep.run
    guard region.columns.isEmpty, lieApart(step.sweep) || isInTurn(step.sweep) else { return nil }
    let areShort =
      readsOnce ? areNarrow(run) : .binary(.lessOrEqual, index.size(run), .name("SLOTS"))
    return nextSegment(of: step.sweep, if: unlessStreamed(areShort))
  }

  /// The result of the next row, where rows are gathered.
  var nextResults: Streaming.Prefetch {
    let isThere = CExpression.less(.add(rowPlace, .size(1)), index.size(rowAxes))
    return Streaming.Prefetch(
      parameter: "next_result", axis: rowAxes.last ?? 0, distance: .size(1),
      isWanted: unlessStreamed(isThere))
  }

  private func unlessStreamed(_ condition: CExpression) -> CExpression {
    isSwitch(.stream)
      ? .and(.not(.name(KernelSwitch.stream.rawValue)), condition) : condition
  }

  /// The same as `nextPlaces` for rows that are gathered, which are short: the next set of them.
  func nextRows(from nextPlaces: Streaming.Prefetch) -> Streaming.Prefetch {
    guard gatheredRows?.gain == .ofSweeps else { return nextPlaces.unwanted }
    let distance = CExpression.name(GatheredCode.together)
    return Streaming.Prefetch(
      parameter: nextPlaces.parameter, axis: nextPlaces.axis, distance: distance,
      isWanted: .less(.add(rowPlace, distance), index.size(rowAxes)))
  }

  private func nextPlaces(if condition: CExpression) -> Streaming.Prefetch? {
    region.kept.last.map { axis in
      let distance: CExpression =
        rowsOfSet?.count ?? (region.isSplit(in: kernel) ? .name("in_flight") : .size(1))
      let areThere = CExpression.less(.add(index.place(axis), distance), index.extent(axis))
      return Streaming.Prefetch(
        parameter: "next_place", axis: axis, distance: distance,
        isWanted: .and(condition, areThere))
    }
  }

  private func nextSegment(
    of sweep: Sweep, if condition: CExpression
  ) -> Streaming.Prefetch? {
    sweep.segments.last.map { axis in
      let isThere = CExpression.less(.add(index.place(axis), .size(1)), index.extent(axis))
      return Streaming.Prefetch(
        parameter: "next_segment", axis: axis, distance: .size(1),
        isWanted: .and(condition, isThere))
    }
  }

  /// Whether the segments of a sweep lie apart.
  private func lieApart(_ sweep: Sweep) -> Bool { !isOneRow && Set(sweep.run) == Set(row) }

  /// Whether the region before, which takes turns with this one, has read the segments of a sweep.
  private func isInTurn(_ sweep: Sweep) -> Bool { region.takesTurns && !sweep.segments.isEmpty }

  /// Whether one sweep alone reduces, and none computes functions.
  private var readsOnce: Bool {
    region.steps.reductions == 1 && !region.bodies.contains { $0.program.callsFunctions }
  }

  /// Whether a place is one short row; or of rows so short that a processor has no time to fetch
  /// ahead in one, and so few that they stay near while they are taken.
  private var areShort: CExpression {
    isOneRow
      ? isShort(row)
      : .and(
        areNarrow(row), .binary(.lessOrEqual, index.size(rows), .name("MOST_FETCHED")))
  }

  /// Whether rows are so short that a processor has no time to fetch ahead in one.
  private func areNarrow(_ row: [Int]) -> CExpression {
    .binary(.lessOrEqual, index.size(row), .divide(.name("SHORT_ROW"), .size(4)))
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
