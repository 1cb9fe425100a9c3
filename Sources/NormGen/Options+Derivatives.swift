import Passes
import Syntax

extension Options {
  /// The derivatives in the terms of the passes.
  var passDerivatives: Set<Passes.Derivative> { Set(derivatives.map(\.inPasses)) }

  /// Throws for derivatives that `norm` does not have.
  ///
  /// - Throws: `InputError` if there is none to derive, or if more than the backward is wanted of a
  ///   norm that replaces a gradient.
  func checkDerivatives(of norm: CheckedNorm) throws(InputError) {
    guard !derivatives.isEmpty else { throw InputError("no derivative is asked for") }
    let further = Derivative.allCases.filter { $0 != .vjp && derivatives.contains($0) }
    guard let first = further.first,
      let block = (norm.train.gradients + norm.eval.gradients).first
    else { return }
    let value = norm.values[block.value.index].name
    throw InputError(
      "\(block.place): \(norm.name) has no \(first.rawValue): its source replaces the gradient of "
        + "'\(value)', which need not be the derivative of anything")
  }
}

extension Options.Derivative {
  fileprivate var inPasses: Passes.Derivative {
    switch self {
    case .vjp: .vjp
    case .jvp: .jvp
    case .vjp2: .vjp2
    }
  }
}
