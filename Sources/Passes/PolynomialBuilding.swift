import TensorIR

/// From polynomials back to nodes.
extension Simplification {
  /// The node of a polynomial.
  mutating func build(_ polynomial: Polynomial) -> Node {
    let sum = Polynomial(polynomial.terms.map { folded($0) })
    guard let first = sum.terms.first else { return graph.constant(0) }
    if sum.terms.count == 1 { return build(first) }
    let common = sum.commonFactors
    let rest = sum.times(common.reciprocal)
    let node = buildSum(rest.terms)
    return common.factors.isEmpty ? node : product(of: common, with: node)
  }

  /// `a + b - c * d`: terms of few factors first, whatever the order in which they were found, but
  /// none that is subtracted from nothing.
  private mutating func buildSum(_ terms: [Monomial]) -> Node {
    var order = terms.indices.sorted {
      (terms[$0].factors.count, $0) < (terms[$1].factors.count, $1)
    }
    let first = order.remove(at: order.firstIndex { terms[$0].coefficient > 0 } ?? 0)
    var sum = build(terms[first])
    for term in order.map({ terms[$0] }) {
      var magnitude = term
      magnitude.coefficient = abs(term.coefficient)
      let node = build(magnitude)
      sum = term.coefficient < 0 ? graph.subtract(sum, node) : graph.add(sum, node)
    }
    return sum
  }

  /// The node of a monomial.
  private mutating func build(_ monomial: Monomial) -> Node {
    product(of: monomial, with: nil)
  }

  /// `monomial * last`: numbers first, then factors by their number of axes, so that what is the
  /// same along an axis is computed once; divisors below the factors that have no further axes.
  private mutating func product(of monomial: Monomial, with last: Node?) -> Node {
    var numerator: [Node] = []
    var divisors: [Node] = []
    for (node, exponent) in monomial.factors {
      if exponent < 0, case .unary(.squareRoot, let v) = graph[node] {
        let root = reciprocalRoot(of: v, root: node)
        numerator += Array(repeating: root, count: -exponent)
      } else if exponent < 0 {
        divisors += Array(repeating: node, count: -exponent)
      } else {
        numerator += Array(repeating: node, count: exponent)
      }
    }
    if let last { numerator.append(last) }
    let magnitude = abs(monomial.coefficient)
    if magnitude != 1 { numerator.append(graph.constant(magnitude)) }
    let value = multiplied(joinedSizes(numerator), over: joinedSizes(divisors))
    return monomial.coefficient < 0 ? graph.negate(value) : value
  }

  /// The product of `factors` over that of `divisors`.
  private mutating func multiplied(_ factors: [Node], over divisors: [Node]) -> Node {
    let factors = sortedByAxes(factors)
    guard !divisors.isEmpty else { return chain(factors) }
    let divisor = chain(sortedByAxes(divisors))
    let axes = graph.shape(divisor)
    var dividends: [Node] = []
    var others: [Node] = []
    for node in factors {
      if axes.isSuperset(of: graph.shape(node)) {
        dividends.append(node)
      } else {
        others.append(node)
      }
    }
    // A division is dear: better once a channel than once an element.
    if dividends.isEmpty, !others.isEmpty { dividends = [others.removeFirst()] }
    return chain([graph.divide(chain(dividends), divisor)] + others)
  }

  private func sortedByAxes(_ nodes: [Node]) -> [Node] {
    // Keys instead of a closure, which would copy all of `self` at each call.
    nodes.map { AxesOfNode(count: graph.shape($0).count, node: $0) }.sorted().map(\.node)
  }

  private mutating func chain(_ factors: [Node]) -> Node {
    guard let first = factors.first else { return graph.constant(1) }
    return factors.dropFirst().reduce(first) { graph.multiply($0, $1) }
  }

  /// Sizes of single axes as one size; sizes that occur again stay apart, and so does the number of
  /// processes, which have sizes of their own.
  private mutating func joinedSizes(_ nodes: [Node]) -> [Node] {
    var joined = AxisSet()
    var others: [Node] = []
    for node in nodes {
      if case .size(let axes) = graph[node], axes != graph.ranks, joined.isDisjoint(with: axes) {
        joined.formUnion(axes)
      } else {
        others.append(node)
      }
    }
    return joined.isEmpty ? others : [graph.size(joined)] + others
  }

  /// `monomial` with the quotients of the forward that it holds, and with means for sums over
  /// counts.
  private mutating func folded(_ monomial: Monomial) -> Monomial {
    var monomial = monomial
    for (quotient, product) in quotients {
      while monomial.contains(product), monomial.exponent(of: quotient) >= 0 {
        monomial = monomial.times(product.reciprocal)
        monomial.multiply(by: quotient, 1)
      }
    }
    for (sum, mean, count) in means(in: monomial) {
      monomial = monomial.times(count)
      monomial.multiply(by: sum, -1)
      monomial.multiply(by: graph.insert(.reduce(mean)), 1)
    }
    return monomial
  }

  /// The sums in `monomial` that are divided by the count of what they take: the mean that each
  /// makes, and that count.
  mutating func means(
    in monomial: Monomial
  ) -> [(sum: Node, mean: Reduction, count: Monomial)] {
    var rest = monomial
    var means: [(sum: Node, mean: Reduction, count: Monomial)] = []
    for (node, exponent) in monomial.factors where exponent > 0 {
      guard case .reduce(var reduction) = graph[node], reduction.kind == .sum else { continue }
      let count = countFactors(reduction.axes, where: reduction.condition)
      guard rest.contains(count.reciprocal) else { continue }
      rest = rest.times(count)
      reduction.kind = .mean
      means.append((node, reduction, count))
    }
    return means
  }
}

/// A node, to be sorted by its number of axes first.
private struct AxesOfNode: Comparable {
  let count: Int
  let node: Node

  static func < (a: AxesOfNode, b: AxesOfNode) -> Bool {
    (a.count, a.node) < (b.count, b.node)
  }
}
