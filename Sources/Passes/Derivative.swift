import LoopIR

/// A function that is derived from the forward.
package enum Derivative: String, Hashable, CaseIterable, Sendable {
  /// The vector-Jacobian product: gradients by tensors and parameters, given those by the outputs.
  case vjp
  /// The Jacobian-vector product: tangents of the outputs, given those of tensors and parameters.
  case jvp
  /// The vector-Jacobian product of `vjp`: given adjoints of the gradients that `vjp` makes, those
  /// of all that it reads.
  case vjp2

  /// What it is called as.
  package var direction: Direction {
    switch self {
    case .vjp: .backward
    case .jvp: .jvp
    case .vjp2: .vjp2
    }
  }
}
