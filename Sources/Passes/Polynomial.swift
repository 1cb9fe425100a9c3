import TensorIR

/// A product of powers of nodes and a number: `coefficient * product of node^exponent`.
struct Monomial {
  var coefficient: Double
  /// Nodes with their exponents, none 0, by ascending node: equal products compare equal.
  private(set) var factors: [(node: Node, exponent: Int)] = []

  init(_ coefficient: Double) { self.coefficient = coefficient }

  /// `node ^ exponent`.
  init(_ node: Node, _ exponent: Int = 1) {
    coefficient = 1
    factors = [(node, exponent)]
  }

  func exponent(of node: Node) -> Int { factors.first { $0.node == node }?.exponent ?? 0 }

  /// Multiplies by `node ^ exponent`.
  mutating func multiply(by node: Node, _ exponent: Int) {
    guard let place = factors.firstIndex(where: { $0.node >= node }) else {
      return factors.append((node, exponent))
    }
    if factors[place].node != node { return factors.insert((node, exponent), at: place) }
    factors[place].exponent += exponent
    if factors[place].exponent == 0 { factors.remove(at: place) }
  }

  func times(_ other: Monomial) -> Monomial {
    var product = self
    product.coefficient *= other.coefficient
    for (node, exponent) in other.factors { product.multiply(by: node, exponent) }
    return product
  }

  var reciprocal: Monomial {
    var result = Monomial(1 / coefficient)
    for (node, exponent) in factors { result.multiply(by: node, -exponent) }
    return result
  }

  /// The product of the factors of which `condition` holds, without the coefficient.
  func part(_ condition: (Node) -> Bool) -> Monomial {
    var result = Monomial(1)
    result.factors = factors.filter { condition($0.node) }
    return result
  }

  /// `true` iff the factors are those of `other`.
  func isLike(_ other: Monomial) -> Bool {
    factors.elementsEqual(other.factors) { $0 == $1 }
  }

  /// `true` iff it holds every factor of `other`, with its sign and at least its power.
  func contains(_ other: Monomial) -> Bool {
    other.factors.allSatisfy { node, wanted in
      let own = exponent(of: node)
      return wanted > 0 ? own >= wanted : own <= wanted
    }
  }
}

/// A sum of monomials, no two alike and none 0.
struct Polynomial {
  private(set) var terms: [Monomial] = []

  init(_ terms: [Monomial]) {
    for term in terms { add(term) }
  }

  mutating func add(_ term: Monomial) {
    if term.coefficient == 0 { return }
    guard let place = terms.firstIndex(where: { $0.isLike(term) }) else {
      return terms.append(term)
    }
    terms[place].coefficient += term.coefficient
    if terms[place].coefficient == 0 { terms.remove(at: place) }
  }

  func plus(_ other: Polynomial) -> Polynomial { Polynomial(terms + other.terms) }

  func times(_ factor: Monomial) -> Polynomial { Polynomial(terms.map { $0.times(factor) }) }

  /// The factors that all terms share, in the power that all have.
  var commonFactors: Monomial {
    guard let first = terms.first, terms.count > 1 else { return Monomial(1) }
    var common = Monomial(1)
    for (node, exponent) in first.factors {
      let exponents = terms.map { $0.exponent(of: node) }
      let shared = exponent > 0 ? exponents.min() ?? 0 : exponents.max() ?? 0
      if shared != 0 && (shared > 0) == (exponent > 0) { common.multiply(by: node, shared) }
    }
    return common
  }
}
