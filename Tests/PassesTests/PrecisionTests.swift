import TensorIR
import Testing

@testable import Passes

/// What is computed in float64 and where it is rounded.
@Suite struct PrecisionTests {
  private static let nc = Fixture.n.union(Fixture.c)

  private func preciseResult(
    _ kind: GraphResult.Kind = .output, _ make: (inout Fixture) -> Node
  ) throws -> (graph: Graph, node: Node) {
    var fixture = Fixture(seed: 1)
    let node = make(&fixture)
    let axes = fixture.graph.shape(node).axes
    fixture.graph.results = [GraphResult(name: "y", kind: kind, node: node, axes: axes)]
    let graph = precise(fixture.graph)
    #expect(graph.problems() == [])
    return (graph, try #require(graph.results.first).node)
  }

  /// The kinds of reductions that the result needs, sorted by their names.
  private func reductions(of graph: Graph) -> [Reduction.Kind] {
    graph.reachable(from: graph.results.map(\.node)).sorted().compactMap { node in
      if case .reduce(let reduction) = graph[node] { reduction.kind } else { nil }
    }.sorted { $0.rawValue < $1.rawValue }
  }

  @Test func whatHasNoAxesIsWideUntilItMeetsAnAxis() throws {
    let (graph, node) = try preciseResult { fixture in
      let eps = fixture.input("eps", .scalar, []) { _ in 1 }
      let x = fixture.tensor("x", Self.nc)
      let one = fixture.graph.constant(1)
      return fixture.graph.multiply(x, fixture.graph.add(one, eps))
    }
    guard case .binary(.multiply, _, let factor) = graph[node],
      case .narrow(let sum) = graph[factor]
    else { return #expect(Bool(false), "\(graph.show())") }
    #expect(graph.type(node) == .number && graph.type(sum) == .wide)
    #expect(graph.operations[sum.index].operands.allSatisfy { graph.type($0) == .wide })
  }

  @Test func aMeanIsATotalOverItsCountRoundedOnce() throws {
    let (graph, node) = try preciseResult { fixture in
      let x = fixture.tensor("x", Self.nc)
      return fixture.graph.reduce(Reduction(.mean, Fixture.c, x))
    }
    guard case .narrow(let quotient) = graph[node],
      case .binary(.divide, let total, _) = graph[quotient],
      case .reduce(let reduction) = graph[total]
    else { return #expect(Bool(false), "\(graph.show())") }
    #expect(reduction.kind == .total && graph.type(total) == .wide)
  }

  @Test func aVarianceAndTheMeanBesideItComeFromMoments() throws {
    let (graph, _) = try preciseResult { fixture in
      let x = fixture.tensor("x", Self.nc)
      let mean = fixture.graph.reduce(Reduction(.mean, Fixture.c, x))
      let variance = fixture.graph.reduce(Reduction(.variance, Fixture.c, x))
      let other = fixture.graph.reduce(Reduction(.mean, Fixture.n, x))
      return fixture.graph.add(fixture.graph.add(mean, variance), other)
    }
    #expect(reductions(of: graph) == [.momentMean, .momentSquares, .total])
  }

  @Test func aMaskedMeanIsOverTheCountOfWhatHolds() throws {
    let (graph, _) = try preciseResult { fixture in
      let x = fixture.tensor("x", Self.nc)
      let valid = fixture.mask("valid", Fixture.n)
      return fixture.graph.reduce(Reduction(.mean, Self.nc, x, where: valid))
    }
    let totals = graph.operations.compactMap { operation in
      if case .reduce(let reduction) = operation { reduction } else { nil }
    }
    #expect(totals.map(\.kind) == [.total, .total])
    // The places of C are counted by their number: the mask lacks that axis.
    #expect(totals.map(\.axes) == [Self.nc, Fixture.n])
    #expect(graph.operations.contains(.size(Fixture.c)))
  }

  @Test func aStateIsComputedWideDownToItsStatistics() throws {
    let make = { (fixture: inout Fixture) in
      let x = fixture.tensor("x", Self.nc)
      let s = fixture.input("s", .state, Fixture.c) { _ in 1 }
      let mean = fixture.graph.reduce(Reduction(.mean, Fixture.n, x))
      return fixture.graph.add(s, fixture.graph.subtract(mean, s))
    }
    let (graph, node) = try preciseResult(.nextState, make)
    guard case .narrow(let sum) = graph[node] else { return #expect(Bool(false)) }
    #expect(graph.type(sum) == .wide)
    let roundings = graph.reachable(from: [node]).count {
      if case .narrow = graph[$0] { true } else { false }
    }
    #expect(roundings == 1)
    let (output, result) = try preciseResult(.output, make)
    #expect(output.type(result) == .number)
    if case .narrow = output[result] { #expect(Bool(false), "an output is of the compute type") }
  }

  @Test func aMaximumStaysInTheComputeType() throws {
    let (graph, node) = try preciseResult { fixture in
      let x = fixture.tensor("x", Self.nc)
      return fixture.graph.reduce(Reduction(.maximum, Fixture.c, x))
    }
    #expect(graph.type(node) == .number && reductions(of: graph) == [.maximum])
  }
}
