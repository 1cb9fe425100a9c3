import TensorIR
import Testing

@testable import Passes

extension Fixture {
  /// Expects the tangents and the second derivatives, simplified, to be what central differences
  /// of the forward and of the gradients give, and the graph to be well formed.
  ///
  /// - Requires: adjoints are seeded.
  mutating func expectFurtherDerivatives(
    of what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let gradients = differentiated(primal)
    let textbook = simplified(derived(gradients, [.jvp, .vjp2]))
    #expect(textbook.problems() == [], "\(what)", sourceLocation: sourceLocation)
    let variables = graph.inputs.filter { $0.kind == .tensor || $0.kind == .parameter }
    for input in variables { seedDirections(for: input) }
    let found = try results(of: textbook)
    let outputs = graph.results.map(\.name)
    for output in outputs {
      let expected = try tangent(of: output, variables.map(\.name))
      try expect(
        found["tangent \(output)"], expected, "\(what), t_\(output)",
        sourceLocation: sourceLocation)
    }
    let reads =
      variables.map { ("second_gradient \($0.name)", $0.name) }
      + outputs.map { ("output_gradient_adjoint \($0)", "d_" + $0) }
    for (result, name) in reads {
      let derivative = try #require(found[result], "\(what), \(result)")
      try expectSlope(
        derivative, of: gradients.graph, by: name, "\(what), \(result)",
        sourceLocation: sourceLocation)
    }
  }

  private mutating func seedDirections(for input: GraphInput) {
    for prefix in ["t_", "dd_"] {
      values[prefix + input.name] = DenseArray(
        AxisSet(axes: input.axes).axes, Self.extents
      ) { _ in generator.number(in: -1...1) }
    }
  }

  private func expect(
    _ found: DenseArray?, _ expected: DenseArray, _ what: String, sourceLocation: SourceLocation
  ) throws {
    let found = try #require(found, "\(what) is missing", sourceLocation: sourceLocation)
    #expect(
      agree(found, expected, tolerance: Self.tolerance),
      "\(what), seed \(seed): \(found.values), differences give \(expected.values)",
      sourceLocation: sourceLocation)
  }

  /// Central differences with this step err by about h^2 = 1e-10 and by eps / h = 2e-11, times
  /// the third derivatives of what is differentiated, which here may be a derivative itself.
  private static let step = 1e-5
  private static let tolerance = 1e-6

  /// The derivative of an output in the direction `t_`.
  private func tangent(of output: String, _ variables: [String]) throws -> DenseArray {
    let sides = try [Self.step, -Self.step].map { step in
      var moved = self
      for name in variables {
        guard let direction = values["t_" + name] else { continue }
        for place in direction.values.indices {
          moved.values[name]?.values[place] += step * direction.values[place]
        }
      }
      return try #require(try moved.results(of: graph)["output \(output)"])
    }
    var difference = sides[0]
    for place in difference.values.indices {
      difference.values[place] -= sides[1].values[place]
      difference.values[place] /= 2 * Self.step
    }
    return difference
  }

  /// Expects `derivative` to be that of the sum of all gradients times `dd_` by an input, along a
  /// random direction.
  private mutating func expectSlope(
    _ derivative: DenseArray, of gradients: Graph, by name: String, _ what: String,
    sourceLocation: SourceLocation
  ) throws {
    let direction = derivative.values.map { _ in generator.number(in: -1...1) }
    let sums = try [Self.step, -Self.step].map { step in
      var moved = self
      for place in direction.indices {
        moved.values[name]?.values[place] += step * direction[place]
      }
      return try moved.results(of: gradients).reduce(0) { sum, result in
        guard result.key.hasPrefix("gradient "),
          let weights = values["dd_" + result.key.dropFirst(9)]
        else { return sum }
        return sum + zip(weights.values, result.value.values).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    let expected = (sums[0] - sums[1]) / (2 * Self.step)
    let products = zip(derivative.values, direction).map { $0 * $1 }
    let found = products.reduce(0, +)
    let scale = products.reduce(1) { $0 + abs($1) }
    #expect(
      abs(found - expected) <= Self.tolerance * scale,
      "\(what), seed \(seed): \(found) along a direction, differences give \(expected)",
      sourceLocation: sourceLocation)
  }
}
