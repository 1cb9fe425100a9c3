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
    let axes = region.kept + store.sweep.run
    let stores = values.map { value in
      (value, kernel.addFactor(value, in: store.body.program, axes: axes, &names))
    }
    var rest = step
    rest.load(Dictionary(uniqueKeysWithValues: stores))
    return [.factors(stores, of: store.body, along: store.sweep.run), rest]
  }

  /// The largest values that cost much and vary along the run, but not from segment to segment.
  private func invariants(
    of step: Step, _ sweep: Sweep, in region: Region
  ) -> [LaneValue] {
    kernel.largestFactors(of: step, sweep, in: region) { _, axes in
      axes.isDisjoint(with: sweep.segments)
    }.map(\.value)
  }
}
