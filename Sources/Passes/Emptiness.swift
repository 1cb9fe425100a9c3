import TensorIR

/// The condition that `node` reads, through no further reduction, a mean, variance, maximum or
/// minimum that took no element: then a state keeps its value.
func emptiness(of node: Node, in graph: inout Graph) -> Node {
  var known: [Node: Node] = [:]
  for part in graph.elementwiseReach(of: [node]) {
    known[part] = emptiness(ofPart: part, known, in: &graph)
  }
  return known[node] ?? graph.truth(false)
}

/// The emptiness of `node`, given that of its operands.
private func emptiness(ofPart node: Node, _ known: [Node: Node], in graph: inout Graph) -> Node {
  let no = graph.truth(false)
  switch graph[node] {
  case .reduce(let reduction):
    switch reduction.kind {
    case .sum, .count, .total, .momentMean, .momentSquares: return no
    case .mean, .variance, .maximum, .minimum:
      let all = graph.truth(true)
      let taken = Reduction(.count, reduction.axes, reduction.condition ?? all)
      let count = graph.reduce(taken)
      let zero = graph.constant(0)
      return graph.compare(.equal, count, zero)
    }
  case .select(let condition, let yes, let no):
    let branch = graph.select(
      condition, known[yes] ?? graph.truth(false), known[no] ?? graph.truth(false))
    return graph.logic(.or, known[condition] ?? graph.truth(false), branch)
  default:
    return graph[node].operands.reduce(no) { empty, operand in
      graph.logic(.or, empty, known[operand] ?? no)
    }
  }
}
