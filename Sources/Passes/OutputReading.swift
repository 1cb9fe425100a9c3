import TensorIR

/// Finds the outputs that a derived function reads in place of computing their values again.
///
///     y = exp(x - m) / sum_e                          given y
///     d_x = y * (d_y - sum[C](d_y * y))       ->      d_x = y * (d_y - sum[C](d_y * y))
///
/// An output is read where it spares both a function such as `exp` and a tensor of no fewer axes,
/// which nothing else needs: so no more crosses the memory bus than before.
struct OutputReading {
  private let joint: Graph
  private let outputs: [GraphResult]
  /// Whether a function is given a value as a statistic.
  private let isSaved: (Node) -> Bool

  init(_ joint: Graph, _ results: [GraphResult], isSaved: @escaping (Node) -> Bool) {
    self.joint = joint
    self.isSaved = isSaved
    outputs = results.filter { result in
      result.kind == .output && joint.type(result.node) == .number && !isSaved(result.node)
        && AxisSet(axes: result.axes) == joint.placeShape(result.node)
    }
  }

  /// The values among the outputs that the function with the results `roots` reads.
  func outputs(readBy roots: [Node]) -> NodeSet {
    var read = NodeSet()
    for output in outputs.map(\.node) where isCostly(output, given: read) {
      var more = read
      more.insert(output)
      let spared = NodeSet(
        tensors(below: roots, given: read).filter {
          !tensors(below: roots, given: more).contains($0)
        })
      if spared.contains(where: { joint.shape($0).isSuperset(of: joint.shape(output)) }) {
        read = more
      }
    }
    return read
  }

  /// `true` iff computing `node` takes a function of the library.
  private func isCostly(_ node: Node, given: NodeSet) -> Bool {
    nodes(below: [node], given: given).contains { node in
      switch joint[node] {
      case .unary(let unary, _): unary.isFunction
      case .binary(let binary, _, _): binary == .power
      default: false
      }
    }
  }

  /// The tensors that `roots` are computed of.
  private func tensors(below roots: [Node], given: NodeSet) -> NodeSet {
    NodeSet(
      nodes(below: roots, given: given).filter { node in
        guard case .input(let index) = joint[node] else { return false }
        return joint.inputs[index].kind == .tensor
      })
  }

  /// The nodes that `roots` are computed of, given some and what is saved.
  private func nodes(below roots: [Node], given: NodeSet) -> NodeSet {
    var seen = NodeSet()
    var open = roots
    while let node = open.popLast() {
      guard !given.contains(node), !isSaved(node), seen.insert(node) else { continue }
      open += joint[node].operands
    }
    return seen
  }
}

extension Unary {
  /// `true` iff it takes many times as long as reading a number.
  fileprivate var isFunction: Bool {
    switch self {
    case .exponential, .logarithm, .hyperbolicTangent, .sigmoid, .errorFunction: true
    case .negate, .absolute, .sign, .squareRoot, .reciprocalSquareRoot, .floor: false
    }
  }
}
