import TensorIR
import Testing

/// The driver, run and segments of the canonical order of sums.
@Suite struct ReductionOrderTests {
  /// The axes N, C, S.
  private func graph() -> Graph {
    Graph(axes: ["N", "C", "S"].map { GraphAxis(name: $0, extent: .size($0)) })
  }

  private func input(_ name: String, _ axes: [Int], of graph: inout Graph) -> Node {
    graph.insert(input: GraphInput(name: name, kind: .tensor, axes: axes))
  }

  @Test(arguments: OrderCase.all)
  func theRunIsTheLongestReducedTailOfTheDriver(form: OrderCase) {
    var graph = graph()
    let x = input("x", form.memory, of: &graph)
    let order = graph.order(of: Reduction(.total, AxisSet(axes: form.reduced), x))
    #expect(order.run == form.run && order.segments == form.segments)
    #expect(order.driver == form.memory)
  }

  @Test func theDriverHasTheMostAxesAndIsTheFirstOfEquals() {
    var graph = graph()
    let weight = input("weight", [1], of: &graph)
    let x = input("x", [0, 1], of: &graph)
    let transposed = input("t", [1, 0], of: &graph)
    let sum = graph.add(graph.multiply(weight, transposed), x)
    let order = graph.order(of: Reduction(.total, AxisSet(axes: [1]), sum))
    #expect(order.driver == [0, 1] && order.run == [1])
    let ofFactor = Reduction(.total, AxisSet(axes: [1]), weight, factor: transposed)
    #expect(graph.order(of: ofFactor).driver == [1, 0], "a factor is part of the operand")
  }

  @Test func whatAStatisticReadsDoesNotDrive() {
    var graph = graph()
    let x = input("x", [0, 1, 2], of: &graph)
    let u = input("u", [1, 0], of: &graph)
    let mean = graph.insert(.reduce(Reduction(.total, AxisSet(axes: [2]), x)))
    let product = graph.multiply(mean, u)
    let order = graph.order(of: Reduction(.total, AxisSet(axes: [0]), product))
    #expect(order.driver == [1, 0] && order.run == [0])
  }

  @Test func axesThatTheDriverLacksAreOutermost() {
    var graph = graph()
    let x = input("x", [1, 2], of: &graph)
    let valid = graph.insert(input: GraphInput(name: "valid", kind: .mask, axes: [0]))
    let reduction = Reduction(.total, AxisSet(axes: [0, 1, 2]), x, where: valid)
    let order = graph.order(of: reduction)
    #expect(order.segments == [0] && order.run == [1, 2] && order.driver == [1, 2])
  }

  @Test func aMaskDrivesOnlyACount() {
    var graph = graph()
    let x = input("x", [1], of: &graph)
    let valid = graph.insert(input: GraphInput(name: "valid", kind: .mask, axes: [0, 1]))
    let one = graph.constant(1)
    let axes = AxisSet(axes: [0, 1])
    #expect(graph.order(of: Reduction(.total, axes, x, where: valid)).driver == [1])
    #expect(graph.order(of: Reduction(.total, axes, one, where: valid)).driver == [0, 1])
  }
}

/// A tensor in memory and the axes to reduce; N = 0, C = 1, S = 2.
struct OrderCase: CustomTestStringConvertible {
  var memory: [Int]
  var reduced: [Int]
  var segments: [Int]
  var run: [Int]

  var testDescription: String { "\(memory) over \(reduced)" }

  static let all: [OrderCase] = [
    // rows of [N, C]; columns of it; all of it
    OrderCase(memory: [0, 1], reduced: [1], segments: [], run: [1]),
    OrderCase(memory: [0, 1], reduced: [0], segments: [0], run: []),
    OrderCase(memory: [0, 1], reduced: [0, 1], segments: [], run: [0, 1]),
    // batch normalization of [N, C, S]: a segment for each n
    OrderCase(memory: [0, 1, 2], reduced: [0, 2], segments: [0], run: [2]),
    // the same in the layout [N, S, C]: rows are segments
    OrderCase(memory: [0, 2, 1], reduced: [0, 2], segments: [0, 2], run: []),
    // instance and group normalization; a slab lies in one piece
    OrderCase(memory: [0, 1, 2], reduced: [2], segments: [], run: [2]),
    OrderCase(memory: [0, 1, 2], reduced: [1, 2], segments: [], run: [1, 2]),
    OrderCase(memory: [0, 2, 1], reduced: [1, 2], segments: [], run: [2, 1]),
    OrderCase(memory: [0, 2, 1], reduced: [2], segments: [2], run: []),
  ]
}
