import LoopIR
import TensorIR

/// One C function of a norm on its way to text.
package struct CompiledFunction: Sendable {
  package var direction: Direction
  package var phase: CallPhase
  /// The event that it is; `nil` for the calls of a norm.
  package var event: String?
  /// The graph in the terms of mathematics: what comments and explanations show.
  package var formulas: Graph
  /// The graph that fixes every bit: after `precision` and `contraction`.
  package var graph: Graph
  package var kernel: LoopKernel
  /// The loops for calls in which an innermost axis has one place.
  package var flat: FlatKernel?

  package init(
    direction: Direction, phase: CallPhase, event: String? = nil, formulas: Graph, graph: Graph,
    kernel: LoopKernel,
    flat: FlatKernel?
  ) {
    self.direction = direction
    self.phase = phase
    self.event = event
    self.formulas = formulas
    self.graph = graph
    self.kernel = kernel
    self.flat = flat
  }

  /// What its names in C begin with, after the prefix of the file: `forward`, `backward_eval`,
  /// `event_finish`.
  package var name: String {
    event.map { "event_" + $0 } ?? direction.rawValue + (phase == .eval ? "_eval" : "")
  }
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
