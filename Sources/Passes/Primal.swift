import TensorIR

/// The forward of one phase of a norm, before differentiation.
package struct Primal: Equatable, Sendable {
  /// Its results are the outputs and the states that the forward sets.
  package var graph: Graph
  /// The derivatives that the source replaces; `customGradient(i, …)` refers to the i-th.
  package var blocks: [Block]

  /// A gradient block. Its nodes stand in the graph after those of the forward.
  package struct Block: Equatable, Sendable {
    /// Stands for the adjoint of the value whose derivative is replaced.
    package var placeholder: Node
    /// What values receive.
    package var shares: [Share]
    /// The states that the backward sets.
    package var updates: [GraphResult]
  }

  /// `grad target = value`, at each place along the axes that the target has in any phase.
  package struct Share: Equatable, Sendable {
    package var target: Node
    package var value: Node
    package var axes: AxisSet
  }
}
