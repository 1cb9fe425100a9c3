import TensorIR
import Testing

@testable import Passes

@Suite struct ContractionTests {
  /// The operation that makes `y` where `make` says what it is of products `a * b` and `u * v`.
  private func contractedResult(
    _ make: (inout Graph, _ first: Node, _ second: Node) -> Node
  ) throws -> (graph: Graph, operation: TensorIR.Operation, inputs: [Node]) {
    var fixture = Fixture(seed: 1)
    let inputs = ["a", "b", "u", "v"].map { fixture.tensor($0, [Fixture.n, Fixture.c]) }
    let first = fixture.graph.multiply(inputs[0], inputs[1])
    let second = fixture.graph.multiply(inputs[2], inputs[3])
    fixture.output("y", make(&fixture.graph, first, second))
    let graph = contracted(fixture.graph)
    let result = try #require(graph.results.first)
    return (graph, graph[result.node], inputs)
  }

  @Test func ofTwoProductsTheLeftOneStaysAProduct() throws {
    let (graph, operation, x) = try contractedResult { $0.add($1, $2) }
    guard case .fused(.productPlus, x[2], x[3], let left) = operation else {
      return #expect(Bool(false), "\(operation)")
    }
    #expect(graph[left] == .binary(.multiply, x[0], x[1]))
  }

  @Test func ofADifferenceOfProductsTheLeftOneStaysAProduct() throws {
    let (graph, operation, x) = try contractedResult { $0.subtract($1, $2) }
    guard case .fused(.minusProduct, x[2], x[3], let left) = operation else {
      return #expect(Bool(false), "\(operation)")
    }
    #expect(graph[left] == .binary(.multiply, x[0], x[1]))
  }

  @Test func aProductThatIsUsedOnceIsFused() throws {
    let (_, sum, inputs) = try contractedResult { graph, first, _ in graph.add(first, x(graph, 2)) }
    #expect(sum == .fused(.productPlus, inputs[0], inputs[1], inputs[2]))
    let (_, other, _) = try contractedResult { graph, first, _ in graph.add(x(graph, 2), first) }
    #expect(other == .fused(.productPlus, inputs[0], inputs[1], inputs[2]))
    let (_, difference, _) = try contractedResult { graph, first, _ in
      graph.subtract(first, x(graph, 2))
    }
    #expect(difference == .fused(.productMinus, inputs[0], inputs[1], inputs[2]))
    let (_, rest, _) = try contractedResult { graph, first, _ in graph.subtract(x(graph, 2), first)
    }
    #expect(rest == .fused(.minusProduct, inputs[0], inputs[1], inputs[2]))
  }

  /// The input of that index.
  private func x(_ graph: Graph, _ index: Int) -> Node {
    graph.nodes.first { graph[$0] == .input(index) } ?? graph.results[0].node
  }

  @Test func aProductThatIsUsedTwiceStays() throws {
    let (graph, operation, _) = try contractedResult { graph, first, _ in
      let sum = graph.add(first, x(graph, 2))
      return graph.divide(sum, first)
    }
    #expect(graph.operations.allSatisfy { if case .fused = $0 { false } else { true } })
    guard case .binary(.divide, _, _) = operation else { return #expect(Bool(false)) }
  }

  @Test func aProductThatIsAResultStays() {
    var fixture = Fixture(seed: 1)
    let a = fixture.tensor("a", Fixture.c)
    let square = fixture.graph.multiply(a, a)
    fixture.output("z", square)
    fixture.output("y", fixture.graph.add(square, a))
    let graph = contracted(fixture.graph)
    #expect(graph.operations.allSatisfy { if case .fused = $0 { false } else { true } })
  }

  @Test func aTotalTakesAProductInAndOtherReductionsDoNot() throws {
    for kind in [Reduction.Kind.total, .momentMean, .maximum] {
      let (graph, operation, x) = try contractedResult { graph, first, _ in
        graph.insert(.reduce(Reduction(kind, Fixture.c, first)))
      }
      guard case .reduce(let reduction) = operation else { return #expect(Bool(false)) }
      if kind == .total {
        #expect(reduction.operand == x[0] && reduction.factor == x[1])
      } else {
        #expect(graph[reduction.operand] == .binary(.multiply, x[0], x[1]))
        #expect(reduction.factor == nil)
      }
    }
  }
}
