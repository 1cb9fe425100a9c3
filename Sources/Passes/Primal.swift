import TensorIR

/// The forward of one phase of a norm, before differentiation.
package struct Primal: Equatable, Sendable {
  /// Its results are the outputs and the states that the forward sets.
  package var graph: Graph
  /// The derivatives that the source replaces; `customGradient(i, …)` refers to the i-th.
  package var blocks: [Block]

  /// A gradient block. Its nodes stand in the graph after those of the forward.
  package struct Block: Sendable {
    /// Stands for the adjoint of the value whose derivative is replaced.
    package var placeholder: Node
    /// What values receive.
    package var contributions: [(target: Node, value: Node)]
    /// The states that the backward sets.
    package var updates: [GraphResult]
  }
}

extension Primal.Block: Equatable {
  package static func == (a: Self, b: Self) -> Bool {
    a.placeholder == b.placeholder && a.updates == b.updates
      && a.contributions.elementsEqual(b.contributions, by: ==)
  }
}
