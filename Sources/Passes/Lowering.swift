import Basics
import Syntax
import TensorIR

/// Makes the graph of one phase of a checked norm.
///
///     mean = mean[C](x)                    %mean = mean[C](x)
///     var  = mean[C]((x - mean)^2)   ->    %var = var[C](x)
///     y    = (x - mean) / sqrt(…)          %1 = x - %mean; … %y = %1 / %3
///
/// Names resolve to nodes; broadcasting is by axis already; `next s = e` becomes
/// `if e is empty then s else e`; a counter is the number of calls so far, plus one in training.
///
/// - Parameters:
///   - settings: scalars that become constants, by name.
///   - sizes: sizes that become constants, by name.
///   - layouts: the order in memory, by tensor, of its dimensions' names; others keep the order
///     of the source, outputs that of the first tensor with the same axes.
package func lowered(
  _ norm: CheckedNorm, _ phase: CallPhaseKind, settings: [String: Double] = [:],
  sizes: [String: Int] = [:], layouts: [String: [String]] = [:]
) -> Primal {
  let norm = withNearAxes(norm)
  var lowering = Lowering(norm, phase, settings, sizes, MemoryLayout(norm, layouts))
  return lowering.run()
}

/// Makes the graph of an event of a checked norm, whose results are what it sets; see `lowered`.
package func lowered(
  _ norm: CheckedNorm, _ event: Event, settings: [String: Double] = [:],
  sizes: [String: Int] = [:], layouts: [String: [String]] = [:]
) -> Primal {
  let norm = withNearAxes(norm)
  var lowering = Lowering(norm, .eval, settings, sizes, MemoryLayout(norm, layouts))
  return Primal(graph: lowering.run(event), blocks: [])
}

/// Training or evaluation.
package enum CallPhaseKind: Hashable, CaseIterable, Sendable {
  case train, eval
}

struct Lowering {
  let norm: CheckedNorm
  let phase: CallPhaseKind
  let settings: [String: Double]
  let layout: MemoryLayout
  var graph: Graph
  /// The node of each value that is defined so far.
  var environment: [ValueID: Node] = [:]
  /// The equations of the values that are defined so far.
  var definitions: [ValueID: Term] = [:]
  /// Where values are empty, as far as that was asked.
  var emptiness: [ValueID: Node] = [:]
  /// The gradient block of each value that has one, as its place in the phase.
  var blocks: [ValueID: Int] = [:]

  init(
    _ norm: CheckedNorm, _ phase: CallPhaseKind, _ settings: [String: Double],
    _ sizes: [String: Int], _ layout: MemoryLayout
  ) {
    self.norm = norm
    self.phase = phase
    self.settings = settings
    self.layout = layout
    let windowed = norm.windowedAxes
    let axes = norm.axes.enumerated().map { place, axis in
      let twin = place - (norm.axes.count - windowed.count)
      return GraphAxis(
        name: axis.name, extent: axisExtent(axis.extent, of: norm, fixed: sizes),
        original: twin < 0 ? nil : windowed[twin].index)
    }
    let body = phase == .train ? norm.train : norm.eval
    let ranks = GraphAxis(name: "ranks", extent: .ranks)
    graph = Graph(axes: axes + (body.terms.contains(where: \.isOverRanks) ? [ranks] : []))
  }

  var body: Phase { phase == .train ? norm.train : norm.eval }

  mutating func run() -> Primal {
    for (place, block) in body.gradients.enumerated() { blocks[block.value] = place }
    for index in norm.values.indices { declare(ValueID(index)) }
    for equation in body.equations { define(equation) }
    for output in norm.outputs {
      guard let node = environment[output] else { continue }
      let name = norm.values[output.index].name
      graph.results.append(
        GraphResult(name: name, kind: .output, node: node, axes: layout.axes(of: output)))
    }
    for update in body.updates { graph.results.append(result(of: update)) }
    let made = body.gradients.map { lowered($0) }
    nameNormalized()
    return Primal(graph: graph, blocks: made)
  }

