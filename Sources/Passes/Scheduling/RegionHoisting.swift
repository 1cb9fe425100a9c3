import Basics
import LoopIR

/// Takes out of the regions what costs much and is the same at many of their places.
///
///     for N: store C: y = x * rsqrt(variance + eps)
///       ->  store C: factor_of_each = rsqrt(variance + eps)
///           for N: store C: y = x * factor_of_each
///
/// What is taken out is made by a region of its own, before all others, in an array of the
/// workspace with the axes along which it varies: nothing but arguments is read there. Bits do not
/// change: what is read is what would be computed.
struct RegionHoisting {
  private var kernel: LoopKernel
  /// The names of arrays and scalars that are taken.
  private(set) var names: NameSet
  /// The regions to add.
  private var added: [Region] = []
  /// The arrays that they make, by what they hold.
  private var arrays: [Value: BufferID] = [:]

  /// A value: the program that makes it, at each place of some axes.
  private struct Value: Hashable {
    var body: Body
    var axes: [Int]
  }

  init(_ kernel: LoopKernel, _ names: NameSet) {
    self.kernel = kernel
    self.names = names
  }

  mutating func run() -> LoopKernel {
    for place in kernel.regions.indices {
      let region = kernel.regions[place]
      guard region.columns.isEmpty, !region.kept.isEmpty else { continue }
      let steps = region.steps.map { hoisted($0, of: region) }
      kernel.regions[place].steps = steps
      kernel.regions[place].prologue = region.prologue.needed(by: steps.map(\.body))
    }
    kernel.regions = added + kernel.regions
    return kernel
  }

  /// `step`, which reads what a region before makes.
  private mutating func hoisted(_ step: Step, of region: Region) -> Step {
    guard let sweep = step.sweep else { return step }
    var loads: [LaneValue: BufferID] = [:]
    for (value, kept) in invariants(of: step, sweep, in: region) {
      loads[value] = array(of: value, in: step.body, kept: kept, run: sweep.run, region)
    }
    if loads.isEmpty { return step }
    var rest = step
    rest.load(loads)
    return rest
  }

  /// The array that holds `value` at each place of `kept` and `run`.
  private mutating func array(
    of value: LaneValue, in body: Body, kept: [Int], run: [Int], _ region: Region
  ) -> BufferID {
    let buffer = BufferID(kernel.buffers.count)
    var step = Step.store(
      StoreStep(
        sweep: Sweep(segments: [], run: run), body: body, stores: [(value, buffer)]))
    step.load([:])
    let key = Value(body: step.body, axes: kept + run)
    if let known = arrays[key] { return known }
    let name = names.unique((body.program.names[value.index] ?? "factor") + "_of_each")
    kernel.buffers.append(
      Buffer(name: name, element: .number, axes: kept + run, role: .workspace))
    added.append(
      Region(
        title: name, kept: kept, columns: [], prologue: region.prologue.needed(by: [step.body]),
        steps: [step]))
    arrays[key] = buffer
    return buffer
  }

  /// The largest values that cost much, vary along the run and not along all axes around it, and
  /// are made of arguments; each with those of the kept axes along which it varies.
  private func invariants(
    of step: Step, _ sweep: Sweep, in region: Region
  ) -> [(value: LaneValue, kept: [Int])] {
    let program = step.body.program
    let costly = Set(program.values(madeBy: \.isCostly))
    let local = Set(program.values(madeBy: { isLocal($0, in: step.body, of: region) }))
    let axes = kernel.axes(of: step.body, in: region)
    let run = Set(sweep.run)
    var found: [LaneValue: [Int]] = [:]
    var seen = Set<LaneValue>()
    var open = step.roots
    while let value = open.popLast() {
      guard costly.contains(value), seen.insert(value).inserted else { continue }
      let varying = axes[value.index]
      if program.types[value.index] == .number, !local.contains(value),
        varying.isSubset(of: run.union(region.kept)), !varying.isDisjoint(with: run),
        !varying.isSuperset(of: region.kept)
      {
        found[value] = region.kept.filter(varying.contains)
      } else {
        open += program.operations[value.index].operands
      }
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// `true` iff an argument is only there after other regions, or at a place.
  private func isLocal(_ operation: LaneOperation, in body: Body, of region: Region) -> Bool {
    body.source(of: operation).map { isLocal($0, in: region) } ?? false
  }

  private func isLocal(_ source: Source, in region: Region) -> Bool {
    switch source {
    case .load(let buffer): return kernel.buffers[buffer.index].role != .input
    case .scalar(let scalar):
      let step = region.prologue.first { $0.defines.contains { $0.scalar == scalar } }
      return step?.body.arguments.contains { isLocal($0, in: region) } ?? true
    case .place, .parameter, .size: return false
    }
  }
}

extension [ScalarStep] {
  /// Those of the steps, which are made once, that `bodies` need.
  fileprivate func needed(by bodies: [Body]) -> [ScalarStep] {
    var needed = Set(bodies.flatMap(\.scalars))
    var steps: [ScalarStep] = []
    for var step in reversed() {
      step.defines.removeAll { !needed.contains($0.scalar) }
      if step.defines.isEmpty { continue }
      var pruned = Step.scalars(step)
      pruned.load([:])
      guard case .scalars(let rest) = pruned else { continue }
      needed.formUnion(rest.body.scalars)
      steps.insert(rest, at: 0)
    }
    return steps
  }
}

extension Body {
  fileprivate var scalars: [ScalarID] {
    arguments.compactMap { if case .scalar(let scalar) = $0 { scalar } else { nil } }
  }
}
