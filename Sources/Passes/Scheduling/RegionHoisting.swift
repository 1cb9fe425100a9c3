import Basics
import LoopIR

/// Takes out of the regions what costs much and is the same at many of their places.
///
///     for N: store C: y = x * rsqrt(variance + eps)
///       ->  store C: factor_of_each = rsqrt(variance + eps)
///           for N: store C: y = x * factor_of_each
///
/// So does a sum over columns, whose segments are other places of a kept axis, with what calls a
/// function: a window would call it again for each of its elements.
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
      guard !region.kept.isEmpty else { continue }
      let hoisted = region.steps.map { loads(for: $0, of: region) }
      if hoisted.allSatisfy(\.isEmpty) { continue }
      var steps = region.steps
      for (index, loads) in hoisted.enumerated() where !loads.isEmpty { steps[index].load(loads) }
      kernel.regions[place].steps = steps
      kernel.regions[place].prologue = region.prologue.needed(by: steps.map(\.body))
    }
    kernel.regions = added + kernel.regions
    return kernel
  }

  /// The values that a sweep can read from what regions before make.
  private mutating func loads(for step: Step, of region: Region) -> [LaneValue: BufferID] {
    guard let sweep = step.sweep else { return [:] }
    var loads: [LaneValue: BufferID] = [:]
    for (value, axes) in invariants(of: step, sweep, in: region) {
      let kept = (region.kept + sweep.segments).filter(axes.contains)
      loads[value] = array(of: value, in: step.body, kept: kept, run: sweep.run, region)
    }
    return loads
  }

  /// The array that holds `value` at each place of `kept` and `run`.
  private mutating func array(
    of value: LaneValue, in body: Body, kept: [Int], run: [Int], _ region: Region
  ) -> BufferID {
    let next = BufferID(kernel.buffers.count)
    let step = Step.factors([(value, next)], of: body, along: run)
    let key = Value(body: step.body, axes: kept + run)
    if let known = arrays[key] { return known }
    let buffer = kernel.addFactor(value, in: body.program, axes: kept + run, &names)
    added.append(
      Region(
        title: kernel.buffers[buffer.index].name, kept: kept, columns: [],
        prologue: region.prologue.needed(by: [step.body]), steps: [step]))
    arrays[key] = buffer
    return buffer
  }

  /// The largest values that cost much, vary along the run and not along all axes around it, and
  /// are made of arguments.
  private func invariants(
    of step: Step, _ sweep: Sweep, in region: Region
  ) -> [(value: LaneValue, axes: Set<Int>)] {
    lazy var local = Set(
      step.body.program.values(madeBy: { isLocal($0, in: step.body, of: region) }))
    let isOfColumns = !region.columns.isEmpty
    let all = Set(region.kept + sweep.run + (isOfColumns ? sweep.segments : []))
    lazy var functions = Set(step.body.program.values(madeBy: \.isFunction))
    return kernel.largestFactors(of: step, sweep, in: region) { value, axes in
      axes.isSubset(of: all) && !axes.isSuperset(of: region.kept) && !local.contains(value)
        && (!isOfColumns || functions.contains(value))
    }
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
    case .within: return true
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