  /// Names what a norm is made of where the source does not: the quotient by a root, and the
  /// difference that it is of.
  private mutating func nameNormalized() {
    for node in graph.nodes {
      guard case .binary(.divide, let a, let b) = graph[node], !graph.shape(a).isEmpty,
        case .unary(.squareRoot, _) = graph[b]
      else { continue }
      if case .binary(.subtract, _, _) = graph[a] { graph.name(a, "centered") }
      graph.name(node, "normalized")
    }
  }

  /// Makes the input of a declared value.
  mutating func declare(_ id: ValueID) {
    let value = norm.values[id.index]
    switch value.kind {
    case .tensor: insert(id, .tensor)
    case .parameter: insert(id, .parameter)
    case .state: insert(id, .state)
    case .mask: insert(id, .mask)
    case .index: insert(id, .index)
    case .scalar:
      if let setting = settings[value.name] {
        environment[id] =
          value.isCondition ? graph.truth(setting != 0) : graph.constant(setting)
      } else {
        insert(id, value.isCondition ? .flag : .scalar)
      }
    case .counter:
      insert(id, .counter)
      guard phase == .train, let before = environment[id] else { return }
      let one = graph.constant(1)
      environment[id] = graph.add(before, one)
    case .equation, .adjoint, .eventArgument: return
    }
  }

  mutating func insert(_ id: ValueID, _ kind: GraphInput.Kind) {
    environment[id] = graph.insert(
      input: GraphInput(
        name: norm.values[id.index].name, kind: kind, axes: layout.axes(of: id)))
  }

  mutating func define(_ equation: Equation) {
    var node = lower(equation.term)
    if let block = blocks[equation.value] {
      node = graph.insert(.customGradient(block, node, axes(of: equation.value)))
    }
    graph.name(node, norm.values[equation.value.index].name)
    environment[equation.value] = node
    definitions[equation.value] = equation.term
  }

  /// The graph of an event: its results are what it sets.
  mutating func run(_ event: Event) -> Graph {
    for index in norm.values.indices { declare(ValueID(index)) }
    for argument in event.arguments { insert(argument, .scalar) }
    for equation in event.shared + event.equations { define(equation) }
    for update in event.updates {
      var result = result(of: update)
      if case .counter = norm.values[update.value.index].kind {
        result.kind = .nextCounter
        result.node = counted(result.node, before: environment[update.value] ?? result.node)
      }
      graph.results.append(result)
    }
    return graph
  }

  /// The whole number nearest to `number`, of two the even one; `before` if there is none from 0
  /// to 2^53.
  private mutating func counted(_ number: Node, before: Node) -> Node {
    if let value = graph.constantValue(number), (0...0x1p53).contains(value) {
      return graph.constant(value.rounded(.toNearestOrEven))
    }
    let (zero, half, one, two) = (
      graph.constant(0), graph.constant(0.5), graph.constant(1), graph.constant(2)
    )
    let below = graph.unary(.floor, number)
    let above = graph.add(below, one)
    let rest = graph.subtract(number, below)
    let halved = graph.divide(below, two)
    let isEven = graph.compare(.equal, halved, graph.unary(.floor, halved))
    let ofTwo = graph.select(isEven, below, above)
    let isNearBelow = graph.compare(.less, rest, half)
    let isNearAbove = graph.compare(.less, half, rest)
    let nearest = graph.select(isNearBelow, below, graph.select(isNearAbove, above, ofTwo))
    let most = graph.constant(0x1p53)
    let isCount = graph.logic(
      .and, graph.compare(.lessOrEqual, zero, nearest),
      graph.compare(.lessOrEqual, nearest, most))
    return graph.select(isCount, nearest, before)
  }

