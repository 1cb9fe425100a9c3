import Basics
import TensorIR
import Testing

@testable import Passes

/// A graph under construction over the axes N = 3, C = 4 and S = 2, with values for its inputs.
struct Fixture {
  static let extents: DenseArray.Extents = [3, 4, 2]
  static let n: AxisSet = AxisSet(axes: [0])
  static let c: AxisSet = AxisSet(axes: [1])
  static let s: AxisSet = AxisSet(axes: [2])

  var graph = Graph(
    axes: ["N", "C", "S"].map { GraphAxis(name: $0, extent: .size($0)) })
  /// The values of the inputs, by name.
  var values: [String: DenseArray] = [:]
  var generator: SplitMix64
  let seed: UInt64

  init(seed: UInt64) {
    self.seed = seed
    generator = SplitMix64(seed: seed)
  }

  /// An input whose elements `element` gives.
  mutating func input(
    _ name: String, _ kind: GraphInput.Kind, _ axes: AxisSet,
    _ element: (inout SplitMix64) -> Double
  ) -> Node {
    values[name] = DenseArray(axes.axes, Self.extents) { _ in element(&generator) }
    return graph.insert(input: GraphInput(name: name, kind: kind, axes: axes.axes))
  }

  mutating func tensor(
    _ name: String, _ axes: AxisSet, in range: ClosedRange<Double> = -2...2
  ) -> Node {
    input(name, .tensor, axes) { $0.number(in: range) }
  }

  /// A mask of which about two thirds hold.
  mutating func mask(_ name: String, _ axes: AxisSet) -> Node {
    input(name, .mask, axes) { $0.below(3) > 0 ? 1 : 0 }
  }

  mutating func output(_ name: String, _ node: Node) {
    let axes = graph.shape(node).axes
    graph.results.append(GraphResult(name: name, kind: .output, node: node, axes: axes))
    graph.name(node, name)
  }

  var primal: Primal { Primal(graph: graph, blocks: []) }

  /// Adds a random adjoint for each output.
  mutating func seedAdjoints() {
    for output in graph.results where output.kind == .output {
      values["d_" + output.name] = DenseArray(output.axes, Self.extents) { _ in
        generator.number(in: -2...2)
      }
    }
  }

  /// The values of all results of `graph`, by what they are.
  func results(of graph: Graph) throws -> [String: DenseArray] {
    let evaluator = try DenseEvaluator(graph, Self.extents) { input in
      try #require(values[input.name], "no value for \(input.name)")
    }
    return Dictionary(
      graph.results.map { ("\($0.kind.rawValue) \($0.name)", evaluator.value(of: $0)) }
    ) { first, _ in first }
  }

  /// The sum of the outputs of the forward, each element times its adjoint.
  func loss() throws -> Double {
    let results = try results(of: graph)
    return results.reduce(0) { sum, result in
      guard result.key.hasPrefix("output "), let adjoint = values["d_" + result.key.dropFirst(7)]
      else { return sum }
      return sum + zip(adjoint.values, result.value.values).reduce(0) { $0 + $1.0 * $1.1 }
    }
  }
}

/// `true` iff both arrays agree up to `tolerance`, relative to 1 or to the larger element; NaN
/// agrees with NaN and infinities with themselves.
func agree(_ found: DenseArray, _ expected: DenseArray, tolerance: Double) -> Bool {
  found.axes == expected.axes
    && zip(found.values, expected.values).allSatisfy { x, y in
      x == y || x.isNaN && y.isNaN || abs(x - y) <= tolerance * max(1, abs(x), abs(y))
    }
}

extension Fixture {
  /// Expects the derived gradients, simplified, to be what central differences of the forward
  /// give, those of them what differences of the gradients give, and the graphs to be well formed.
  mutating func expectGradients(
    of what: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    seedAdjoints()
    let joint = differentiated(primal)
    let textbook = simplified(joint)
    #expect(joint.graph.problems() == [], "\(what)", sourceLocation: sourceLocation)
    #expect(textbook.problems() == [], "\(what)", sourceLocation: sourceLocation)
    let derived = try results(of: textbook)
    for input in graph.inputs where input.kind == .tensor || input.kind == .parameter {
      let expected = try differences(by: input.name)
      let found = try #require(derived["gradient \(input.name)"])
      #expect(
        agree(found, expected, tolerance: Self.differenceTolerance),
        """
        \(what), seed \(seed): d_\(input.name) is \(found.values), \
        differences give \(expected.values)
        """, sourceLocation: sourceLocation)
    }
    try expectFurtherDerivatives(of: what, sourceLocation: sourceLocation)
  }

  /// Central differences with this step err by about h^2 = 1e-10 and by eps / h = 2e-11, times
  /// the third derivatives and the values of these tests, which stay below 1e3.
  private static let step = 1e-5
  private static let differenceTolerance = 1e-7

  private func differences(by name: String) throws -> DenseArray {
    var result = try #require(values[name])
    for place in result.values.indices {
      var (up, down) = (self, self)
      up.values[name]?.values[place] += Self.step
      down.values[name]?.values[place] -= Self.step
      result.values[place] = try (up.loss() - down.loss()) / (2 * Self.step)
    }
    return result
  }
}
