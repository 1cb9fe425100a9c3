import CCode
import LoopIR

/// The kernels of a region that gather the sums of rows in lanes.
extension RegionCode {
  mutating func writeGathered(_ rows: GatheredRows) {
    var prologue: [CStatement] = []
    for step in region.prologue { prologue += scalars(step) }
    var gathered = GatheredCode(
      kernel, region, place: rowPlace, length: index.size(rows.run), scope: scope)
    for step in stepsOfRows {
      switch step {
      case .scalars(let step): gathered.add(step)
      case .reduce(let step, let comment, let passes): gathered.add(step, comment, passes)
      case .store(let code): gathered.add(store: code)
      }
    }
    let number = gathered.row
    let eachRow = { (code: [CStatement], first: CExpression, last: CExpression) in
      eachPlace(
        of: rowAxes, pointers(toKept: number, in: code), from: first, to: last, rowVariable)
    }
    let loops: [CStatement]
    if let rides = region.rides {
      let rows = gathered.code(
        from: .name("first_row"), to: .name("last_row"), eachRow: eachRow)
      loops = rowLoop(rides, [rows])
    } else {
      loops = [gathered.code(from: .name("first"), to: .name("last"), eachRow: eachRow)]
    }
    let elements = CExpression.multiply(.name("GATHERED"), .name("LONGEST_GATHERED"))
    let arrays = spreadDeclarations + keptDeclarations(of: elements) + gathered.declarations
    writeKernels(
      variants.filter(\.isGathered), of: kernelName + KernelVariant.gathered.suffix,
      arrays + prologue + loops)
  }

  /// What the rows that are taken together lie along.
  private var rowAxes: [Int] { region.rides?.order.segments ?? region.kept }
  private var rowVariable: String { region.rides == nil ? "place" : "row" }
  private var rowPlace: CExpression {
    rowAxes.count == 1 ? index.place(rowAxes[0]) : .name(rowVariable)
  }

  /// What the last sweep over rows that reduces fetches, where it is `step`: the same row of those
  /// that are taken together next. It finds its own rows in the first cache, so that memory has
  /// nothing else to do; while results are written it has.
  func nextRows(in step: ReduceStep) -> Streaming.Prefetch? {
    guard let axis = region.kept.last, gatheredRows?.gain == .ofSweeps, isLastReduction(step)
    else { return nil }
    let distance = CExpression.name(GatheredCode.together)
    let isThere = CExpression.less(.add(rowPlace, distance), index.size(rowAxes))
    return Streaming.Prefetch(axis: axis, distance: distance, isWanted: isThere)
  }

  private func isLastReduction(_ step: ReduceStep) -> Bool {
    let last = region.steps.compactMap { if case .reduce(let step) = $0 { step } else { nil } }.last
    return last?.accumulators.map(\.name) == step.accumulators.map(\.name)
  }
}

/// What a step of a region does with one row.
enum StepOfRow {
  case scalars(ScalarStep)
  case reduce(ReduceStep, CStatement, RowPasses)
  case store([CStatement])
}
