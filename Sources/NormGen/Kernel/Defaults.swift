import Syntax

/// What a norm's source says of the values that a caller leaves out: the standard values of
/// scalars, and the initial values of parameters and states.
package struct Defaults: Sendable {
  private let norm: CheckedNorm

  package init(of norm: CheckedNorm) { self.norm = norm }

  /// The standard values of the scalars that have one.
  package func scalars() throws(KernelError) -> [String: KernelValue] {
    var standards: [String: KernelValue] = [:]
    for value in norm.values {
      guard case .scalar(let standard?) = value.kind else { continue }
      let number = try evaluator(sizes: [:]).number(standard)
      standards[value.name] = value.isCondition ? .condition(number != 0) : .number(number)
    }
    return standards
  }

  /// The number that each element of a parameter or state begins with; `nil` for other names.
  ///
  /// - Throws: `.missingSize` where it depends on a size that is not given.
  package func initialValue(
    of name: String, sizes: [String: Int] = [:]
  ) throws(KernelError) -> Double? {
    for value in norm.values where value.name == name {
      switch value.kind {
      case .parameter(let initial), .state(let initial):
        return try evaluator(sizes: sizes).number(initial)
      case .tensor, .mask, .scalar, .counter, .equation, .adjoint: continue
      }
    }
    return nil
  }

  private func evaluator(sizes: [String: Int]) -> InitialTerm {
    InitialTerm(norm: norm, sizes: sizes)
  }
}
