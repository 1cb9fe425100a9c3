import Basics
import TensorIR

/// Brings the derived backward to the form that a person would write.
///
///     %d_1 = d_y * weight / %std                        %g   = weight * d_y
///     %d_2 = sum[C](-(%d_1 * %x_hat)) / …        ->     %d_x = rstd * (%g - mean[C](%g)
///     …                                                        - %x_hat * mean[C](%g * %x_hat))
///
/// Derived values are written as sums of products of powers (`Polynomial`), whose atoms are the
/// values of the forward, and built anew:
/// * sums are linear: a factor that does not vary along the reduced axes moves out; a sum over the
///   count of what it takes is a mean;
/// * a quotient of the forward that stands in a product is used as it is (`x_hat`): it is of
///   order 1, and it is there already;
/// * a term whose factors outside of a sum are sums themselves is summed alone, so that both can be
///   taken in one pass;
/// * factors that all terms share are taken out; factors with few axes are multiplied first;
/// * a quotient by `sqrt(v)` is a product with `rsqrt(v)`, in the forward too;
/// * a deviation `x - mean(x)` stays one: its terms may be far greater than it is;
/// * a sum that may take nothing is 0 then, whatever cancels (`EmptySums.swift`).
///
/// Values of the forward and of gradient blocks keep the form in which they were written.
package func simplified(_ joint: Joint) -> Graph {
  var pass = Simplification(joint)
  return pass.run()
}

struct Simplification {
  let old: Graph
  private let joint: Joint
  /// The graph that is built.
  var graph: Graph
  /// The new node of each old one that has one.
  private var copies: NodeTable<Node>
  private var polynomials: NodeTable<Polynomial>
  /// Quotients of the forward: the node, and what it is as a product.
  private(set) var quotients: [(node: Node, product: Monomial)] = []
  /// What the nodes are made of, as far as that was asked.
  private var origins: [Origin] = []

  /// What a node is made of, the latest counting.
  private enum Origin: Comparable {
    case forward
    /// What only derivatives are given.
    case given
    /// Sums of that.
    case summed
  }

  init(_ joint: Joint) {
    self.joint = joint
    old = joint.graph
    graph = Graph(axes: joint.graph.axes)
    copies = NodeTable(count: joint.graph.nodeCount)
    polynomials = NodeTable(count: joint.graph.nodeCount)
  }

  mutating func run() -> Graph {
    let needed = old.reachable(from: old.results.map(\.node))
    for node in old.nodes {
      guard case .input(let index) = old[node] else { continue }
      if old.inputs[index].kind != .placeholder {
        copies[node] = graph.insert(input: old.inputs[index])
      }
    }
    for node in old.nodes where isKept(node) && needed.contains(node) { _ = built(node) }
    graph.results = old.results.map { result in
      var result = result
      result.node = built(result.node)
      return result
    }
    for node in old.nodes where !isKept(node) && needed.contains(node) { passOnName(of: node) }
    return graph
  }

  /// Names what has become of a derived value, if it is still there.
  private mutating func passOnName(of node: Node) {
    guard let name = old.name(node), old.type(node) == .number else { return }
    let node = build(polynomial(of: node))
    if graph.constantValue(node) == nil { graph.name(node, name) }
  }

  /// `true` iff `node` keeps the form in which it was written.
  private func isKept(_ node: Node) -> Bool {
    node.index < joint.forwardCount || joint.written.contains(node)
  }

  /// The new node for the old one.
  mutating func built(_ node: Node) -> Node {
    if let copy = copies[node] { return copy }
    let copy = isKept(node) ? copied(node) : build(polynomial(of: node))
    if let name = old.name(node) { graph.name(copy, name) }
    copies[node] = copy
    return copy
  }

  /// A value in the form in which it was written.
  private mutating func copied(_ node: Node) -> Node {
    switch old[node] {
    case .stopGradient(let a), .customGradient(_, let a, _): return built(a)
    case .binary(.divide, let a, let b): return quotient(built(a), built(b))
    case .reduce(let reduction): return graph.reduce(mapped(reduction))
    default:
      for operand in old[node].operands { _ = built(operand) }
      return graph.insert(old[node].mapped { copies[$0] ?? $0 })
    }
  }

