import Basics
import TensorIR

/// Says what is computed in float64 and where it is rounded.
///
///     %mean = mean[C](x)                    %t    = total[C](x) : wide
///     %var  = var[C](x)              ->     %mean = narrow (%t / size[C])
///     next s = s + %m * (%mean - s)         next s = (widen s) + %m * (%t / size[C] - widen s)
///
/// * What has no axes is wide; it is rounded where it meets an axis, and where it is saved: what
///   the backward makes of it, such as the place of a maximum, must be what the forward made.
/// * The place along an axis is wide, and so is what is made of places and numbers alone.
/// * A sum is a wide total in the canonical order; a mean is the total over the count, rounded
///   once. A variance, and a mean beside it over the same elements, come from block-wise moments.
/// * The value of a state is computed wide down to statistics and inputs.
///
/// - Ensures: operands of an operation have one type; `sum`, `mean` and `variance` are gone.
package func precise(_ graph: Graph) -> Graph {
  var pass = Precision(graph)
  return pass.run()
}

private struct Precision {
  let old: Graph
  var graph: Graph
  /// The new node in the type that suits it, by old node.
  private var natural: NodeTable<Node>
  /// The new wide node, by old node.
  private var wide: NodeTable<Node>
  /// The reductions of which a variance is taken: their means come from moments.
  private var moments: Set<Reduction> = []
  /// What the backward is given, by old node.
  private let saved: NodeSet

  init(_ graph: Graph) {
    old = graph
    self.graph = Graph(axes: graph.axes)
    natural = NodeTable(count: graph.nodeCount)
    wide = NodeTable(count: graph.nodeCount)
    saved = NodeSet(graph.results.filter { $0.kind == .saved }.map(\.node))
  }

  mutating func run() -> Graph {
    let needed = old.reachable(from: old.results.map(\.node))
    for node in old.nodes {
      if case .input(let index) = old[node] {
        natural[node] = graph.insert(input: old.inputs[index])
      }
      if case .reduce(let reduction) = old[node], reduction.kind == .variance,
        needed.contains(node)
      {
        var mean = reduction
        mean.kind = .mean
        moments.insert(mean)
      }
    }
    for node in old.nodes where needed.contains(node) { _ = inNaturalType(node) }
    graph.results = old.results.map { result in
      var result = result
      let isWide = result.kind == .nextState && old.type(result.node) != .condition
      if result.kind == .nextCounter {
        result.node = inWide(result.node)
      } else {
        result.node = isWide ? graph.narrowed(inWide(result.node)) : stored(result.node)
      }
      return result
    }
    return graph
  }

  /// A result in the type in which it is stored: the compute type.
  private mutating func stored(_ node: Node) -> Node {
    inComputeType(inNaturalType(node))
  }

  private mutating func inNaturalType(_ node: Node) -> Node {
    if let known = natural[node] { return lifted(known) }
    var result = made(node)
    if saved.contains(node), graph.type(result) == .wide {
      result = graph.narrowed(result)
      if graph.placeShape(result).isEmpty { result = graph.insert(.widen(result)) }
    }
    if let name = old.name(node) { graph.name(result, name) }
    natural[node] = result
    return result
  }

  /// An input without axes is a number in memory, and wide from there on.
  private mutating func lifted(_ node: Node) -> Node {
    guard graph.type(node) == .number, graph.placeShape(node).isEmpty, case .input = graph[node]
    else { return node }
    return graph.insert(.widen(node))
  }

  private mutating func made(_ node: Node) -> Node {
    switch old[node] {
    case .constant, .size, .index: return graph.insert(.widen(graph.insert(old[node])))
    case .reduce(let reduction): return rounded(reduced(reduction), old.placeShape(node))
    default:
      let operands = old[node].operands.map { inNaturalType($0) }
      let typed =
        looksForSaved(node)
        ? operands.map { inComputeType($0) }
        : typed(operands, old.placeShape(node))
      return insert(old[node], old[node].operands, typed)
    }
  }

