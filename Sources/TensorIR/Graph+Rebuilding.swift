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
}