  private mutating func mapped(_ reduction: Reduction) -> Reduction {
    var reduction = reduction
    reduction.operand = built(reduction.operand)
    reduction.condition = reduction.condition.map { built($0) }
    return reduction
  }

  /// `a / b`, noted as a quotient that products may be made of.
  private mutating func quotient(_ a: Node, _ b: Node) -> Node {
    let node: Node
    if case .unary(.squareRoot, let v) = graph[b] {
      let root = reciprocalRoot(of: v, root: b)
      node = graph.multiply(a, root)
    } else {
      node = graph.divide(a, b)
    }
    if graph.constantValue(a) == nil, !graph.shape(a).isEmpty {
      var product = Monomial(a)
      product.multiply(by: b, -1)
      // `x / x` is a quotient that every product holds, any number of times.
      if !product.factors.isEmpty { quotients.append((node, product)) }
    }
    return node
  }

  /// `1 / sqrt(v)`, under the textbook's name: `rstd` of a variance, `rrms` of a mean of squares.
  mutating func reciprocalRoot(of v: Node, root: Node) -> Node {
    let node = graph.unary(.reciprocalSquareRoot, v)
    graph.name(node, graph.name(root).map { "r" + $0 } ?? reciprocalName(of: v))
    return node
  }

  /// A name after the statistic that `v` is, or is the sum of with a number.
  private func reciprocalName(of v: Node) -> String {
    var statistic = v
    if case .binary(.add, let a, let b) = graph[v], graph.shape(b).isEmpty { statistic = a }
    if case .reduce(let reduction) = graph[statistic] {
      if reduction.kind == .variance { return "rstd" }
      if case .binary(.multiply, let a, let b) = graph[reduction.operand], a == b { return "rrms" }
    }
    return "rsqrt" + (graph.name(statistic).map { "_" + $0 } ?? "")
  }

  /// An old value as a polynomial in new nodes.
  mutating func polynomial(of node: Node) -> Polynomial {
    if let known = polynomials[node] { return known }
    let copy = isKept(node) ? built(node) : copies[node]
    let result = copy.map { atom($0) } ?? derived(node)
    polynomials[node] = result
    return result
  }

  /// A new node as a polynomial: itself, unless it is a number, a sign or a product with a count.
  func atom(_ node: Node) -> Polynomial {
    switch graph[node] {
    case .constant(let constant):
      return Polynomial(constant.value == 0 ? [] : [Monomial(constant.value)])
    case .unary(.negate, let a): return atom(a).times(Monomial(-1))
    case .binary(.multiply, let a, let b) where isCount(a) || isCount(b):
      let (left, right) = (atom(a), atom(b))
      guard let one = left.terms.first, let other = right.terms.first else { break }
      return Polynomial([one.times(other)])
    default: break
    }
    return Polynomial([Monomial(node)])
  }

  private func isCount(_ node: Node) -> Bool {
    switch graph[node] {
    case .size: true
    case .reduce(let reduction): reduction.kind == .count
    default: false
    }
  }

