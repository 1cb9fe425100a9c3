import LoopIR
import TensorIR

/// Computes the results of a function graph, one whole array at a time: the judge of bits.
///
/// The graph is one that `precision` and `contraction` have been over. Numbers are those of
/// `type` and are rounded after each operation; wide values are float64; sums follow
/// `CanonicalOrder`; elementary functions are their lane programs.
///
/// - Parameters:
///   - sizes: the sizes that the axes mention, by name.
///   - inputs: the elements by the name of the input, in the order of memory; a scalar, counter
///     or flag has one. Conditions are 0 or not 0. Numbers are rounded to `type`, but scalars
///     and counters stay exact where they are widened.
/// - Returns: the elements of each result in the order of `graph.results` and of memory.
/// - Throws: `EvaluationError` if an input or a size is missing or does not fit.
package func evaluate<Real: CanonicalReal>(
  _ graph: Graph, sizes: [String: Int], inputs: [String: [Double]], in type: Real.Type
) throws(EvaluationError) -> [[Double]] {
  var evaluator = try Evaluator<Real>(graph, ArraySpace(graph.axes, sizes: sizes))
  try evaluator.define(inputs)
  for node in graph.nodes where evaluator.needed.contains(node) {
    try evaluator.evaluate(node)
  }
  return try graph.results.map { (result) throws(EvaluationError) in
    try evaluator.elements(of: result)
  }
}

/// Why a graph cannot be evaluated.
package struct EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String
  init(_ description: String) { self.description = description }
}

/// The elements of a value; its axes in ascending order, the last one fastest.
enum Elements<Real: CanonicalReal> {
  case number([Real])
  case wide([Double])
  case condition([Bool])
}

struct Evaluator<Real: CanonicalReal> {
  let graph: Graph
  let needed: NodeSet
  var space: ArraySpace
  private var values: [Node: Elements<Real>] = [:]
  /// What scalars and counters are before they are rounded, by index of the input.
  private var exact: [Int: Double] = [:]

  init(_ graph: Graph, _ space: ArraySpace) {
    self.graph = graph
    self.space = space
    needed = graph.reachable(from: graph.results.map(\.node))
  }

  /// Takes the inputs over from the order of memory.
  mutating func define(_ inputs: [String: [Double]]) throws(EvaluationError) {
    for node in graph.nodes where needed.contains(node) {
      guard case .input(let index) = graph[node] else { continue }
      let input = graph.inputs[index]
      guard let given = inputs[input.source ?? input.name] else {
        throw EvaluationError("\(input.name) is missing")
      }
      let places = space.memoryPlaces(of: graph.shape(node), in: input.axes)
      guard given.count == places.count else {
        throw EvaluationError("\(input.name) has \(given.count) elements of \(places.count)")
      }
      switch input.kind {
      case .mask, .flag: values[node] = .condition(places.map { given[$0] != 0 })
      case .scalar, .counter, .savedCounter:
        exact[index] = given[0]
        values[node] = .number([Real(given[0])])
      case .merged: values[node] = .wide(places.map { given[$0] })
      case .tensor, .outputGradient, .tangent, .gradientAdjoint, .index, .parameter, .state, .saved,
        .placeholder:
        values[node] = .number(places.map { Real(given[$0]) })
      }
    }
  }

  mutating func evaluate(_ node: Node) throws(EvaluationError) {
    let shape = graph.shape(node)
    switch graph[node] {
    case .input: break
    case .constant(let constant): values[node] = .number([Real(constant.value)])
    case .truth(let truth): values[node] = .condition([truth])
    case .size(let axes): values[node] = .number([Real(space.count(axes))])
    case .index(let axes): values[node] = .number(places(along: axes).map { Real($0) })
    case .unary(let function, let a): values[node] = try unary(function, a)
    case .binary(let function, let a, let b): values[node] = try binary(function, a, b, shape)
    case .compare(let comparison, let a, let b):
      values[node] = .condition(try compared(comparison, a, b, shape))
    case .not(let a): values[node] = .condition(try conditions(a, shape).map { !$0 })
    case .logic(let connective, let a, let b):
      let (x, y) = (try conditions(a, shape), try conditions(b, shape))
      values[node] = .condition(
        x.indices.map { connective == .and ? x[$0] && y[$0] : x[$0] || y[$0] })
    case .select(let condition, let a, let b):
      values[node] = try selected(try conditions(condition, shape), a, b, shape)
    case .fused(let form, let a, let b, let c):
      values[node] = try fused(form, a, b, c, shape)
    case .widen(let a): values[node] = .wide(try widened(a))
    case .narrow(let a): values[node] = .number(try wides(a, shape).map { Real($0) })
    case .reduce(let reduction): values[node] = try reduced(reduction, shape)
    case .stopGradient, .customGradient:
      throw EvaluationError("\(graph.label(node)) stands for a derivative")
    }
  }

  /// The elements of a result, repeated along the axes that its value lacks.
  mutating func elements(of result: GraphResult) throws(EvaluationError) -> [Double] {
    let axes = AxisSet(axes: result.axes)
    let values = try numbers(result.node, axes)
    let places = space.memoryPlaces(of: axes, in: result.axes)
    var elements = [Double](repeating: 0, count: values.count)
    for (index, place) in places.enumerated() { elements[place] = Double(values[index]) }
    return elements
  }

