import TensorIR
import Testing

@testable import Passes

/// A state keeps its value where its statistic took no element.
@Suite struct EmptinessTests {
  /// Whether what `make` makes is empty, at each place of C, where `valid` holds nowhere.
  private func emptiness(
    of make: (inout Graph, _ x: Node, _ none: Node) -> Node
  ) throws -> [Double] {
    var fixture = Fixture(seed: 1)
    let x = fixture.tensor("x", [Fixture.n, Fixture.c])
    // Holds nowhere for the first two channels, somewhere for the others.
    let valid = fixture.input("valid", .mask, [Fixture.n, Fixture.c]) { _ in 0 }
    fixture.values["valid"] = DenseArray([0, 1], Fixture.extents) {
      $0.coordinates[1] >= 2 && $0.coordinates[0] == 0 ? 1 : 0
    }
    let node = make(&fixture.graph, x, valid)
    let empty = Passes.emptiness(of: node, in: &fixture.graph)
    fixture.graph.results = [
      GraphResult(name: "empty", kind: .output, node: empty, axes: [1])
    ]
    return try #require(fixture.results(of: fixture.graph)["output empty"]).values
  }

  @Test(arguments: [Reduction.Kind.mean, .variance, .maximum, .minimum])
  func aStatisticOfNothingIsEmpty(kind: Reduction.Kind) throws {
    let found = try emptiness { graph, x, valid in
      let statistic = graph.reduce(Reduction(kind, Fixture.n, x, where: valid))
      return graph.multiply(statistic, statistic)
    }
    #expect(found == [1, 1, 0, 0])
  }

  @Test(arguments: [Reduction.Kind.sum, .count])
  func aSumOfNothingIsNot(kind: Reduction.Kind) throws {
    let found = try emptiness { graph, x, valid in
      kind == .count
        ? graph.reduce(Reduction(.count, Fixture.n, valid))
        : graph.reduce(Reduction(.sum, Fixture.n, x, where: valid))
    }
    #expect(found == [0, 0, 0, 0])
  }

  @Test func aFurtherReductionEndsIt() throws {
    let found = try emptiness { graph, x, valid in
      let mean = graph.reduce(Reduction(.mean, Fixture.n, x, where: valid))
      let difference = graph.subtract(x, mean)
      return graph.reduce(Reduction(.mean, Fixture.n, difference))
    }
    #expect(found == [0, 0, 0, 0])
  }

  @Test func onlyTheBranchTakenCounts() throws {
    for taken in [true, false] {
      let found = try emptiness { graph, x, valid in
        let mean = graph.reduce(Reduction(.mean, Fixture.n, x, where: valid))
        let one = graph.constant(1)
        let condition = graph.insert(.truth(taken))
        return graph.insert(.select(condition, mean, one))
      }
      #expect(found == (taken ? [1, 1, 0, 0] : [0, 0, 0, 0]))
    }
  }
}
