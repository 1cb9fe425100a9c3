import TensorIR

/// Forms fused multiply-adds, once and for all back ends.
///
///     %1 = %x * weight                     %y = fma %x, weight, bias
///     %y = %1 + bias                ->
///     %t = total[C](%g * %x_hat)           %t = total[C](%g * %x_hat)   // fma in every slot
///
/// A product that is used once, by an addition, a subtraction or a sum, is rounded together with
/// it. Of two such products the left one stays a product.
///
/// What is looked for by its value stays as it is: a backward finds the place of an extreme where
/// the elements, which it computes again, equal what the forward found, and products that are used
/// once in one function may be used twice in the other.
///
/// - Parameter saved: the names of saved values, outputs among them, that other functions look for.
package func contracted(_ graph: Graph, lookedFor saved: Set<String> = []) -> Graph {
  let needed = graph.reachable(from: graph.results.map(\.node))
  let kinds: [GraphResult.Kind] = [.saved, .output]
  let given = graph.results.filter { kinds.contains($0.kind) && saved.contains($0.name) }
    .map(\.node)
  let lookedFor = graph.valuesLookedFor(in: needed) + given
  let found = Set(graph.reachable(from: lookedFor).map { graph[$0] })
  var uses = Array(repeating: 0, count: graph.nodeCount)
  for node in needed {
    graph[node].forEachOperand { uses[$0.index] += 1 }
  }
  for result in graph.results { uses[result.node.index] += 1 }
  return graph.rebuilt { found.contains($0) ? $0 : fused($0, in: graph, uses: uses) }
}

extension Functions {
  /// The names of the saved values of which the values are made that derivatives look for.
  package var savedValuesLookedFor: Set<String> {
    Set(derived.flatMap(\.formulas.savedValuesLookedFor))
  }
}

extension Graph {
  /// The names of the saved values of which the values are made that it looks for.
  fileprivate var savedValuesLookedFor: Set<String> {
    let lookedFor = valuesLookedFor(in: reachable(from: results.map(\.node)))
    return Set(
      reachable(from: lookedFor).compactMap { node in
        guard case .input(let index) = self[node], inputs[index].kind == .saved else { return nil }
        return inputs[index].source ?? inputs[index].name
      })
  }

  /// What has to equal, bit by bit, what is no constant, and the elements of extremes.
  fileprivate func valuesLookedFor(in needed: NodeSet) -> [Node] {
    needed.flatMap { node -> [Node] in
      switch self[node] {
      case .compare(.equal, let a, let b)
      where constantValue(a) == nil && constantValue(b) == nil:
        [a, b]
      case .reduce(let reduction) where reduction.kind.isExtreme: [reduction.operand]
      default: []
      }
    }
  }
}

extension Reduction.Kind {
  fileprivate var isExtreme: Bool { self == .maximum || self == .minimum }
}

/// `operation` with a product of `graph` taken in, or as it is.
private func fused(_ operation: Operation, in graph: Graph, uses: [Int]) -> Operation {
  let product = { (node: Node) -> (Node, Node)? in
    guard uses[node.index] == 1, case .binary(.multiply, let a, let b) = graph[node] else {
      return nil
    }
    return (a, b)
  }
  switch operation {
  case .binary(.add, let a, let b):
    if let (x, y) = product(b) { return .fused(.productPlus, x, y, a) }
    if let (x, y) = product(a) { return .fused(.productPlus, x, y, b) }
  case .binary(.subtract, let a, let b):
    if let (x, y) = product(b) { return .fused(.minusProduct, x, y, a) }
    if let (x, y) = product(a) { return .fused(.productMinus, x, y, b) }
  case .reduce(var reduction) where reduction.kind == .total:
    guard let (x, y) = product(reduction.operand) else { break }
    reduction.operand = x
    reduction.factor = y
    return .reduce(reduction)
  default: break
  }
  return operation
}
