import TensorIR

/// Sums that may take nothing.
extension Simplification {
  /// `polynomial` times `count`, or the reciprocal of one, where the count may be 0.
  ///
  /// A share `g / n` that is summed `n` times is `g`, but nothing where `n` is 0, and so is the
  /// gradient of a parameter in a mean over an empty axis; in forward mode `n g` is divided by
  /// `n`. Where a count cancels a divisor, and nothing else says that there was no element,
  /// `min(n, 1)` does.
  mutating func repeated(_ polynomial: Polynomial, _ count: Monomial) -> Polynomial {
    Polynomial(polynomial.terms.map { repeated($0, count) })
  }

  private mutating func repeated(_ term: Monomial, _ count: Monomial) -> Monomial {
    var product = term.times(count)
    for (size, exponent) in count.factors where term.exponent(of: size) * exponent < 0 {
      guard case .size(let axes) = graph[size], product.exponent(of: size) <= 0,
        !product.factors.contains(where: { $0.exponent > 0 && vanishes($0.node, without: axes) })
      else { continue }
      let one = graph.constant(1)
      product.multiply(by: graph.insert(.binary(.minimum, size, one)), 1)
    }
    return product
  }

  /// `factors` that move out of a sum over `axes` of what `condition` selects, with `max(n, 1)` for
  /// a divisor that counts elements of the sum: a share `g / n` of nothing is 0, but 0 over 0 once
  /// it is divided outside. A sum over the count of all that it takes becomes a mean; so do sums
  /// among the factors, which come first.
  mutating func shared(
    _ factors: Monomial, over axes: AxisSet, where condition: Node?
  ) -> Monomial {
    guard factors.factors.contains(where: { $0.exponent < 0 }) else { return factors }
    let all = countFactors(axes, where: condition)
    let rest = means(in: factors).reduce(factors) { $0.times($1.count) }
    if rest.contains(all.reciprocal) { return factors }
    var product = factors
    for (count, exponent) in rest.factors where exponent < 0 {
      guard all.exponent(of: count) > 0 || isSize(count, along: axes) else { continue }
      let one = graph.constant(1)
      product.multiply(by: count, -exponent)
      product.multiply(by: graph.insert(.binary(.maximum, count, one)), exponent)
    }
    return product
  }

  /// `true` if `node` is a size that is 0 where one of `axes` has no place.
  private func isSize(_ node: Node, along axes: AxisSet) -> Bool {
    guard case .size(let sized) = graph[node] else { return false }
    return !sized.isDisjoint(with: axes)
  }

  /// `true` if `node` is 0 where one of `axes` has no place.
  private func vanishes(_ node: Node, without axes: AxisSet) -> Bool {
    var vanishing = NodeSet()
    for node in graph.reachable(from: [node]) {
      let isNothing =
        switch graph[node] {
        case .reduce(let reduction):
          // Other processes may have elements.
          reduction.kind.ofNothing == 0 && reduction.axes.isSuperset(of: axes)
            && reduction.axes.isDisjoint(with: graph.ranks)
        case .binary(.multiply, let a, let b): vanishing.contains(a) || vanishing.contains(b)
        case .binary(.add, let a, let b), .binary(.subtract, let a, let b):
          vanishing.contains(a) && vanishing.contains(b)
        case .binary(.divide, let a, _), .unary(.negate, let a): vanishing.contains(a)
        default: false
        }
      if isNothing { vanishing.insert(node) }
    }
    return vanishing.contains(node)
  }

  /// The sum over `axes` of what `condition` selects, as `sum` makes it: terms whose count has
  /// cancelled a divisor are 0 where it selects nothing. A condition around a sum over processes
  /// says only whether any of them has an element.
  mutating func guarded(
    _ sum: Polynomial, over axes: AxisSet, where condition: Node
  ) -> Polynomial {
    Polynomial(
      sum.terms.map { term in
        if isOfSelected(term, condition) { return term }
        let isAny = graph.any(condition, over: axes.intersection(graph.shape(condition)))
        let zero = graph.constant(0)
        let value = build(Polynomial([term]))
        return Monomial(graph.select(isAny, value, zero))
      })
  }

  /// `true` if `term` is 0 where `condition` selects nothing: it holds a sum or a count of what is.
  private func isOfSelected(_ term: Monomial, _ condition: Node) -> Bool {
    let isCount = { [graph] (node: Node) in
      guard case .reduce(let reduction) = graph[node] else { return false }
      return reduction.kind == .count && reduction.operand == condition
    }
    if term.factors.contains(where: { $0.exponent < 0 && isCount($0.node) }) { return false }
    return term.factors.contains { node, exponent in
      guard exponent > 0, case .reduce(let reduction) = graph[node] else { return false }
      return isCount(node) || reduction.kind == .sum && reduction.condition == condition
    }
  }

  /// `true` if `polynomial` is 0 where `condition` does not hold: sums where something holds, and
  /// the condition that it holds somewhere.
  func vanishes(_ polynomial: Polynomial, unless condition: Node) -> Bool {
    guard let counted = graph.countAboveZero(condition) else { return false }
    return polynomial.terms.allSatisfy { term in
      guard term.factors.count == 1, term.factors[0].exponent == 1,
        case .reduce(let sum) = graph[term.factors[0].node]
      else { return false }
      return sum.kind == .sum && sum.condition == counted.operand
        && sum.axes.intersection(graph.shape(counted.operand)) == counted.axes
    }
  }
}
