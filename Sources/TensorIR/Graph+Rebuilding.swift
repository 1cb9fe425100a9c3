extension Graph {
  /// The same graph with each operation that a result needs replaced by `rewritten` of it, whose
  /// operands are nodes of this graph, and each input by `input` of it; names and results stay.
  package func rebuilt(
    inputs changed: (GraphInput) -> GraphInput = { $0 }, by rewritten: (Operation) -> Operation
  ) -> Graph {
    var graph = Graph(axes: axes)
    var copies: [Node?] = Array(repeating: nil, count: nodeCount)
    var operations = self.operations
    for node in nodes {
      if case .input(let index) = self[node] {
        copies[node.index] = graph.insert(input: changed(inputs[index]))
      }
      operations[node.index] = rewritten(operations[node.index])
    }
    var needed = NodeSet()
    var open = results.map(\.node)
    while let node = open.popLast() {
      if needed.insert(node) { open += operations[node.index].operands }
    }
    for node in needed where copies[node.index] == nil {
      let copy = graph.insert(operations[node.index].mapped { copies[$0.index] ?? $0 })
      if let name = name(node) { graph.name(copy, name) }
      copies[node.index] = copy
    }
    graph.results = results.map { result in
      var result = result
      result.node = copies[result.node.index] ?? result.node
      return result
    }
    return graph
  }

  /// The same graph where `made` may build what a node becomes, from nodes of the new graph: it is
  /// given the old node and what finds the copies of the nodes before it. Inputs, names and results
  /// stay.
  package func rebuilt(
    _ made: (_ new: inout Graph, Node, _ copy: (Node) -> Node) -> Node?
  ) -> Graph {
    var graph = Graph(axes: axes)
    var copies: [Node?] = Array(repeating: nil, count: nodeCount)
    for node in nodes {
      guard case .input(let index) = self[node] else { continue }
      copies[node.index] = graph.insert(input: inputs[index])
    }
    for node in reachable(from: results.map(\.node)) where copies[node.index] == nil {
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
