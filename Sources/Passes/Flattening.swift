import TensorIR

/// The same function where `axis` has one place: the axis is left out of all shapes.
///
///     %mean = momentMean[N, S](%x[N, C, S])     ->     %mean = momentMean[N](%x[N, C])
///
/// What lies along an innermost axis of one place would be swept one element at a time; without
/// the axis, the lanes lie along the next one. The order of sums gives the same bits for both where
/// it is kept but for `axis`: a segment of one element has slot 0 alone. A total over `axis` alone
/// is the element that is there.
///
/// - Returns: `nil` where no array has `axis` innermost, where a reduction that is no total is over
///   it alone, or where a sum would take another order: without S, the C of x[N, C, S] are a run.
package func flattened(_ graph: Graph, _ axis: Int) -> Graph? {
  let alone = AxisSet(axes: [axis])
  let arrays = graph.inputs.map(\.axes) + graph.results.map(\.axes)
  let keepsBits = graph.nodes.allSatisfy { node in
    guard case .reduce(let reduction) = graph[node] else { return true }
    if reduction.axes == alone { return reduction.kind == .total }
    return graph.keepsOrder(of: reduction, without: axis)
  }
  guard keepsBits, arrays.contains(where: { $0.count > 1 && $0.last == axis }) else {
    return nil
  }
  var flat = withoutTotals(graph, over: alone).rebuilt(
    inputs: { input in
      var input = input
      input.axes.removeAll { $0 == axis }
      return input
    }, by: { withoutAxis($0, alone) })
  for index in flat.results.indices { flat.results[index].axes.removeAll { $0 == axis } }
  return withoutKnownSizes(flat)
}

/// `graph` without what a size that is 1 leaves to do: a mean over one place is the element, and
/// needs no float64, which lanes of float32 have not.
private func withoutKnownSizes(_ graph: Graph) -> Graph {
  graph.rebuilt { new, node, copy in
    switch graph[node] {
    case .compare(.equal, let a, let b):
      guard let x = new.number(copy(a)), let y = new.number(copy(b)) else { return nil }
      return new.insert(.truth(x == y))
    case .select(let condition, let yes, let no):
      guard case .truth(let holds) = new[copy(condition)] else { return nil }
      return copy(holds ? yes : no)
    case .binary(.divide, let a, let b) where new.number(copy(b)) == 1: return copy(a)
    case .narrow(let a): return new.narrowed(copy(a))
    default: return nil
    }
  }
}

extension Graph {
  /// `true` iff `reduction` takes its elements in the same order in memory without `axis`, of one
  /// place.
  fileprivate func keepsOrder(of reduction: Reduction, without axis: Int) -> Bool {
    switch reduction.kind {
    case .maximum, .minimum, .count: return true
    case .sum, .mean, .variance, .total, .momentMean, .momentSquares: break
    }
    let (with, without) = (order(of: reduction), order(of: reduction, without: axis))
    return with.run.filter { $0 != axis } == without.run
      && with.segments.filter { $0 != axis } == without.segments
  }

  /// The number that a node is, whatever the call.
  fileprivate func number(_ node: Node) -> Double? {
    switch self[node] {
    case .constant(let constant): constant.value
    case .widen(let narrow): number(narrow)
    default: nil
    }
  }
}

/// `graph` with the only element in place of each total over `axis`: 0 plus the element, as the sum
/// begins at 0.
private func withoutTotals(_ graph: Graph, over axis: AxisSet) -> Graph {
  graph.rebuilt { new, node, copy in
    if case .narrow(let sum) = graph[node] { return new.narrowed(copy(sum)) }
    guard case .reduce(let reduction) = graph[node], reduction.axes == axis else { return nil }
    let zero = new.constant(0)
    let (element, factor) = (copy(reduction.operand), reduction.factor.map(copy))
    let sum = new.insert(
      factor.map { .fused(.productPlus, element, $0, zero) } ?? .binary(.add, element, zero))
    let condition = reduction.condition.map(copy)
    return new.insert(.widen(condition.map { new.insert(.select($0, sum, zero)) } ?? sum))
  }
}

private func withoutAxis(_ operation: Operation, _ axis: AxisSet) -> Operation {
  switch operation {
  case .size(let axes):
    let rest = axes.subtracting(axis)
    return rest.isEmpty ? .constant(Constant(1)) : .size(rest)
  case .index(let axes):
    let rest = axes.subtracting(axis)
    return rest.isEmpty ? .constant(Constant(0)) : .index(rest)
  case .reduce(var reduction):
    reduction.axes.subtract(axis)
    return .reduce(reduction)
  case .input, .constant, .truth, .unary, .binary, .compare, .not, .logic, .select,
    .stopGradient, .customGradient, .fused, .widen, .narrow:
    return operation
  }
}
