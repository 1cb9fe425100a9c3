import TensorIR

/// The same function where `axis` has one place: the axis is left out of all shapes.
///
///     %mean = momentMean[N, S](%x[N, C, S])     ->     %mean = momentMean[N](%x[N, C])
///
/// What lies along an innermost axis of one place would be swept one element at a time; without
/// the axis, the lanes lie along the next one. The order of sums gives the same bits for both: a
/// segment of one element has slot 0 alone.
///
/// - Returns: `nil` where no array has `axis` innermost, or where a reduction is over it alone.
package func flattened(_ graph: Graph, _ axis: Int) -> Graph? {
  let alone = AxisSet(axes: [axis])
  let arrays = graph.inputs.map(\.axes) + graph.results.map(\.axes)
  let isReducedAlone = graph.nodes.contains { node in
    if case .reduce(let reduction) = graph[node] { reduction.axes == alone } else { false }
  }
  guard !isReducedAlone, arrays.contains(where: { $0.count > 1 && $0.last == axis }) else {
    return nil
  }
  var flat = graph.rebuilt(
    inputs: { input in
      var input = input
      input.axes.removeAll { $0 == axis }
      return input
    }, by: { withoutAxis($0, alone) })
  for index in flat.results.indices { flat.results[index].axes.removeAll { $0 == axis } }
  return flat
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
