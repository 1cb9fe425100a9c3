import Basics
import LoopIR

/// Takes out of the loops of a sweep what costs much and is the same in all of its segments.
///
///     store S, C: y = x * (length / mean)  ->  store C: factor_of_each = length / mean
///                                              store S, C: y = x * factor_of_each
///
/// What is taken out is an array of the workspace with the kept axes and the run of the sweep, so
/// that no length is too long for it. Bits do not change: what is read is what would be computed.
/// Sweeps that reduce stay as they are: what is a factor of a sum was taken out of it before.
struct InvariantHoisting {
  private var kernel: LoopKernel
  /// The names of arrays and scalars that are taken.
  private(set) var names: NameSet

  init(_ kernel: LoopKernel, _ names: NameSet) {
    self.kernel = kernel
    self.names = names
  }

  mutating func run() -> LoopKernel {
    for place in kernel.regions.indices where kernel.regions[place].columns.isEmpty {
      let region = kernel.regions[place]
      kernel.regions[place].steps = region.steps.flatMap { steps(for: $0, of: region) }
    }
    return kernel
  }

  /// `step`, behind the sweep that makes what it reads then, if there is such.
  private mutating func steps(for step: Step, of region: Region) -> [Step] {
    guard case .store(let store) = step, !store.sweep.segments.isEmpty else { return [step] }
    let values = invariants(of: step, store.sweep, in: region)
    if values.isEmpty { return [step] }
    var loads: [LaneValue: BufferID] = [:]
    for value in values {
      let name = store.body.program.names[value.index] ?? "factor"
      kernel.buffers.append(
        Buffer(
          name: names.unique(name + "_of_each"), element: .number,
          axes: region.kept + store.sweep.run, role: .workspace))
      loads[value] = BufferID(kernel.buffers.count - 1)
    }
    var hoisted = Step.store(
      StoreStep(
        sweep: Sweep(segments: [], run: store.sweep.run), body: store.body,
        stores: values.map { ($0, loads[$0] ?? BufferID(0)) }))
    hoisted.load([:])
    var rest = step
    rest.load(loads)
    return [hoisted, rest]
  }

  /// The largest values that cost much and vary along the run, but not from segment to segment.
  private func invariants(
    of step: Step, _ sweep: Sweep, in region: Region
  ) -> [LaneValue] {
    let program = step.body.program
    let costly = Set(program.values(madeBy: \.isCostly))
    let axes = kernel.axes(of: step.body, in: region)
    var found = Set<LaneValue>()
    var seen = Set<LaneValue>()
    var open = step.roots
    while let value = open.popLast() {
      guard costly.contains(value), seen.insert(value).inserted else { continue }
      if program.types[value.index] == .number, axes[value.index].isDisjoint(with: sweep.segments),
        !axes[value.index].isDisjoint(with: sweep.run)
      {
        found.insert(value)
      } else {
        open += program.operations[value.index].operands
      }
    }
    return found.sorted()
  }
}

extension LoopKernel {
  /// The axes along which each value of a program in `region` varies.
  func axes(of body: Body, in region: Region) -> [Set<Int>] {
    let once = Set(region.prologue.flatMap(\.defines).map(\.scalar))
    var axes: [Set<Int>] = []
    for operation in body.program.operations {
      switch body.source(of: operation) {
      case .load(let buffer): axes.append(Set(buffers[buffer.index].axes))
      case .place(let places): axes.append(Set(places))
      case .scalar(let scalar): axes.append(once.contains(scalar) ? [] : Set(region.kept))
      case .parameter, .size: axes.append([])
      case nil: axes.append(operation.operands.reduce(into: []) { $0.formUnion(axes[$1.index]) })
      }
    }
    return axes
  }
}

extension LaneProgram {
  /// The values that an operation of this kind makes, or that are made of such a one.
  func values(madeBy isKind: (LaneOperation) -> Bool) -> [LaneValue] {
    var isMade: [Bool] = []
    for operation in operations {
      isMade.append(isKind(operation) || operation.operands.contains { isMade[$0.index] })
    }
    return isMade.indices.filter { isMade[$0] }.map { LaneValue($0) }
  }
}

extension LaneOperation {
  /// `true` iff it calls a function of the library.
  var isFunction: Bool {
    if case .function = self { true } else { false }
  }

  /// `true` iff it takes many times as long as reading a number.
  var isCostly: Bool {
    switch self {
    case .function, .unary(.squareRoot, _), .binary(.divide, _, _): true
    default: false
    }
  }
}
