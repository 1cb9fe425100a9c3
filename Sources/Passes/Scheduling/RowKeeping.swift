import Basics
import LoopIR

/// Keeps what costs much in a row, where two sweeps of a place compute it.
///
///     reduce C: sum_e of exp(x - m)              reduce C: sum_e of e = exp(x - m); row <- e
///     store C: y = exp(x - m) / sum_e     ->     store C: y = row / sum_e
///
/// A row lies on the stack of the function, so it is at most as long as a block of sums: where the
/// sizes of the call decide that, the region has both lists of steps. Bits do not change: what is
/// read is what would be computed.
struct RowKeeping {
  private var kernel: LoopKernel
  /// The names of arrays and scalars that are taken.
  private(set) var names: NameSet
  /// The values of all programs of a region, equal ones once.
  private var shapes: [Shape: Int] = [:]

  init(_ kernel: LoopKernel, _ names: NameSet) {
    self.kernel = kernel
    self.names = names
  }

  /// A value by its operation, whose operands are the numbers of other shapes.
  private struct Shape: Hashable {
    var operation: LaneOperation
    var source: Source?
    var type: LaneType
  }

  /// A value of an earlier sweep that is costly.
  private struct Costly {
    var step: Int
    var value: LaneValue
    var sweep: Sweep
  }

  mutating func run() -> LoopKernel {
    for place in kernel.regions.indices { keepRows(of: place) }
    return kernel
  }

  private mutating func keepRows(of place: Int) {
    let region = kernel.regions[place]
    guard region.columns.isEmpty, !region.kept.isEmpty,
      region.rides?.order.run.isEmpty != false
    else { return }
    shapes = [:]
    var steps = region.steps
    var found: [Int: Costly] = [:]
    var rows: [BufferID] = []
    for index in steps.indices {
      guard let sweep = steps[index].sweep, sweep.segments.isEmpty, fits(sweep) else { continue }
      let numbers = numbered(steps[index].body)
      rows += replaceKnown(in: &steps, at: index, numbers, found)
      guard case .reduce(let step) = steps[index] else { continue }
      let program = step.body.program
      for value in program.values(madeBy: \.isFunction) where found[numbers[value.index]] == nil {
        if program.types[value.index] == .number {
          found[numbers[value.index]] = Costly(step: index, value: value, sweep: sweep)
        }
      }
    }
    // More rows than two would leave no room in the first cache for what the sweeps read.
    guard (1...2).contains(rows.count) else {
      kernel.buffers.removeLast(rows.count)
      return
    }
    if kernel.openSums(of: region).isEmpty {
      kernel.regions[place].steps = steps
    } else {
      kernel.regions[place].stepsOfOneBlock = steps
    }
  }

  /// `true` iff fixed sizes do not make a run too long for a row.
  private func fits(_ sweep: Sweep) -> Bool {
    let length = kernel.fixedExtents(of: sweep.run).reduce(1) {
      $0.multipliedReportingOverflow(by: $1).partialValue
    }
    return (1...kernel.type.prelude.longestRun).contains(length)
  }

  // Equal values

  /// The number of each value of a program; equal values have one number.
  private mutating func numbered(_ body: Body) -> [Int] {
    var numbers: [Int] = []
    for (operation, type) in zip(body.program.operations, body.program.types) {
      var shape = Shape(
        operation: operation.mapOperands { LaneValue(numbers[$0.index]) }, source: nil, type: type)
      if case .argument(let place) = operation {
        (shape.operation, shape.source) = (.argument(0), body.arguments[place])
      }
      let number = shapes[shape] ?? shapes.count
      shapes[shape] = number
      numbers.append(number)
    }
    return numbers
  }

  /// Lets the step read from rows what an earlier one of the same sweep has computed.
  private mutating func replaceKnown(
    in steps: inout [Step], at index: Int, _ numbers: [Int], _ found: [Int: Costly]
  ) -> [BufferID] {
    let program = steps[index].body.program
    var rows: [Int: BufferID] = [:]
    var loads: [LaneValue: BufferID] = [:]
    var seen = Set<LaneValue>()
    var open = steps[index].roots
    while let value = open.popLast() {
      guard seen.insert(value).inserted else { continue }
      let number = numbers[value.index]
      guard let costly = found[number], costly.sweep == steps[index].sweep else {
        open += program.operations[value.index].operands
        continue
      }
      let row = rows[number] ?? declareRow(costly, steps)
      loads[value] = row
      if rows.updateValue(row, forKey: number) == nil {
        steps[costly.step].keep(costly.value, in: row)
      }
    }
    if !loads.isEmpty { steps[index].load(loads) }
    return rows.values.sorted()
  }

  private mutating func declareRow(_ costly: Costly, _ steps: [Step]) -> BufferID {
    let name = steps[costly.step].body.program.names[costly.value.index] ?? "value"
    kernel.buffers.append(
      Buffer(
        name: names.unique("kept_" + name), element: .number, axes: costly.sweep.run, role: .row))
    return BufferID(kernel.buffers.count - 1)
  }
}
