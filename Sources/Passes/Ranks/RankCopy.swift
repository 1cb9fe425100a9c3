import Basics
import TensorIR

/// A graph that is made of nodes of a function over ranks, without the axis `ranks`.
struct RankCopy {
  var graph: Graph
  /// The new node of each old one that has one.
  var nodes: [Node: Node] = [:]
  /// The float64 of old nodes whose new node is rounded from it.
  private var wides: [Node: Node] = [:]

  init(_ graph: Graph) { self.graph = graph }

  func copy(of node: Node) -> Node {
    guard let copy = nodes[node] else { unreachable("ranks: a node is read before it is made") }
    return copy
  }

  /// Inserts the inputs among `needed`, in their order.
  mutating func insertInputs(of whole: Graph, _ needed: NodeSet) {
    for node in needed {
      if case .input(let place) = whole[node] {
        nodes[node] = graph.insert(input: whole.inputs[place])
      }
    }
  }

  /// Inserts what all processes have made of `node`.
  mutating func insertMerged(_ node: Node, _ name: String, _ axes: [Int], of whole: Graph) {
    let input = graph.insert(input: GraphInput(name: name, kind: .merged, axes: axes))
    if whole.type(node) == .wide {
      nodes[node] = input
    } else {
      wides[node] = input
      nodes[node] = graph.insert(.narrow(input))
    }
  }

  /// Inserts the operation of a node whose operands are there, unless the node is there.
  mutating func insert(_ node: Node, of whole: Graph) {
    guard nodes[node] == nil else { return }
    if case .widen(let number) = whole[node], let wide = wides[number] {
      nodes[node] = wide
    } else {
      nodes[node] = graph.insert(whole[node].mapped { copy(of: $0) })
    }
    if let name = whole.name(node) { graph.name(copy(of: node), name) }
  }

  /// Takes results of old nodes.
  mutating func take(_ results: [GraphResult]) {
    for var result in results {
      result.node = copy(of: result.node)
      graph.results.append(result)
    }
  }

  /// Takes `node` as a partial result.
  mutating func takePartial(_ node: Node, _ name: String, _ axes: [Int]) {
    graph.results.append(
      GraphResult(name: name, kind: .partial, node: wide(node), axes: axes))
  }

  /// Inserts what `node`, which takes all processes, is where there is but one.
  mutating func insertOwn(_ node: Node, of whole: Graph) {
    let value: Node
    if case .reduce(let reduction) = whole[node] {
      value = ownValue(of: reduction, whole)
    } else {
      value = graph.constant(1)
    }
    nodes[node] = whole.type(node) == .wide ? wide(value) : value
    if let name = whole.name(node) { graph.name(copy(of: node), name) }
  }

  /// What one process makes of its own elements of a reduction over ranks.
  mutating func ownValue(of reduction: Reduction, _ whole: Graph) -> Node {
    var own = reduction
    own.axes.subtract(whole.ranks)
    own.operand = copy(of: reduction.operand)
    own.factor = reduction.factor.map { copy(of: $0) }
    own.condition = reduction.condition.map { copy(of: $0) }
    if !own.axes.isEmpty { return graph.insert(.reduce(own)) }
    if own.kind == .momentSquares { return graph.constant(0) }
    let value = own.factor.map { graph.insert(.binary(.multiply, own.operand, $0)) } ?? own.operand
    guard let condition = own.condition else { return value }
    let nothing = graph.constant(own.kind.ofNothing)
    let other = graph.type(value) == .wide ? wide(nothing) : nothing
    return graph.insert(.select(condition, value, other))
  }

  /// How many elements of its own one process takes, in float64.
  mutating func count(of reduction: Reduction, _ whole: Graph) -> Node {
    let own = reduction.axes.subtracting(whole.ranks)
    let condition = reduction.condition.map { copy(of: $0) }
    let count = graph.wideCount(own, where: condition)
    guard let selected = graph.split(condition, over: own).ofProcesses else { return count }
    let zero = wide(graph.constant(0))
    return graph.insert(.select(selected, count, zero))
  }

  private mutating func wide(_ node: Node) -> Node {
    graph.type(node) == .wide ? node : graph.insert(.widen(node))
  }
}