  /// `true` iff a node says which elements are equal to what forward saves, the largest of them
  /// say: that is rounded, so they are, too.
  private func looksForSaved(_ node: Node) -> Bool {
    guard case .compare(.equal, let a, let b) = old[node], !old.placeShape(node).isEmpty else {
      return false
    }
    return [a, b].contains { node in
      if case .input(let index) = old[node] { return old.inputs[index].kind == .saved }
      return saved.contains(node)
    }
  }

  /// A statistic in the type of its place: wide without axes, else rounded.
  private mutating func rounded(_ value: Node, _ axes: AxisSet) -> Node {
    axes.isEmpty ? value : inComputeType(value)
  }

  private mutating func inComputeType(_ value: Node) -> Node {
    graph.type(value) == .wide ? graph.narrowed(value) : value
  }

  /// The operands in one type: wide if all numbers are that have axes, or none has any.
  private mutating func typed(_ operands: [Node], _ axes: AxisSet) -> [Node] {
    let isNarrow = operands.contains { graph.type($0) == .number }
    let isIndex = operands.contains { graph.type($0) == .wide && !graph.placeShape($0).isEmpty }
    if !isNarrow && (axes.isEmpty || isIndex) { return operands }
    return operands.map { inComputeType($0) }
  }

  private mutating func insert(_ operation: Operation, _ old: [Node], _ new: [Node]) -> Node {
    let map = Dictionary(zip(old, new)) { first, _ in first }
    return graph.insert(operation.mapped { map[$0] ?? $0 })
  }

  /// The new node of a reduction, wide unless it selects an element of the compute type.
  private mutating func reduced(_ reduction: Reduction) -> Node {
    var new = reduction
    if reduction.axes == old.ranks { return reducedOverRanks(reduction) }
    new.operand = inNaturalType(reduction.operand)
    new.condition = reduction.condition.map { inNaturalType($0) }
    // Places stay wide, so that the first of equals is found beyond 2^24 elements.
    let isExtremum = reduction.kind == .maximum || reduction.kind == .minimum
    let isPlace = isExtremum && !graph.shape(new.operand).isEmpty
    if !isPlace { new.operand = inComputeType(new.operand) }
    return made(of: new, for: reduction)
  }

  /// What is reduced over ranks alone: values of processes, which are not rounded before.
  private mutating func reducedOverRanks(_ reduction: Reduction) -> Node {
    var new = reduction
    new.condition = reduction.condition.map { inNaturalType($0) }
    new.operand =
      reduction.kind == .count ? inNaturalType(reduction.operand) : inWide(reduction.operand)
    return made(of: new, for: reduction)
  }

  /// What stands for `reduction`, given the same reduction of new nodes.
  private mutating func made(of new: Reduction, for reduction: Reduction) -> Node {
    switch new.kind {
    case .sum: total(new, .total)
    case .mean:
      moments.contains(reduction)
        ? total(new, .momentMean) : overCount(total(new, .total), new)
    case .variance: overCount(total(new, .momentSquares), new)
    case .count: count(new.axes, where: new.operand)
    case .maximum, .minimum: graph.insert(.reduce(new))
    case .total, .momentMean, .momentSquares:
      unreachable("precision: \(new.kind.rawValue) is made here")
    }
  }

  private mutating func total(_ reduction: Reduction, _ kind: Reduction.Kind) -> Node {
    var reduction = reduction
    reduction.kind = kind
    let own = reduction.axes.subtracting(graph.ranks)
    guard kind == .total, own != reduction.axes, !own.isEmpty else {
      return graph.insert(.reduce(reduction))
    }
    return totalOverRanks(reduction, own)
  }

  /// A total over processes of the total in each, which may serve for other things as well.
  private mutating func totalOverRanks(_ reduction: Reduction, _ own: AxisSet) -> Node {
    let conditions = graph.split(reduction.condition, over: own)
    var (inner, outer) = (reduction, reduction)
    (inner.axes, inner.condition) = (own, conditions.ofElements)
    (outer.axes, outer.condition) = (graph.ranks, conditions.ofProcesses)
    outer.operand = graph.insert(.reduce(inner))
    return graph.insert(.reduce(outer))
  }

