/// Constructors that bring a value to its simplest form as it is made, so that what is written
/// differently but means the same is one node.
extension Graph {
  package mutating func constant(_ value: Double) -> Node { insert(.constant(Constant(value))) }
  package mutating func truth(_ value: Bool) -> Node { insert(.truth(value)) }

  /// The number that `node` always is, if it is a constant.
  package func constantValue(_ node: Node) -> Double? {
    if case .constant(let constant) = self[node] { constant.value } else { nil }
  }

  package func isConstant(_ node: Node, _ value: Double) -> Bool { constantValue(node) == value }

  package mutating func size(_ axes: AxisSet) -> Node {
    axes.isEmpty ? constant(1) : insert(.size(axes))
  }

  package mutating func negate(_ a: Node) -> Node {
    if let value = constantValue(a) { return constant(-value) }
    if case .unary(.negate, let b) = self[a] { return b }
    return insert(.unary(.negate, a))
  }

  package mutating func unary(_ function: Unary, _ a: Node) -> Node {
    function == .negate ? negate(a) : insert(.unary(function, a))
  }

  package mutating func add(_ a: Node, _ b: Node) -> Node {
    if isConstant(a, 0) { return b }
    if isConstant(b, 0) { return a }
    if let x = constantValue(a), let y = constantValue(b) { return constant(x + y) }
    if case .unary(.negate, let c) = self[b] { return subtract(a, c) }
    if case .unary(.negate, let c) = self[a] { return subtract(b, c) }
    return insert(.binary(.add, a, b))
  }

  package mutating func subtract(_ a: Node, _ b: Node) -> Node {
    if isConstant(b, 0) { return a }
    if isConstant(a, 0) { return negate(b) }
    if let x = constantValue(a), let y = constantValue(b) { return constant(x - y) }
    if case .unary(.negate, let c) = self[b] { return add(a, c) }
    return insert(.binary(.subtract, a, b))
  }

  package mutating func multiply(_ a: Node, _ b: Node) -> Node {
    if isConstant(a, 1) { return b }
    if isConstant(b, 1) { return a }
    if let x = constantValue(a), let y = constantValue(b) { return constant(x * y) }
    if isConstant(a, -1) { return negate(b) }
    if isConstant(b, -1) { return negate(a) }
    return insert(.binary(.multiply, a, b))
  }

  package mutating func divide(_ a: Node, _ b: Node) -> Node {
    if isConstant(b, 1) { return a }
    if let x = constantValue(a), let y = constantValue(b) { return constant(x / y) }
    return insert(.binary(.divide, a, b))
  }

  /// `a ^ exponent`. Small whole exponents are products, 0.5 is a root; negative ones divide 1.
  package mutating func power(_ a: Node, _ exponent: Node) -> Node {
    guard let p = constantValue(exponent) else { return insert(.binary(.power, a, exponent)) }
    if p == 0 { return constant(1) }
    if abs(p) == 0.5 {
      let root = unary(.squareRoot, a)
      let one = constant(1)
      return p > 0 ? root : divide(one, root)
    }
    guard p == p.rounded(), abs(p) <= 16 else { return insert(.binary(.power, a, exponent)) }
    let positive = repeatedProduct(a, Int(abs(p)))
    if p > 0 { return positive }
    let one = constant(1)
    return divide(one, positive)
  }

  /// `a` multiplied by itself, `count` times in all, by squaring.
  private mutating func repeatedProduct(_ a: Node, _ count: Int) -> Node {
    if count == 1 { return a }
    let half = repeatedProduct(a, count / 2)
    let even = multiply(half, half)
    return count % 2 == 0 ? even : multiply(even, a)
  }

  package mutating func binary(_ function: Binary, _ a: Node, _ b: Node) -> Node {
    switch function {
    case .add: add(a, b)
    case .subtract: subtract(a, b)
    case .multiply: multiply(a, b)
    case .divide: divide(a, b)
    case .power: power(a, b)
    case .maximum, .minimum: insert(.binary(function, a, b))
    }
  }

  package mutating func compare(_ comparison: Comparison, _ a: Node, _ b: Node) -> Node {
    if let x = constantValue(a), let y = constantValue(b) {
      return truth(comparison.holds(x, y))
    }
    return insert(.compare(comparison, a, b))
  }

  package mutating func not(_ a: Node) -> Node {
    switch self[a] {
    case .truth(let value): truth(!value)
    case .not(let b): b
    default: insert(.not(a))
    }
  }

  package mutating func logic(_ connective: Connective, _ a: Node, _ b: Node) -> Node {
    if a == b { return a }
    for (one, other) in [(a, b), (b, a)] {
      if case .truth(let value) = self[one] { return value == (connective == .and) ? other : one }
      if isSomewhere(other, node: one) { return connective == .and ? other : one }
      if self[one] == .not(other) { return truth(connective == .or) }
    }
    return insert(.logic(connective, a, b))
  }

