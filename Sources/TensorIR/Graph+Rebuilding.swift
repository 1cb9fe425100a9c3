extension Graph {
  /// The same graph with each operation that a result needs replaced by `rewritten` of it, whose
  /// operands are nodes of this graph, and each input by `input` of it; names and results stay.
  package func rebuilt(
    inputs changed: (GraphInput) -> GraphInput = { $0 }, by rewritten: (Operation) -> Operation
  ) -> Graph {
    let operations = nodes.map { rewritten(self[$0]) }
    var needed = NodeSet()
    var open = results.map(\.node)
    while let node = open.popLast() {
      if needed.insert(node) { operations[node.index].forEachOperand { open.append($0) } }
    }
    return rebuilt(needed, inputs: changed) { new, node, copy in
      new.insert(operations[node.index].mapped(copy))
    }
  }

  /// The same graph where `made` may build what a node becomes, from nodes of the new graph: it is
  /// given the old node and what finds the copies of the nodes before it. Inputs, names and results
  /// stay.
  package func rebuilt(
    _ made: (_ new: inout Graph, Node, _ copy: (Node) -> Node) -> Node?
  ) -> Graph {
    rebuilt(reachable(from: results.map(\.node)), inputs: { $0 }, made)
  }

  /// The nodes of `needed` that are no inputs, each as `made` builds it, or as it was where that
  /// says nothing, behind all inputs.
  private func rebuilt(
    _ needed: NodeSet, inputs changed: (GraphInput) -> GraphInput,
    _ made: (_ new: inout Graph, Node, _ copy: (Node) -> Node) -> Node?
  ) -> Graph {
    var graph = Graph(axes: axes)
    var copies: [Node?] = Array(repeating: nil, count: nodeCount)
    for node in nodes {
      guard case .input(let index) = self[node] else { continue }
      copies[node.index] = graph.insert(input: changed(inputs[index]))
    }
    for node in needed where copies[node.index] == nil {
      let copy = { (node: Node) in copies[node.index] ?? node }
      let new = made(&graph, node, copy) ?? graph.insert(self[node].mapped(copy))
      if let name = name(node) { graph.name(new, name) }
      copies[node.index] = new
    }
    graph.results = results.map { result in
      var result = result
      result.node = copies[result.node.index] ?? result.node
      return result
    }
    return graph
  }
}
