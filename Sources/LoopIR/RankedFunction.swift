/// A function that several processes compute together, each on elements of its own.
///
/// Every process calls the first step, which writes its partial results; gathers those of all
/// processes in the order of their ranks, one after the other; merges them; and goes on with the
/// next step.
package struct RankedFunction: Sendable {
  package var direction: Direction
  package var phase: CallPhase
  /// One more than there are cuts. A result is written by the first step that can; states and
  /// counters, by the last.
  package var steps: [KernelFunction]
  package var cuts: [KernelCut]

  package init(
    direction: Direction, phase: CallPhase, steps: [KernelFunction], cuts: [KernelCut]
  ) {
    self.direction = direction
    self.phase = phase
    self.steps = steps
    self.cuts = cuts
  }
}

/// What stands between two steps: how partial results are merged.
package struct KernelCut: Sendable {
  /// The name of the step before it.
  private let step: String
  /// The name of the argument by which later steps are given what was merged.
  package let argument: String

  /// - Parameter number: counts from 1.
  package init(after step: String, number: Int) {
    self.step = step
    argument = Self.argument(number)
  }

  /// The name of the argument by which later steps are given what was merged at a cut.
  package static func argument(_ number: Int) -> String { "merged_\(number)" }

  /// The name of `size_t STEP_bytes(sizes)`: the bytes of partial results, and of what they are
  /// merged to; `SIZE_MAX` if the sizes cannot be addressed.
  package var byteCountSymbol: String { step + "_bytes" }
  /// The name of `status STEP_merge(size_t ranks, const void *partials, void *merged)`.
  package var mergeSymbol: String { step + "_merge" }
}
