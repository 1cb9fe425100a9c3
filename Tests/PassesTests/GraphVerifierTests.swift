import TensorIR
import Testing

@testable import Passes

@Suite struct GraphVerifierTests {
  @Test(arguments: GraphFlaw.all)
  func aFlawIsReported(flaw: GraphFlaw) {
    var fixture = Fixture(seed: 1)
    let inputs = GraphFlaw.Inputs(
      x: fixture.tensor("x", [Fixture.n, Fixture.c]), valid: fixture.mask("valid", Fixture.n))
    #expect(fixture.graph.problems() == [])
    flaw.make(&fixture.graph, inputs)
    let problems = fixture.graph.problems()
    #expect(problems.contains { $0.hasSuffix(flaw.problem) }, "\(problems)")
  }
}

/// An operation or result that is not well formed.
struct GraphFlaw: CustomTestStringConvertible, Sendable {
  /// How the report of it ends.
  var problem: String
  var make: @Sendable (inout Graph, Inputs) -> Void

  struct Inputs {
    var x: Node
    var valid: Node
  }

  var testDescription: String { problem }

  static let all: [GraphFlaw] = [
    GraphFlaw(problem: "a condition as number") { graph, inputs in
      _ = graph.insert(.unary(.negate, inputs.valid))
    },
    GraphFlaw(problem: "operands of two types") { graph, inputs in
      _ = graph.insert(.binary(.add, inputs.x, inputs.valid))
    },
    GraphFlaw(problem: "operands of two types") { graph, inputs in
      let wide = graph.insert(.widen(inputs.x))
      _ = graph.insert(.fused(.productPlus, inputs.x, inputs.x, wide))
    },
    GraphFlaw(problem: "operands of two types") { graph, inputs in
      _ = graph.insert(.select(inputs.x, inputs.x, inputs.x))
    },
    GraphFlaw(problem: "a number as condition") { graph, inputs in
      _ = graph.insert(.not(inputs.x))
    },
    GraphFlaw(problem: "a number as condition") { graph, inputs in
      _ = graph.insert(.logic(.and, inputs.valid, inputs.x))
    },
    GraphFlaw(problem: "widens what is no number") { graph, inputs in
      _ = graph.insert(.widen(inputs.valid))
    },
    GraphFlaw(problem: "narrows what is not wide") { graph, inputs in
      _ = graph.insert(.narrow(inputs.x))
    },
    GraphFlaw(problem: "reduces an axis that nothing has") { graph, inputs in
      _ = graph.insert(.reduce(Reduction(.sum, Fixture.s, inputs.x)))
    },
    GraphFlaw(problem: "reduces an axis that nothing has") { graph, inputs in
      _ = graph.insert(.reduce(Reduction(.sum, [], inputs.x)))
    },
    GraphFlaw(problem: "a number selects") { graph, inputs in
      _ = graph.insert(.reduce(Reduction(.sum, Fixture.c, inputs.x, where: inputs.x)))
    },
    GraphFlaw(problem: "an operand of the wrong type") { graph, inputs in
      _ = graph.insert(.reduce(Reduction(.mean, Fixture.n, inputs.valid)))
    },
    GraphFlaw(problem: "an operand of the wrong type") { graph, inputs in
      _ = graph.insert(.reduce(Reduction(.count, Fixture.n, inputs.x)))
    },
    GraphFlaw(problem: "a factor beside mean") { graph, inputs in
      _ = graph.insert(.reduce(Reduction(.mean, Fixture.c, inputs.x, factor: inputs.x)))
    },
    GraphFlaw(problem: "y lacks axes of its value") { graph, inputs in
      graph.results.append(GraphResult(name: "y", kind: .output, node: inputs.x, axes: [0]))
    },
  ]
}
