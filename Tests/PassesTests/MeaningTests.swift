import TensorIR
import Testing

@testable import Passes

/// No pass changes what a graph means: every result has the same value before and after, at random
/// points of random graphs.
@Suite struct MeaningTests {
  /// Sums of at most 24 products of a dozen factors: rounding alone.
  private static let tolerance = 1e-9

  @Test(arguments: UInt64(1)...120)
  func everyPassKeepsTheValuesOfAllResults(seed: UInt64) throws {
    let fixture = Fixture.random(seed: seed)
    let joint = differentiated(fixture.primal)
    let expected = try fixture.results(of: joint.graph)
    let textbook = simplified(joint)
    try expect(expected, from: textbook, "simplification", fixture)
    try expect(expected, from: precise(textbook), "precision", fixture)
    let shared = sharingSums(precise(textbook))
    try expect(expected, from: shared, "sharing sums", fixture)
    try expect(expected, from: contracted(shared), "contraction", fixture)
    let functions = partitioned(textbook)
    try expect(expected, from: functions.forward, "partition", fixture)
    try expect(expected, from: functions.backward, "partition", fixture.saving(functions))
  }

  @Test(arguments: UInt64(1)...50)
  func theGradientsOfARandomGraphAreItsDifferences(seed: UInt64) throws {
    var fixture = Fixture.random(seed: seed)
    try fixture.expectGradients(of: "random graph")
  }

  private func expect(
    _ expected: [String: DenseArray], from graph: Graph, _ pass: String, _ fixture: Fixture
  ) throws {
    #expect(graph.problems() == [], "\(pass), seed \(fixture.seed)")
    for (name, found) in try fixture.results(of: graph) where !name.hasPrefix("saved") {
      let before = try #require(expected[name], "\(pass) adds \(name)")
      #expect(
        agree(found, before, tolerance: Self.tolerance),
        "\(pass), seed \(fixture.seed): \(name) is \(found.values), was \(before.values)")
    }
  }
}

extension Fixture {
  /// The fixture with what the forward saves as further values.
  func saving(_ functions: Functions) throws -> Fixture {
    var fixture = self
    let results = try results(of: functions.forward)
    for input in functions.backward.inputs where input.kind == .saved {
      let saved = results["saved \(input.name)"] ?? results["output \(input.name)"]
      let value: DenseArray = try #require(saved, "\(input.name) is not saved")
      fixture.values[input.name] = value
    }
    return fixture
  }
}
