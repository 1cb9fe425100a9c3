import Syntax

/// What a caller gives to one call, by the names of the source.
///
/// What is missing takes its standard size, default or initial value where it has one.
package struct Binding: Sendable {
  /// How long the axes are: whole ones (`C`, not `C/G`); runs by their product.
  package var sizes: [String: Int]
  /// The elements of tensors, parameters, states, masks (false is 0) and indices, in the order of
  /// memory.
  package var inputs: [String: [Double]]
  /// Numbers and conditions (false is 0).
  package var scalars: [String: Double]
  /// The training calls before this one.
  package var counters: [String: Int]

  package init(
    sizes: [String: Int] = [:], inputs: [String: [Double]] = [:], scalars: [String: Double] = [:],
    counters: [String: Int] = [:]
  ) {
    self.sizes = sizes
    self.inputs = inputs
    self.scalars = scalars
    self.counters = counters
  }

  /// Throws for the first name, in alphabetical order, that `norm` does not have.
  func checkNames(against norm: CheckedNorm) throws(InterpreterError) {
    let known = norm.sizes.map(\.name)
    try Self.check(sizes.keys, areAmong: known)
    var arrays: [String] = []
    var numbers: [String] = []
    var counts: [String] = []
    for value in norm.values {
      switch value.kind {
      case .tensor, .parameter, .state, .mask, .index: arrays.append(value.name)
      case .scalar: numbers.append(value.name)
      case .counter: counts.append(value.name)
      case .equation, .adjoint, .eventArgument: break
      }
    }
    try Self.check(inputs.keys, areAmong: arrays)
    try Self.check(scalars.keys, areAmong: numbers)
    try Self.check(counters.keys, areAmong: counts)
  }

  /// Throws for the first of `names`, in alphabetical order, that is none of `known`.
  static func check(
    _ names: some Sequence<String>, areAmong known: [String]
  ) throws(InterpreterError) {
    let unknown = names.filter { !known.contains($0) }
    if let first = unknown.min() { throw .unknownName(first) }
  }
}