  /// `next s = e`: `s` stays where `e` is empty.
  mutating func result(of update: Equation) -> GraphResult {
    let value = norm.values[update.value.index]
    let next = lower(update.term)
    let empty = emptiness(of: update.term)
    let node = environment[update.value].map { graph.select(empty, $0, next) } ?? next
    graph.name(node, "next_" + value.name)
    return GraphResult(
      name: value.name, kind: .nextState, node: node, axes: layout.axes(of: update.value))
  }

  /// The axes that a value has in any phase.
  private func axes(of value: ValueID) -> AxisSet {
    AxisSet(axes: norm.values[value.index].axes.map(\.index))
  }

  mutating func lowered(_ block: GradientBlock) -> Primal.Block {
    let placeholder = graph.insert(
      input: GraphInput(
        name: norm.values[block.adjoint.index].name, kind: .placeholder,
        axes: norm.values[block.value.index].axes.map(\.index)))
    environment[block.adjoint] = placeholder
    for equation in block.equations { define(equation) }
    let shares = block.contributions.compactMap { equation in
      environment[equation.value].map { target in
        Primal.Share(
          target: target, value: lower(equation.term), axes: axes(of: equation.value))
      }
    }
    let updates = block.updates.map { result(of: $0) }
    return Primal.Block(placeholder: placeholder, shares: shares, updates: updates)
  }

  mutating func lower(_ term: Term) -> Node {
    switch term.form {
    case .number(let value): return graph.constant(value)
    case .truth(let value): return graph.truth(value)
    case .value(let id):
      guard let node = environment[id] else {
        unreachable("lowering: '\(norm.values[id.index].name)' is read before it is defined")
      }
      return node
    case .size(let axes): return graph.size(set(axes))
    case .index(let axes): return graph.insert(.index(set(axes)))
    case .unary(let function, let a):
      let operand = lower(a)
      return unary(function, operand)
    case .binary(let function, let a, let b):
      let (left, right) = (lower(a), lower(b))
      return binary(function, left, right)
    case .compare(let comparison, let a, let b):
      let (left, right) = (lower(a), lower(b))
      return compare(comparison, left, right)
    case .not(let a):
      let operand = lower(a)
      return graph.not(operand)
    case .logic(let connective, let a, let b):
      let (left, right) = (lower(a), lower(b))
      return graph.logic(connective == .and ? .and : .or, left, right)
    case .select(let c, let a, let b):
      let (condition, yes, no) = (lower(c), lower(a), lower(b))
      return graph.select(condition, yes, no)
    case .reduce(let reduction): return reduce(reduction)
    case .lookUp(let x, let along, let place): return lookUp(x, along, place)
    case .regroup(let x, let from, let to):
      let array = lower(x)
      return regrouped(array, from: from, to: to)
    case .stopGradient(let a):
      let operand = lower(a)
      return graph.insert(.stopGradient(operand))
    }
  }
}

extension Lowering {
  func set(_ axes: [AxisID]) -> AxisSet { AxisSet(axes: axes.map(\.index)) }

  private mutating func unary(_ function: UnaryFunction, _ a: Node) -> Node {
    switch function {
    case .negate: return graph.negate(a)
    case .absolute: return graph.unary(.absolute, a)
    case .sign: return graph.unary(.sign, a)
    case .squareRoot: return graph.unary(.squareRoot, a)
    case .reciprocalSquareRoot:
      // A quotient, so that `x * rsqrt(v)` and `x / sqrt(v)` are one thing.
      let one = graph.constant(1)
      let root = graph.unary(.squareRoot, a)
      return graph.divide(one, root)
    case .exponential: return graph.unary(.exponential, a)
    case .logarithm: return graph.unary(.logarithm, a)
    case .hyperbolicTangent: return graph.unary(.hyperbolicTangent, a)
    case .sigmoid: return graph.unary(.sigmoid, a)
    case .errorFunction: return graph.unary(.errorFunction, a)
    }
  }

