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
  var rowAxes: [Int] { region.rides?.order.segments ?? region.kept }
  private var rowVariable: String { region.rides == nil ? "place" : "row" }
  var rowPlace: CExpression {
    rowAxes.count == 1 ? index.place(rowAxes[0]) : .name(rowVariable)
  }
}

/// What a step of a region does with one row.
enum StepOfRow {
  case scalars(ScalarStep)
  case reduce(ReduceStep, CStatement, RowPasses)
  case store([CStatement])
}
