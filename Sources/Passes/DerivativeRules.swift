import Basics
import TensorIR

/// The derivative of each operation. In the comments, `g` is the adjoint of the value, `z` the
/// value, `a` and `b` its operands.
extension Differentiation {
  /// Passes the adjoint of `node` on to its operands.
  mutating func propagate(_ adjoint: Contribution, through node: Node) {
    let flow = Flow(adjoint, of: node, axes: useAxes(of: node))
    switch graph[node] {
    case .unary(let function, let a): unary(function, a, flow)
    case .binary(let function, let a, let b): binary(function, a, b, flow)
    case .select(let condition, let a, let b):
      let otherwise = graph.not(condition)
      flow.send(flow.value, to: a, where: condition, in: &self)
      flow.send(flow.value, to: b, where: otherwise, in: &self)
    case .reduce(let reduction): reduce(reduction, flow)
    case .input, .constant, .truth, .size, .index, .compare, .not, .logic, .stopGradient,
      .customGradient:
      return
    case .fused, .widen, .narrow:
      unreachable("differentiation: \(graph.label(node)) belongs to a later pass")
    }
  }

  /// The axes along which the operands of `node` are used.
  private func useAxes(of node: Node) -> AxisSet {
    graph[node].operands.reduce(graph.shape(node)) { $0.union(graph.shape($1)) }
  }

  /// The adjoint of a value on its way to the operands.
  private struct Flow {
    let value: Node
    let guardian: Node?
    /// The value itself.
    let node: Node
    let axes: AxisSet

    init(_ adjoint: Contribution, of node: Node, axes: AxisSet) {
      value = adjoint.value
      guardian = adjoint.guardian
      self.node = node
      self.axes = axes
    }

    func send(_ part: Node, to operand: Node, in pass: inout Differentiation) {
      pass.contribute(part, to: operand, over: axes, guardian: guardian)
    }

    /// Sends `part` where `condition` holds as well.
    func send(
      _ part: Node, to operand: Node, where condition: Node, in pass: inout Differentiation
    ) {
      let both = guardian.map { pass.graph.logic(.and, $0, condition) } ?? condition
      pass.contribute(part, to: operand, over: axes, guardian: both)
    }
  }

  private mutating func unary(_ function: Unary, _ a: Node, _ flow: Flow) {
    let (g, z) = (flow.value, flow.node)
    switch function {
    case .negate:  // -g
      flow.send(graph.negate(g), to: a, in: &self)
    case .absolute:  // g sign(a), 0 at 0
      let zero = graph.constant(0)
      let isZero = graph.compare(.equal, a, zero)
      let slope = graph.multiply(g, graph.unary(.sign, a))
      flow.send(graph.select(isZero, zero, slope), to: a, in: &self)
    case .squareRoot:  // g / (2 z), 0 at 0
      let zero = graph.constant(0)
      let quotient = graph.divide(g, graph.multiply(graph.constant(2), z))
      let isZero = graph.compare(.equal, z, zero)
      flow.send(graph.select(isZero, zero, quotient), to: a, in: &self)
    case .reciprocalSquareRoot:  // -g z^3 / 2
      let half = graph.constant(-0.5)
      let cube = graph.multiply(graph.multiply(z, z), z)
      flow.send(graph.multiply(graph.multiply(half, g), cube), to: a, in: &self)
    case .exponential:  // g z
      flow.send(graph.multiply(g, z), to: a, in: &self)
    case .logarithm:  // g / a
      flow.send(graph.divide(g, a), to: a, in: &self)
    case .hyperbolicTangent:  // g (1 - z^2)
      let slope = graph.subtract(graph.constant(1), graph.multiply(z, z))
      flow.send(graph.multiply(g, slope), to: a, in: &self)
    case .sigmoid:  // g z (1 - z)
      let one = graph.constant(1)
      let slope = graph.multiply(z, graph.subtract(one, z))
      flow.send(graph.multiply(g, slope), to: a, in: &self)
    case .errorFunction:  // g 2 / sqrt(pi) exp(-a^2)
      let factor = graph.constant(2 / Double.pi.squareRoot())
      let square = graph.multiply(a, a)
      let bell = graph.unary(.exponential, graph.negate(square))
      flow.send(graph.multiply(g, graph.multiply(factor, bell)), to: a, in: &self)
    case .sign, .floor:
      return
    }
  }

  private mutating func binary(_ function: Binary, _ a: Node, _ b: Node, _ flow: Flow) {
    let g = flow.value
    switch function {
    case .add:
      flow.send(g, to: a, in: &self)
      flow.send(g, to: b, in: &self)
    case .subtract:
      flow.send(g, to: a, in: &self)
      flow.send(graph.negate(g), to: b, in: &self)
    case .multiply:
      flow.send(graph.multiply(g, b), to: a, in: &self)
      flow.send(graph.multiply(g, a), to: b, in: &self)
    case .divide:
      flow.send(graph.divide(g, b), to: a, in: &self)
      divisor(b, flow)
    case .power:
      power(a, b, flow)
    case .maximum:  // the first of equals, and a NaN, gets it
      let first = chosen(graph.compare(.lessOrEqual, b, a), orNaN: a)
      flow.send(g, to: a, where: first, in: &self)
      flow.send(g, to: b, where: graph.not(first), in: &self)
    case .minimum:
      let first = chosen(graph.compare(.lessOrEqual, a, b), orNaN: a)
      flow.send(g, to: a, where: first, in: &self)
      flow.send(g, to: b, where: graph.not(first), in: &self)
    }
  }