  /// `true` iff `node` is `0 < count[axes](condition)`, which holds wherever `condition` does.
  private func isSomewhere(_ condition: Node, node: Node) -> Bool {
    guard let count = countAboveZero(node) else { return false }
    return count.operand == condition && count.condition == nil
  }

  /// The condition that `condition` holds somewhere along `axes`.
  package mutating func any(_ condition: Node, over axes: AxisSet) -> Node {
    let count = reduce(Reduction(.count, axes, condition))
    let zero = constant(0)
    return compare(.less, zero, count)
  }

  /// The count of which `node` says that it is above 0; `nil` if `node` is something else.
  package func countAboveZero(_ node: Node) -> Reduction? {
    guard case .compare(.less, let zero, let count) = self[node], isConstant(zero, 0),
      case .reduce(let reduction) = self[count], reduction.kind == .count
    else { return nil }
    return reduction
  }

  package mutating func select(_ condition: Node, _ a: Node, _ b: Node) -> Node {
    if case .truth(let value) = self[condition] { return value ? a : b }
    if a == b { return a }
    return insert(.select(condition, a, b))
  }

  /// `kind[axes](operand where condition)`; axes that neither operand nor condition has count as
  /// repetitions.
  package mutating func reduce(_ reduction: Reduction) -> Node {
    var reduction = reduction
    if let condition = reduction.condition, case .truth(true) = self[condition] {
      reduction.condition = nil
    }
    if !reduction.axes.isDisjoint(with: ranks) { return reduceOverRanks(reduction) }
    let varying = reduction.operands.reduce(AxisSet()) { $0.union(shape($1)) }
    let repeated = reduction.axes.subtracting(varying)
    reduction.axes.formIntersection(varying)
    let inner = reducedVarying(reduction)
    switch reduction.kind {
    case .sum, .count:
      let times = size(repeated)
      return multiply(times, inner)
    case .mean, .maximum, .minimum, .variance:
      return repeated.isEmpty ? inner : emptied(inner, reduction.kind, along: repeated)
    case .total, .momentMean, .momentSquares:
      precondition(repeated.isEmpty, "Graph: a late reduction over an axis that nothing has")
      return inner
    }
  }

  /// `inner` where the axes `repeated` have a place, else what `kind` makes of nothing.
  private mutating func emptied(
    _ inner: Node, _ kind: Reduction.Kind, along repeated: AxisSet
  ) -> Node {
    let nothing = constant(kind.ofNothing)
    let zero = constant(0)
    let extent = size(repeated)
    let isEmpty = compare(.equal, extent, zero)
    return select(isEmpty, nothing, inner)
  }

  /// `reduction`, all of whose axes vary.
  mutating func reducedVarying(_ reduction: Reduction) -> Node {
    if reduction.axes.isEmpty {
      let taken = ofOneElement(reduction)
      guard let condition = reduction.condition else { return taken }
      let nothing = constant(reduction.kind.ofNothing)
      return select(condition, taken, nothing)
    }
    if reduction.kind == .count, case .truth(let value) = self[reduction.operand] {
      return value ? size(reduction.axes) : constant(0)
    }
    if let variance = varianceForm(of: reduction) { return insert(.reduce(variance)) }
    return insert(.reduce(reduction))
  }

  /// What `reduction` makes of the one element that it takes.
  private mutating func ofOneElement(_ reduction: Reduction) -> Node {
    switch reduction.kind {
    case .sum, .mean, .maximum, .minimum: return reduction.operand
    case .variance:
      let difference = insert(.binary(.subtract, reduction.operand, reduction.operand))
      return multiply(difference, difference)
    case .count:
      let one = constant(1)
      let zero = constant(0)
      return select(reduction.operand, one, zero)
    case .total, .momentMean, .momentSquares:
      preconditionFailure("Graph: a late reduction without axes")
    }
  }

  /// The variance that a mean of squares `(x - mean x)^2` is, over the same elements.
  private func varianceForm(of reduction: Reduction) -> Reduction? {
    guard reduction.kind == .mean, case .binary(.multiply, let d, let e) = self[reduction.operand],
      d == e, case .binary(.subtract, let x, let m) = self[d]
    else { return nil }
    let mean = Reduction(.mean, reduction.axes, x, where: reduction.condition)
    guard self[m] == .reduce(mean) else { return nil }
    return Reduction(.variance, reduction.axes, x, where: reduction.condition)
  }
}

extension Comparison {
  /// `true` iff it holds of these numbers.
  package func holds(_ a: Double, _ b: Double) -> Bool {
    switch self {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .equal: a == b
    case .notEqual: a != b
    }
  }
}

extension Reduction.Kind {
  /// What it makes of no element.
  package var ofNothing: Double {
    switch self {
    case .sum, .mean, .variance, .count, .total, .momentMean, .momentSquares: 0
    case .maximum: -.infinity
    case .minimum: .infinity
    }
  }
}
