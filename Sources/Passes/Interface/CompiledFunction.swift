import LoopIR
import TensorIR

/// One C function of a norm on its way to text.
package struct CompiledFunction: Sendable {
  package var direction: Direction
  package var phase: CallPhase
  /// The event that it is; `nil` for the calls of a norm.
  package var event: String?
  /// Which step it is of those that several processes compute together; `nil` for what a process
  /// computes alone.
  package var step: RankStep?
  /// The graph in the terms of mathematics: what comments and explanations show.
  package var formulas: Graph
  /// The graph that fixes every bit: after `precision` and `contraction`.
  package var graph: Graph
  package var kernel: LoopKernel
  /// The loops for calls in which an innermost axis has one place.
  package var flat: FlatKernel?

  package init(
    direction: Direction, phase: CallPhase, event: String? = nil, step: RankStep? = nil,
    formulas: Graph, graph: Graph, kernel: LoopKernel, flat: FlatKernel?
  ) {
    self.direction = direction
    self.phase = phase
    self.event = event
    self.step = step
    self.formulas = formulas
    self.graph = graph
    self.kernel = kernel
    self.flat = flat
  }

  /// What its names in C begin with, after the prefix of the file: `forward`, `backward_eval`,
  /// `event_finish`, `forward_1`.
  package var name: String {
    event.map { "event_" + $0 } ?? callName + (step.map { "_\($0.number)" } ?? "")
  }

  /// The name of all steps together.
  package var callName: String { direction.rawValue + (phase == .eval ? "_eval" : "") }
}

/// The loops of a function without an axis that has one place.
package struct FlatKernel: Sendable {
  /// The size that is 1.
  package var size: String
  package var kernel: LoopKernel

  package init(size: String, kernel: LoopKernel) {
    self.size = size
    self.kernel = kernel
  }
}

/// A step of a function that several processes compute together.
package struct RankStep: Sendable {
  /// Counts from 1.
  package var number: Int
  /// All cuts of the function; the k-th stands behind the k-th step.
  package var cuts: [RankCut]

  package init(number: Int, cuts: [RankCut]) {
    self.number = number
    self.cuts = cuts
  }

  /// `true` iff it makes no partial results.
  package var isLast: Bool { number > cuts.count }
}