  private mutating func chosen(_ condition: Node, orNaN a: Node) -> Node {
    let isNaN = graph.compare(.notEqual, a, a)
    return graph.logic(.or, condition, isNaN)
  }

  /// `z = a / b`: b receives `-g z / b`. Where `b = sqrt(v)^k`, v receives `-k g z / (2 sqrt(v)^2)`
  /// at once: the quotient is a product with the reciprocal root, whose derivative follows IEEE at
  /// 0.
  private mutating func divisor(_ b: Node, _ flow: Flow) {
    let product = graph.multiply(flow.value, flow.node)
    if let (root, exponent) = rootPower(b), case .unary(.squareRoot, let v) = graph[root] {
      let square = graph.multiply(root, root)
      let half = graph.constant(-0.5 * Double(exponent))
      let part = graph.divide(graph.multiply(half, product), square)
      let axes = flow.axes.union(graph.shape(v))
      contribute(part, to: v, over: axes, guardian: flow.guardian)
    } else {
      let quotient = graph.divide(product, b)
      flow.send(graph.negate(quotient), to: b, in: &self)
    }
  }

  /// The square root of which `node` is a power, and the exponent.
  private func rootPower(_ node: Node) -> (root: Node, exponent: Int)? {
    switch graph[node] {
    case .unary(.squareRoot, _): return (node, 1)
    case .binary(.multiply, let a, let b):
      guard let left = rootPower(a), let right = rootPower(b), left.root == right.root else {
        return nil
      }
      return (left.root, left.exponent + right.exponent)
    default: return nil
    }
  }

  /// `z = a ^ b`: a receives `g b a^(b-1)`, 0 where b is 0, and at a = 0 where b is between 0 and
  /// 1, as for a root; b receives `g z log(a)`, 0 where a is 0.
  private mutating func power(_ a: Node, _ b: Node, _ flow: Flow) {
    let zero = graph.constant(0)
    let one = graph.constant(1)
    let lower = graph.power(a, graph.subtract(b, one))
    let slope = graph.multiply(flow.value, graph.multiply(b, lower))
    let isRoot = graph.logic(
      .and, graph.compare(.less, zero, b), graph.compare(.less, b, one))
    let isRootOfZero = graph.logic(.and, isRoot, graph.compare(.equal, a, zero))
    let isFlat = graph.logic(.or, graph.compare(.equal, b, zero), isRootOfZero)
    flow.send(graph.select(isFlat, zero, slope), to: a, in: &self)
    let logarithm = graph.unary(.logarithm, a)
    let growth = graph.multiply(graph.multiply(flow.value, flow.node), logarithm)
    flow.send(graph.select(graph.compare(.equal, a, zero), zero, growth), to: b, in: &self)
  }

  private mutating func reduce(_ reduction: Reduction, _ flow: Flow) {
    let g = flow.value
    let part: Node
    switch reduction.kind {
    case .sum: part = g
    case .mean:  // g / n
      part = graph.divide(g, count(reduction))
    case .variance:  // 2 g (a - mean) / n
      var mean = reduction
      mean.kind = .mean
      let two = graph.constant(2)
      let deviation = graph.subtract(reduction.operand, graph.reduce(mean))
      let share = graph.divide(graph.multiply(two, g), count(reduction))
      part = graph.multiply(deviation, share)
    case .maximum, .minimum:
      return flow.send(g, to: reduction.operand, where: isFirst(reduction, flow.node), in: &self)
    case .count: return
    case .total, .momentMean, .momentSquares:
      unreachable("differentiation: a reduction of a later pass")
    }
    if let condition = reduction.condition {
      flow.send(part, to: reduction.operand, where: condition, in: &self)
    } else {
      flow.send(part, to: reduction.operand, in: &self)
    }
  }

  private mutating func count(_ reduction: Reduction) -> Node {
    let all = graph.truth(true)
    return graph.reduce(Reduction(.count, reduction.axes, reduction.condition ?? all))
  }

  /// The condition that an element equals `extremum`, or is a NaN. That is not asked of what is the
  /// same at all places: it may be known more exactly than the extremum was stored.
  private mutating func isAsLarge(_ reduction: Reduction, _ extremum: Node) -> Node {
    let operand = reduction.operand
    if graph.shape(operand).isDisjoint(with: reduction.axes) { return graph.truth(true) }
    let same = graph.compare(.equal, operand, extremum)
    return graph.logic(.or, same, graph.compare(.notEqual, operand, operand))
  }

  /// The condition that an element is the first that equals `extremum`, or the first NaN.
  private mutating func isFirst(_ reduction: Reduction, _ extremum: Node) -> Node {
    var equal = isAsLarge(reduction, extremum)
    if let condition = reduction.condition { equal = graph.logic(.and, condition, equal) }
    let place = graph.insert(.index(reduction.axes))
    let first = graph.reduce(Reduction(.minimum, reduction.axes, place, where: equal))
    return graph.logic(.and, equal, graph.compare(.equal, place, first))
  }
}