  private mutating func derived(_ node: Node) -> Polynomial {
    switch old[node] {
    case .constant(let constant):
      return Polynomial(constant.value == 0 ? [] : [Monomial(constant.value)])
    // Of what is read at neighbours, too.
    case .stopGradient(let a), .customGradient(_, let a, _): return polynomial(of: a)
    case .size(let axes): return Polynomial([sizeFactors(axes)])
    case .unary(.negate, let a): return polynomial(of: a).times(Monomial(-1))
    case .binary(.add, let a, let b): return polynomial(of: a).plus(polynomial(of: b))
    case .binary(.subtract, let a, let b) where isMean(b, of: a):
      let copy = graph.subtract(built(a), built(b))
      return atom(copy)
    case .binary(.subtract, let a, let b):
      return polynomial(of: a).plus(polynomial(of: b).times(Monomial(-1)))
    case .binary(.multiply, let a, let b):
      let (left, right) = (polynomial(of: a), polynomial(of: b))
      if case .size = old[a], let count = left.terms.first { return repeated(right, count) }
      if case .size = old[b], let count = right.terms.first { return repeated(left, count) }
      return product(left, right)
    case .binary(.divide, let a, let b): return ratio(polynomial(of: a), polynomial(of: b))
    case .reduce(let reduction) where reduction.kind == .sum: return sum(reduction)
    case .reduce(let reduction):
      let copy = graph.reduce(mapped(reduction))
      return atom(copy)
    case .select(let condition, let a, let b):
      let chosen = built(condition)
      let value = polynomial(of: a)
      if old.isConstant(b, 0), vanishes(value, unless: chosen) { return value }
      let (yes, no) = (built(a), built(b))
      let copy = graph.select(chosen, yes, no)
      return atom(copy)
    default:
      for operand in old[node].operands { _ = built(operand) }
      let copy = graph.insert(old[node].mapped { copies[$0] ?? $0 })
      return atom(copy)
    }
  }

  /// `true` iff the old `node` is a mean of `a`: its difference to `a` stays one, because the terms
  /// of a sum may be far greater than it.
  private func isMean(_ node: Node, of a: Node) -> Bool {
    guard case .reduce(let reduction) = old[node] else { return false }
    return reduction.kind == .mean && reduction.operand == a
  }

  private mutating func product(_ a: Polynomial, _ b: Polynomial) -> Polynomial {
    if a.terms.isEmpty || b.terms.isEmpty { return Polynomial([]) }
    if b.terms.count == 1 { return a.times(b.terms[0]) }
    if a.terms.count == 1 { return b.times(a.terms[0]) }
    let (x, y) = (build(a), build(b))
    guard let factor = atom(y).terms.first else { return Polynomial([]) }
    return atom(x).times(factor)
  }

  private mutating func ratio(_ a: Polynomial, _ b: Polynomial) -> Polynomial {
    if b.terms.count == 1 { return repeated(a, b.terms[0].reciprocal) }
    let divisor = build(b)
    return a.times(Monomial(divisor, -1))
  }

  /// The product of the sizes of single axes.
  mutating func sizeFactors(_ axes: AxisSet) -> Monomial {
    var product = Monomial(1)
    for axis in axes.axes { product.multiply(by: graph.size(AxisSet(axes: [axis])), 1) }
    return product
  }

  /// How many elements a sum over `axes` takes, as factors.
  mutating func countFactors(_ axes: AxisSet, where condition: Node?) -> Monomial {
    if !axes.isDisjoint(with: graph.ranks) {
      let all = graph.truth(true)
      return Monomial(graph.reduce(Reduction(.count, axes, condition ?? all)))
    }
    guard let condition else { return sizeFactors(axes) }
    let varying = axes.intersection(graph.shape(condition))
    var product = sizeFactors(axes.subtracting(varying))
    if !varying.isEmpty {
      product.multiply(by: graph.insert(.reduce(Reduction(.count, varying, condition))), 1)
    }
    return product
  }

  /// A sum: what does not vary along its axes moves out.
  private mutating func sum(_ reduction: Reduction) -> Polynomial {
    let condition = reduction.condition.map { built($0) }
    let terms = polynomial(of: reduction.operand)
    if !reduction.axes.isDisjoint(with: graph.ranks) {
      return sumOverRanks(terms, reduction.axes, where: condition)
    }
    return sum(terms, reduction.axes, where: condition)
  }

  /// A sum of terms that are built: what does not vary along the axes moves out.
  mutating func sum(
    _ polynomial: Polynomial, _ axes: AxisSet, where condition: Node?
  ) -> Polynomial {
    let terms = polynomial.terms
    let isInside = { [graph] (node: Node) in !graph.shape(node).isDisjoint(with: axes) }
    let constant = terms.filter { $0.part(isInside).factors.isEmpty }
    let varying = Polynomial(terms.filter { !$0.part(isInside).factors.isEmpty })
    let count = constant.isEmpty ? Monomial(1) : countFactors(axes, where: condition)
    var result = repeated(Polynomial(constant), count)
    for part in separated(varying, isInside) {
      result = result.plus(sum(of: part, over: axes, where: condition, isInside))
    }
    return result
  }

