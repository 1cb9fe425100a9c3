import TensorIR

/// Takes sums once that several sums are made of.
///
///     %a = total[C/G, S](weight * d_y)             %t = narrow total[S](d_y)
///     %b = total[N, S](d_y)                 ->     %a = total[C/G](weight * %t)
///                                                  %b = total[N](%t)
///
/// Two totals of which each reduces more than both do, and whose factors along the axes that both
/// reduce are the same, are cut there: first the sum over these axes, rounded to the compute type,
/// then over the others, with the factors that do not vary along the first. So every element is
/// added once, and the tensors need not be read again for the second sum. A total that reduces
/// just the common axes is itself what the other one is made of. Other totals over these axes and
/// more are cut there as well if they read the same tensors: they come along in the same sweep.
///
/// - Ensures: the order of sums follows from the result alone, like all bits.
package func sharingSums(_ graph: Graph) -> Graph {
  let totals = graph.reachable(from: graph.results.map(\.node)).compactMap { Total($0, in: graph) }
  var cuts: [Node: SharedSum] = [:]
  for (place, a) in totals.enumerated() {
    for b in totals[(place + 1)...] {
      guard let sum = graph.sharedSum(of: a, b),
        [a, b].allSatisfy({ cuts[$0.node, default: sum] == sum })
      else { continue }
      for total in [a, b] { cuts[total.node] = sum }
    }
  }
  let shared = totals.compactMap { cuts[$0.node] }
  for total in totals where cuts[total.node] == nil {
    cuts[total.node] = shared.lazy.compactMap { graph.sum(of: total, beside: $0) }.first
  }
  if cuts.isEmpty { return graph }
  return graph.rebuilt { new, node, copy in
    if case .narrow(let sum) = graph[node] { return new.narrowed(copy(sum)) }
    guard let sum = cuts[node], let total = Total(node, in: graph) else { return nil }
    return graph.cut(total, at: sum, in: &new, copy)
  }
}

/// A sum over axes of one process.
private struct Total {
  let node: Node
  let reduction: Reduction

  /// `nil` if `node` is something else.
  init?(_ node: Node, in graph: Graph) {
    guard case .reduce(let reduction) = graph[node], reduction.kind == .total,
      graph.type(reduction.operand) == .number, reduction.axes.isDisjoint(with: graph.ranks)
    else { return nil }
    self.node = node
    self.reduction = reduction
  }
}

/// A sum that others can be made of.
private struct SharedSum: Equatable {
  let axes: AxisSet
  /// What is multiplied, in order of definition; never empty.
  let factors: [Node]
  let condition: Node?
}

extension Graph {
  /// What two totals have in common.
  fileprivate func sharedSum(of a: Total, _ b: Total) -> SharedSum? {
    let axes = a.reduction.axes.intersection(b.reduction.axes)
    guard !axes.isEmpty, a.reduction.axes != b.reduction.axes else { return nil }
    let both = [a, b].map(\.reduction)
    let conditions = both.map { $0.condition.flatMap { varies($0, along: axes) ? $0 : nil } }
    guard conditions[0] == conditions[1],
      both.allSatisfy({ $0.axes != axes || $0.condition == conditions[0] })
    else { return nil }
    let inside = commonFactors(of: both.map(\.operand), along: axes).map {
      $0.filter { varies($0, along: axes) }.sorted()
    }
    guard inside[0] == inside[1], !inside[0].isEmpty else { return nil }
    return SharedSum(axes: axes, factors: inside[0], condition: conditions[0])
  }

  /// The sum that a total is made of over the axes of `shared`, in a sweep of the same tensors.
  fileprivate func sum(of total: Total, beside shared: SharedSum) -> SharedSum? {
    let axes = shared.axes
    guard axes.isStrictSubset(of: total.reduction.axes) else { return nil }
    let factors = factors(of: total.reduction.operand, along: axes, given: shared.factors).filter {
      varies($0, along: axes)
    }.sorted()
    let read = tensors(in: factors)
    guard !read.isEmpty, read.isSubset(of: tensors(in: shared.factors)) else { return nil }
    let condition = total.reduction.condition.flatMap { varies($0, along: axes) ? $0 : nil }
    return SharedSum(axes: axes, factors: factors, condition: condition)
  }

  /// The inputs with all axes of `factors` that these read.
  private func tensors(in factors: [Node]) -> Set<Int> {
    let all = factors.reduce(AxisSet()) { $0.union(shape($1)) }
    return Set(
      elementwiseReach(of: factors).compactMap { node in
        guard case .input(let index) = self[node], shape(node) == all else { return nil }
        return index
      })
  }

  /// What two products are products of, as far as it takes to see what they have in common.
  private func commonFactors(of products: [Node], along axes: AxisSet) -> [[Node]] {
    var sides = products.map { [$0] }
    let known = { (node: Node) in sides.allSatisfy { $0.contains(node) } }
    // What is defined last is a factor of nothing else.
    while let last = sides.joined().filter({ isProduct($0, along: axes) && !known($0) }).max() {
      for side in sides.indices {
        sides[side] = sides[side].flatMap { $0 == last ? self[last].operands : [$0] }
      }
    }
    return sides
  }

  /// `true` iff `node` is a product that varies along `axes`.
  private func isProduct(_ node: Node, along axes: AxisSet) -> Bool {
    guard varies(node, along: axes), case .binary(.multiply, _, _) = self[node] else {
      return false
    }
    return true
  }

  /// What `product` is a product of; what is in `known`, or does not vary along `axes`, is one
  /// factor.
  private func factors(of product: Node, along axes: AxisSet, given known: [Node]) -> [Node] {
    if known.contains(product) || !isProduct(product, along: axes) { return [product] }
    return self[product].operands.flatMap { factors(of: $0, along: axes, given: known) }
  }

  private func varies(_ node: Node, along axes: AxisSet) -> Bool {
    !shape(node).isDisjoint(with: axes)
  }

  /// A total in two steps, in the graph `new`, where `copy` finds the nodes of this one; `nil` if
  /// it is the shared sum.
  fileprivate func cut(
    _ total: Total, at sum: SharedSum, in new: inout Graph, _ copy: (Node) -> Node
  ) -> Node? {
    let factors = factors(of: total.reduction.operand, along: sum.axes, given: sum.factors)
    let others = factors.filter { !sum.factors.contains($0) }
    let isWhole = total.reduction.axes == sum.axes
    if isWhole && others.isEmpty { return nil }
    let product = { (factors: [Node], new: inout Graph) -> Node in
      factors.dropFirst().reduce(factors[0]) { new.insert(.binary(.multiply, $0, $1)) }
    }
    let shared = product(sum.factors.map(copy), &new)
    let inner = Reduction(.total, sum.axes, shared, where: sum.condition.map(copy))
    let part = new.narrowed(new.insert(.reduce(inner)))
    if new.name(part) == nil { new.name(part, StatisticNames(new).name(of: part)) }
    let operand = product([part] + others.map(copy), &new)
    if isWhole { return new.insert(.widen(operand)) }
    var outer = total.reduction
    outer.axes.subtract(sum.axes)
    outer.operand = operand
    outer.condition = sum.condition == nil ? outer.condition.map(copy) : nil
    return new.insert(.reduce(outer))
  }
}
