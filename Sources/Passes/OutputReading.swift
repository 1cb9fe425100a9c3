import TensorIR

/// Finds the outputs that a derived function reads in place of computing their values again.
///
///     y = exp(x - m) / sum_e                          given y
///     d_x = y * (d_y - sum[C](d_y * y))       ->      d_x = y * (d_y - sum[C](d_y * y))
///
/// An output is read where it spares both a function such as `exp` and a tensor of no fewer axes,
/// which nothing else needs: so no more crosses the memory bus than before. An output `if valid
/// then a else b` stands for `a` as well, where that is used under `valid` alone.
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

  /// The outputs that the function with the results `roots` reads, by the nodes that they spare.
  func outputs(readBy roots: [Node]) -> [Node: GraphResult] {
    var read: [Node: GraphResult] = [:]
    for output in outputs {
      let given = NodeSet(read.keys)
      let spared = nodes(for: output, roots, given).first {
        isCostly($0, given) && sparesTensor($0, roots, given)
      }
      if let spared { read[spared] = output }
    }
    return read
  }

  /// The nodes that an output may stand for.
  private func nodes(for output: GraphResult, _ roots: [Node], _ given: NodeSet) -> [Node] {
    guard case .select(let condition, let value, _) = joint[output.node],
      joint.shape(value) == joint.shape(output.node),
      isUsed(value, onlyUnder: condition, by: roots, given)
    else { return [output.node] }
    return [output.node, value]
  }

  /// `true` iff no result depends on `value` where `condition` does not hold.
  private func isUsed(
    _ value: Node, onlyUnder condition: Node, by roots: [Node], _ given: NodeSet
  ) -> Bool {
    var users = NodeSet([value])
    for node in nodes(below: roots, given) {
      let operation = joint[node]
      let operands =
        switch operation {
        case .select(condition, _, let other): [condition, other]
        case .reduce(let reduction) where reduction.condition == condition: [condition]
        default: operation.operands
        }
      guard operands.contains(where: { users.contains($0) }) else { continue }
      // What has put several places together is no longer of those where the condition holds.
      if case .reduce = operation { return false }
      users.insert(node)
    }
    return !roots.contains { users.contains($0) }
  }

  /// `true` iff `roots` need no longer read a tensor of no fewer axes than `node`, given that.
  private func sparesTensor(_ node: Node, _ roots: [Node], _ given: NodeSet) -> Bool {
    var more = given
    more.insert(node)
    let rest = nodes(below: roots, more)
    return nodes(below: roots, given).contains { other in
      guard case .input(let index) = joint[other] else { return false }
      return joint.inputs[index].kind == .tensor && !rest.contains(other)
        && joint.shape(other).isSuperset(of: joint.shape(node))
    }
  }

  /// `true` iff computing `node` takes a function of the library.
  private func isCostly(_ node: Node, _ given: NodeSet) -> Bool {
    nodes(below: [node], given).contains { node in
      switch joint[node] {
      case .unary(let unary, _): unary.isFunction
      case .binary(let binary, _, _): binary == .power
      default: false
      }
    }
  }

  /// The nodes that `roots` are computed of, in order of definition, given some and what is saved.
  private func nodes(below roots: [Node], _ given: NodeSet) -> NodeSet {
    var seen = NodeSet()
    var open = roots
    while let node = open.popLast() {
      guard !given.contains(node), !isSaved(node), seen.insert(node) else { continue }
      joint[node].forEachOperand { open.append($0) }
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