  /// `terms` in parts, each of which waits for the same sums outside of `isInside`: what is summed
  /// at once with a factor that is a sum itself would have to be read again.
  private mutating func separated(
    _ polynomial: Polynomial, _ isInside: (Node) -> Bool
  ) -> [Polynomial] {
    if polynomial.terms.count < 2 { return [polynomial] }
    var parts: [(factors: Monomial, terms: [Monomial])] = []
    for term in polynomial.terms {
      let lateNodes = NodeSet(term.factors.map(\.node).filter { !isInside($0) && isLate($0) })
      let late = term.part { lateNodes.contains($0) }
      if let place = parts.firstIndex(where: { $0.factors.isLike(late) }) {
        parts[place].terms.append(term)
      } else {
        parts.append((late, [term]))
      }
    }
    return parts.map { Polynomial($0.terms) }
  }

  /// `true` iff `node` reads a sum that is no statistic of the forward, which is known before.
  private mutating func isLate(_ node: Node) -> Bool {
    for node in graph.nodes.dropFirst(origins.count) {
      let operands = graph[node].operands.map { origins[$0.index] }
      var origin = operands.max() ?? .forward
      switch graph[node] {
      case .input(let index): origin = graph.inputs[index].isOfDerivatives ? .given : .forward
      case .reduce where origin == .given: origin = .summed
      default: break
      }
      origins.append(origin)
    }
    return origins[node.index] == .summed
  }

  /// The sum of terms that vary along `axes`.
  private mutating func sum(
    of varying: Polynomial, over axes: AxisSet, where condition: Node?,
    _ isInside: (Node) -> Bool
  ) -> Polynomial {
    guard let first = varying.terms.first else { return Polynomial([]) }
    var result = Polynomial([])
    var outside = varying.terms.count == 1 ? first : varying.commonFactors
    outside = outside.part { !isInside($0) }
    outside.coefficient = varying.terms.count == 1 ? first.coefficient : 1
    let inside = build(varying.times(outside.reciprocal))
    if let number = graph.constantValue(inside) {
      let count = countFactors(axes, where: condition)
      return result.plus(Polynomial([outside.times(count).times(Monomial(number))]))
    }
    let factors = shared(outside, over: axes, where: condition)
    result.add(factors.times(sumFactors(Reduction(.sum, axes, inside, where: condition))))
    return result
  }

  /// A sum of terms that are built over all processes: a sum in each process, then over these.
  private mutating func sumOverRanks(
    _ polynomial: Polynomial, _ axes: AxisSet, where condition: Node?
  ) -> Polynomial {
    let own = axes.subtracting(graph.ranks)
    let conditions = graph.split(condition, over: own)
    var sums = own.isEmpty ? polynomial : sum(polynomial, own, where: conditions.ofElements)
    if let condition = conditions.ofElements { sums = guarded(sums, over: own, where: condition) }
    return sums.terms.reduce(Polynomial([])) { whole, term in
      whole.plus(sum(Polynomial([term]), graph.ranks, where: conditions.ofProcesses))
    }
  }

  /// A sum whose operand is built, as factors: axes that nothing has multiply by their sizes.
  private mutating func sumFactors(_ reduction: Reduction) -> Monomial {
    var reduction = reduction
    // A sum over processes of a sum in each is one sum over all elements.
    if reduction.axes == graph.ranks, reduction.condition == nil,
      case .reduce(let own) = graph[reduction.operand], own.kind == .sum
    {
      reduction = own
      reduction.axes.formUnion(graph.ranks)
    }
    let varying = reduction.operands.reduce(AxisSet()) { $0.union(graph.shape($1)) }
    var product = sizeFactors(reduction.axes.subtracting(varying))
    reduction.axes.formIntersection(varying)
    product.multiply(by: graph.insert(.reduce(reduction)), 1)
    return product
  }
}
