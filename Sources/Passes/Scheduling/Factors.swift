import Basics
import LoopIR

// What is hoisted: factors, which cost much and are kept in arrays.

extension LoopKernel {
  /// The largest numbers of a sweep that cost much, vary along its run and are wanted, each with
  /// the axes along which it varies.
  func largestFactors(
    of step: Step, _ sweep: Sweep, in region: Region,
    where isWanted: (LaneValue, Set<Int>) -> Bool
  ) -> [(value: LaneValue, axes: Set<Int>)] {
    let program = step.body.program
    let costly = Set(program.values(madeBy: \.isCostly))
    if costly.isEmpty { return [] }
    let axes = axes(of: step.body, in: region)
    var found: [(value: LaneValue, axes: Set<Int>)] = []
    var seen = Set<LaneValue>()
    var open = step.roots
    while let value = open.popLast() {
      guard costly.contains(value), seen.insert(value).inserted else { continue }
      let varying = axes[value.index]
      if program.types[value.index] == .number, !varying.isDisjoint(with: sweep.run),
        isWanted(value, varying)
      {
        found.append((value, varying))
      } else {
        open += program.operations[value.index].operands
      }
    }
    return found.sorted { $0.value < $1.value }
  }

  /// Adds the array of the workspace that holds a value of `program` at each place of `axes`.
  mutating func addFactor(
    _ value: LaneValue, in program: LaneProgram, axes: [Int], _ names: inout NameSet
  ) -> BufferID {
    let name = names.unique((program.names[value.index] ?? "factor") + "_of_each")
    buffers.append(Buffer(name: name, element: .number, axes: axes, role: .workspace))
    return BufferID(buffers.count - 1)
  }

  /// The axes along which each value of a program in `region` varies.
  private func axes(of body: Body, in region: Region) -> [Set<Int>] {
    let once = Set(region.prologue.flatMap(\.defines).map(\.scalar))
    var axes: [Set<Int>] = []
    for operation in body.program.operations {
      switch body.source(of: operation) {
      case .load(let buffer): axes.append(Set(buffers[buffer.index].axes))
      case .place(let places): axes.append(Set(places))
      case .within(let range): axes.append(Set(range.axes + region.kept))
      case .scalar(let scalar): axes.append(once.contains(scalar) ? [] : Set(region.kept))
      case .parameter, .size: axes.append([])
      case nil: axes.append(operation.operands.reduce(into: []) { $0.formUnion(axes[$1.index]) })
      }
    }
    return axes
  }
}

extension Step {
  /// The sweep along `run` that stores values of `body`.
  static func factors(
    _ stores: [(value: LaneValue, buffer: BufferID)], of body: Body, along run: [Int]
  ) -> Step {
    var step = Step.store(
      StoreStep(sweep: Sweep(segments: [], run: run), body: body, stores: stores))
    step.load([:])
    return step
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
  fileprivate var isCostly: Bool {
    switch self {
    case .function, .unary(.squareRoot, _), .binary(.divide, _, _): true
    default: false
    }
  }
}