  /// `value / count`; of nothing the mean is 0.
  private mutating func overCount(_ value: Node, _ reduction: Reduction) -> Node {
    let count = count(of: reduction)
    let one = graph.insert(.widen(graph.constant(1)))
    let zero = graph.insert(.widen(graph.constant(0)))
    let isNothing = graph.insert(.compare(.equal, count, zero))
    let divisor = graph.insert(.select(isNothing, one, count))
    graph.name(divisor, "count")
    return graph.insert(.binary(.divide, value, divisor))
  }

  /// How many elements a reduction takes, wide.
  private mutating func count(of reduction: Reduction) -> Node {
    guard !reduction.axes.isDisjoint(with: graph.ranks) else { return ownCount(of: reduction) }
    var own = reduction
    own.axes.subtract(graph.ranks)
    let conditions = graph.split(reduction.condition, over: own.axes)
    return merged(ownCount(of: own), where: conditions.ofProcesses)
  }

  /// The sum of `count` over the processes where `condition` holds.
  private mutating func merged(_ count: Node, where condition: Node? = nil) -> Node {
    let varying = condition.map { graph.shape($0) } ?? []
    guard graph.shape(count).union(varying).isDisjoint(with: graph.ranks) else {
      return graph.insert(.reduce(Reduction(.total, graph.ranks, count, where: condition)))
    }
    let processes = graph.insert(.widen(graph.size(graph.ranks)))
    if case .widen(let number) = graph[count], graph.isConstant(number, 1) { return processes }
    return graph.insert(.binary(.multiply, processes, count))
  }

  /// How many elements a reduction takes in one process, wide.
  private mutating func ownCount(of reduction: Reduction) -> Node {
    graph.wideCount(reduction.axes, where: reduction.condition)
  }

  /// How many elements hold, wide.
  private mutating func count(_ axes: AxisSet, where condition: Node) -> Node {
    let own = axes.subtracting(graph.ranks)
    if own == axes || own.isEmpty { return graph.countOfTrue(axes, condition) }
    return merged(graph.countOfTrue(own, condition))
  }

  /// `node` wide, computed so down to statistics and inputs.
  private mutating func inWide(_ node: Node) -> Node {
    if let known = wide[node] { return known }
    let result: Node
    switch old[node] {
    case .input, .constant, .size, .index: result = widened(inNaturalType(node))
    case .reduce(let reduction): result = widened(reduced(reduction))
    case .select(let condition, let a, let b):
      result = graph.insert(.select(inNaturalType(condition), inWide(a), inWide(b)))
    default:
      let operands = old[node].operands
      result = insert(old[node], operands, operands.map { inWide($0) })
    }
    wide[node] = result
    return result
  }

  private mutating func widened(_ node: Node) -> Node {
    graph.type(node) == .wide ? node : graph.insert(.widen(node))
  }
}

extension Graph {
  /// `node` rounded; a number that was only widened is itself again.
  mutating func narrowed(_ node: Node) -> Node {
    if case .widen(let number) = self[node] { return number }
    return insert(.narrow(node))
  }

  /// How many elements a reduction over `axes` takes, wide: axes that the condition lacks count as
  /// repetitions.
  mutating func wideCount(_ axes: AxisSet, where condition: Node?) -> Node {
    let varying = condition.map { shape($0).intersection(axes) } ?? []
    let size = insert(.widen(size(axes.subtracting(varying))))
    guard let condition, !varying.isEmpty else { return size }
    let count = countOfTrue(varying, condition)
    if axes == varying { return count }
    return insert(.binary(.multiply, size, count))
  }

  /// How many elements hold: the total of ones, which is exact.
  fileprivate mutating func countOfTrue(_ axes: AxisSet, _ condition: Node) -> Node {
    let one = constant(1)
    return insert(.reduce(Reduction(.total, axes, one, where: condition)))
  }
}
