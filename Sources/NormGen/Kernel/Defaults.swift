import Syntax

/// What a norm's source says of the values that a caller leaves out: the standard values of
/// scalars, and the initial values of parameters and states.
///
/// They go by the standard values of scalars, not by what a caller gives for those.
package struct Defaults: Sendable {
  private let norm: CheckedNorm
  /// The sizes that were fixed when the norm was compiled.
  private let fixed: [String: Int]

  package init(of norm: CheckedNorm, fixed: [String: Int] = [:]) {
    self.norm = norm
    self.fixed = fixed
  }

  /// The standard values of the scalars that have one.
  package func scalars() throws(KernelError) -> [String: KernelValue] {
    var standards: [String: KernelValue] = [:]
    for value in norm.values {
      guard case .scalar = value.kind, let number = try number(of: value) else { continue }
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
      if case .scalar = value.kind { continue }
      return try number(of: value, sizes: sizes)
    }
    return nil
  }

  /// The standard value of a scalar (a condition is 0 or 1), or the number that fills a parameter
  /// or state at the beginning; `nil` where the source gives none.
  ///
  /// - Throws: `.missingSize` where it depends on a size that is not given.
  package func number(
    of value: Value, sizes: [String: Int] = [:]
  ) throws(KernelError) -> Double? {
    switch value.kind {
    case .parameter(let term), .state(let term), .scalar(let term?):
      try InitialTerm(norm: norm, sizes: fixed.merging(sizes) { $1 }).number(term)
    case .tensor, .mask, .index, .scalar(nil), .counter, .equation, .adjoint, .eventArgument: nil
    }
  }
}
