import Syntax

extension CheckedNorm {
  /// The number of a scalar that the caller does not give (a condition is 0 or 1), or the number
  /// that fills a parameter or state at the beginning; `nil` for all other values.
  ///
  /// Initial values go by the defaults of scalars, not by what is given for them.
  package func initialNumber(
    of value: Value, _ sizes: CallSizes
  ) throws(KernelError) -> Double? {
    let constants = InitialTerm(norm: self, sizes: sizes.byName)
    switch value.kind {
    case .parameter(let term), .state(let term), .scalar(let term?):
      return try constants.number(term)
    case .tensor, .mask, .scalar(nil), .counter, .equation, .adjoint: return nil
    }
  }
}