  // Values over more axes than their own

  mutating func numbers(_ node: Node, _ shape: AxisSet) throws(EvaluationError) -> [Real] {
    guard case .number(let elements) = values[node] else { throw mismatch(node) }
    return spread(elements, of: node, over: shape)
  }

  mutating func wides(_ node: Node, _ shape: AxisSet) throws(EvaluationError) -> [Double] {
    guard case .wide(let elements) = values[node] else { throw mismatch(node) }
    return spread(elements, of: node, over: shape)
  }

  mutating func conditions(_ node: Node, _ shape: AxisSet) throws(EvaluationError) -> [Bool] {
    guard case .condition(let elements) = values[node] else { throw mismatch(node) }
    return spread(elements, of: node, over: shape)
  }

  private mutating func spread<Element>(
    _ elements: [Element], of node: Node, over shape: AxisSet
  ) -> [Element] {
    let own = graph.shape(node)
    if own == shape { return elements }
    return space.places(of: own, over: shape).map { elements[$0] }
  }

  private func mismatch(_ node: Node) -> EvaluationError {
    EvaluationError("\(graph.label(node)) is of another type than its use")
  }

  // Elementwise operations that know the type

  private mutating func unary(
    _ function: Unary, _ a: Node
  ) throws(EvaluationError) -> Elements<Real> {
    let shape = graph.shape(a)
    if graph.type(a) == .wide {
      let map = scalarFunction(function, in: Double.self, .wide, beside: Real.computeType)
      return .wide(try wides(a, shape).map(map))
    }
    let map = scalarFunction(function, in: Real.self, .number, beside: Real.computeType)
    return .number(try numbers(a, shape).map(map))
  }

  private mutating func binary(
    _ function: Binary, _ a: Node, _ b: Node, _ shape: AxisSet
  ) throws(EvaluationError) -> Elements<Real> {
    if graph.type(a) == .wide {
      let map = scalarFunction(function, in: Double.self, .wide, beside: Real.computeType)
      let (x, y) = (try wides(a, shape), try wides(b, shape))
      return .wide(x.indices.map { map(x[$0], y[$0]) })
    }
    let map = scalarFunction(function, in: Real.self, .number, beside: Real.computeType)
    let (x, y) = (try numbers(a, shape), try numbers(b, shape))
    return .number(x.indices.map { map(x[$0], y[$0]) })
  }

  private mutating func compared(
    _ comparison: Comparison, _ a: Node, _ b: Node, _ shape: AxisSet
  ) throws(EvaluationError) -> [Bool] {
    if graph.type(a) == .wide {
      let (x, y) = (try wides(a, shape), try wides(b, shape))
      return x.indices.map { comparison.holds(x[$0], y[$0]) }
    }
    let (x, y) = (try numbers(a, shape), try numbers(b, shape))
    return x.indices.map { comparison.holds(Double(x[$0]), Double(y[$0])) }
  }

  private mutating func selected(
    _ conditions: [Bool], _ a: Node, _ b: Node, _ shape: AxisSet
  ) throws(EvaluationError) -> Elements<Real> {
    switch graph.type(a) {
    case .wide:
      let (x, y) = (try wides(a, shape), try wides(b, shape))
      return .wide(conditions.indices.map { conditions[$0] ? x[$0] : y[$0] })
    case .number:
      let (x, y) = (try numbers(a, shape), try numbers(b, shape))
      return .number(conditions.indices.map { conditions[$0] ? x[$0] : y[$0] })
    case .condition:
      let (x, y) = (try self.conditions(a, shape), try self.conditions(b, shape))
      return .condition(conditions.indices.map { conditions[$0] ? x[$0] : y[$0] })
    }
  }

  private mutating func fused(
    _ form: TensorIR.FusedForm, _ a: Node, _ b: Node, _ c: Node, _ shape: AxisSet
  ) throws(EvaluationError) -> Elements<Real> {
    if graph.type(a) == .wide {
      let (x, y, z) = (try wides(a, shape), try wides(b, shape), try wides(c, shape))
      return .wide(x.indices.map { multiplyAdd(form, x[$0], y[$0], z[$0]) })
    }
    let (x, y, z) = (try numbers(a, shape), try numbers(b, shape), try numbers(c, shape))
    return .number(x.indices.map { multiplyAdd(form, x[$0], y[$0], z[$0]) })
  }

  /// The place along some axes, by element.
  private func places(along axes: AxisSet) -> [Int] {
    space.memoryPlaces(of: axes, in: graph.placeOrder(axes))
  }

  /// The value in float64 of what is known beyond the compute type, else of the number.
  private mutating func widened(_ a: Node) throws(EvaluationError) -> [Double] {
    switch graph[a] {
    case .constant(let constant): return [constant.value]
    case .size(let axes): return [Double(space.count(axes))]
    case .index(let axes): return places(along: axes).map { Double($0) }
    case .input(let index):
      if let value = exact[index] { return [value] }
    default: break  // All else is in the compute type already.
    }
    return try numbers(a, graph.shape(a)).map { Double($0) }
  }
}