  private mutating func binary(_ function: BinaryFunction, _ a: Node, _ b: Node) -> Node {
    switch function {
    case .add: return graph.add(a, b)
    case .subtract: return graph.subtract(a, b)
    case .multiply: return product(a, b)
    case .divide: return graph.divide(a, b)
    case .power: return graph.power(a, b)
    case .modulo:
      let quotient = graph.divide(a, b)
      let whole = graph.unary(.floor, quotient)
      let multiple = graph.multiply(b, whole)
      return graph.subtract(a, multiple)
    case .maximum: return graph.binary(.maximum, a, b)
    case .minimum: return graph.binary(.minimum, a, b)
    }
  }

  /// `a * b`; a product with `1 / sqrt(v)` is the quotient by `sqrt(v)`.
  private mutating func product(_ a: Node, _ b: Node) -> Node {
    for (one, other) in [(a, b), (b, a)] {
      guard case .binary(.divide, let numerator, let root) = graph[other],
        graph.isConstant(numerator, 1), case .unary(.squareRoot, _) = graph[root]
      else { continue }
      return graph.divide(one, root)
    }
    return graph.multiply(a, b)
  }

  private mutating func compare(_ comparison: Syntax.Comparison, _ a: Node, _ b: Node) -> Node {
    switch comparison {
    case .less: graph.compare(.less, a, b)
    case .lessOrEqual: graph.compare(.lessOrEqual, a, b)
    case .equal: graph.compare(.equal, a, b)
    case .notEqual: graph.compare(.notEqual, a, b)
    case .greaterOrEqual: graph.compare(.lessOrEqual, b, a)
    case .greater: graph.compare(.less, b, a)
    }
  }

  private mutating func reduce(_ reduction: Term.Reduction) -> Node {
    if let joined = joined(reduction) { return reduce(joined) }
    var axes = set(reduction.axes)
    var operand = lower(reduction.operand)
    var condition = reduction.condition.map { lower($0) }
    if !reduction.windows.isEmpty {
      (axes, operand, condition) = windowed(reduction.windows, axes, operand, condition)
    }
    if reduction.isOverRanks { axes.formUnion(graph.ranks) }
    let simple = { (kind: Reduction.Kind) in Reduction(kind, axes, operand, where: condition) }
    switch reduction.kind {
    case .sum: return graph.reduce(simple(.sum))
    case .mean: return graph.reduce(simple(.mean))
    case .maximum: return graph.reduce(simple(.maximum))
    case .minimum: return graph.reduce(simple(.minimum))
    case .variance: return graph.reduce(simple(.variance))
    case .unbiasedVariance:
      return unbiased(graph.reduce(simple(.variance)), axes, condition)
    case .count:
      let taken = condition.map { graph.logic(.and, operand, $0) } ?? operand
      return graph.reduce(Reduction(.count, axes, taken))
    }
  }

  /// `variance * n / (n - 1)`, or the variance where `n` is at most 1.
  private mutating func unbiased(_ variance: Node, _ axes: AxisSet, _ condition: Node?) -> Node {
    let all = graph.truth(true)
    let count = graph.reduce(Reduction(.count, axes, condition ?? all))
    return unbiased(variance, count)
  }

  /// The same over `count` elements.
  mutating func unbiased(_ variance: Node, _ count: Node) -> Node {
    let one = graph.constant(1)
    let less = graph.subtract(count, one)
    let ratio = graph.divide(count, less)
    let several = graph.compare(.less, one, count)
    let corrected = graph.multiply(variance, ratio)
    return graph.select(several, corrected, variance)
  }
}

/// The extent of an axis in the IR.
private func axisExtent(
  _ extent: Axis.Extent, of norm: CheckedNorm, fixed: [String: Int]
) -> AxisExtent {
  let size = { (id: SizeID) -> AxisExtent in
    let name = norm.sizes[id.index].name
    return fixed[name].map(AxisExtent.fixed) ?? .size(name)
  }
  return switch extent {
  case .size(let id): size(id)
  case .quotient(let whole, let part): .quotient(size(whole), by: size(part))
  case .share(let parts, let part): .quotient(.product(parts.map(size)), by: size(part))
  }
}
