import Basics
import LoopIR

/// Writes conditions on places along a run as the stretch of the run where they hold.
///
///     reduce C: total x where place - here <= 2 and -2 <= place - here
///       ->  scalars: from = here - 2, through = here + 2
///           reduce C: total x where the place is from ... through
///
/// The ends are made once for each place of the kept axes. The lanes compare no places then, which
/// they have not, and where all sums have the condition, only that stretch is looped over. Places
/// that are the same along the run become numbers. Nothing is rounded that was not: bits do not
/// change.
struct PlaceRanges {
  private var kernel: LoopKernel
  private var names: NameSet
  /// The scalars that are places along axes, or whole numbers.
  private var whole: Set<ScalarID> = []

  init(_ kernel: LoopKernel, _ names: NameSet) {
    self.kernel = kernel
    self.names = names
  }

  mutating func run() -> LoopKernel {
    for place in kernel.regions.indices {
      let region = kernel.regions[place]
      whole = wholeScalars(region)
      kernel.regions[place].steps = region.steps.flatMap { steps(for: $0, of: region) }
      if let steps = region.stepsOfOneBlock {
        kernel.regions[place].stepsOfOneBlock = steps.flatMap { self.steps(for: $0, of: region) }
      }
    }
    return kernel
  }

  /// `step` behind the scalars that it needs then.
  private mutating func steps(for step: Step, of region: Region) -> [Step] {
    guard let sweep = step.sweep else { return [step] }
    var step = withNumbers(step, sweep)
    var scalars: [Step] = []
    if case .reduce(var reduce) = step, let rows = rows(of: &reduce) {
      scalars.append(.scalars(rows))
      step = .reduce(reduce)
    }
    if region.columns.isEmpty, !sweep.run.isEmpty, let ends = ends(of: &step, sweep) {
      scalars.append(.scalars(ends))
    }
    return scalars + [step]
  }

  /// Lets `step` ask for ranges of its run; the ends of these.
  private mutating func ends(of step: inout Step, _ sweep: Sweep) -> ScalarStep? {
    guard step.body.readsPlaces else { return nil }
    var finder = PlaceRangeFinder(step.body, sweep.run, kernel.scalars, whole)
    let found = finder.found(below: step.roots)
    if found.isEmpty { return nil }
    var ends = ScalarStep(isOfColumns: false, body: finder.ends, defines: [], stores: [])
    step.take(
      Dictionary(
        uniqueKeysWithValues: found.map { ($0.value, .within(declare($0.range, in: &ends))) }))
    return ends
  }

  /// Notes where the rows are that `step` takes; the ends of these.
  private mutating func rows(of step: inout ReduceStep) -> ScalarStep? {
    guard let selection = step.selection, step.sweep.segments.count == 1,
      selection.body.readsPlaces
    else { return nil }
    var finder = PlaceRangeFinder(selection.body, step.sweep.segments, kernel.scalars, whole)
    guard let range = finder.range(ofAll: selection.body.program.terms(of: selection.condition))
    else { return nil }
    var ends = ScalarStep(isOfColumns: false, body: finder.ends, defines: [], stores: [])
    step.selection?.range = declare(range, in: &ends)
    return ends
  }

  /// Makes scalars of the ends of a range.
  private mutating func declare(
    _ range: PlaceRangeFinder.Range, in step: inout ScalarStep
  ) -> PlaceRange {
    let ends = [(range.from, "from"), (range.through, "through")].map { end, name -> ScalarID? in
      guard let end else { return nil }
      if let known = step.defines.first(where: { $0.value == end }) { return known.scalar }
      kernel.scalars.append(Scalar(name: names.unique(name), type: .wide, isOfColumn: false))
      let scalar = ScalarID(kernel.scalars.count - 1)
      step.defines.append((end, scalar))
      return scalar
    }
    return PlaceRange(
      axes: range.axes, from: ends[0], through: ends[1], comparison: range.comparison)
  }

  /// `step` with numbers for places that are the same along the run.
  private func withNumbers(_ step: Step, _ sweep: Sweep) -> Step {
    let program = step.body.program
    var sources: [LaneValue: Source] = [:]
    for (index, operation) in program.operations.enumerated() {
      guard case .narrow(let place) = operation,
        case .place(let axes) = step.body.source(of: program.operations[place.index]),
        Set(axes).isDisjoint(with: sweep.run)
      else { continue }
      sources[LaneValue(index)] = .place(axes)
    }
    if sources.isEmpty { return step }
    var result = step
    result.take(sources)
    return result
  }

  /// The scalars of a region that are places.
  private func wholeScalars(_ region: Region) -> Set<ScalarID> {
    var found = Set<ScalarID>()
    for step in region.prologue + region.steps.compactMap(\.scalarStep) {
      for (value, scalar) in step.defines {
        if case .place = step.body.source(of: step.body.program.operations[value.index]) {
          found.insert(scalar)
        }
      }
    }
    return found
  }
}

extension Body {
  fileprivate var readsPlaces: Bool {
    arguments.contains { if case .place = $0 { true } else { false } }
  }
}

extension Step {
  fileprivate var scalarStep: ScalarStep? {
    if case .scalars(let step) = self { step } else { nil }
  }

  /// Lets the step take values from `sources`.
  fileprivate mutating func take(_ sources: [LaneValue: Source]) {
    let (body, changed) = body.part(for: roots, from: sources)
    replace(body) { changed[$0] ?? $0 }
  }
}
