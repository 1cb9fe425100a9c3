import Basics
import TensorIR

/// Cuts a function at its reductions over ranks.
///
///     %t = total[N](x)                    step 1:  partial sum_x = total[N](x)
///     %s = total[ranks](%t)         ->
///     %m = narrow (%s / …)                step 2:  %m = narrow (sum_x / …), sum_x : merged
///     output y = x - %m                            output y = x - %m
///
/// A step goes as far as it comes without what other processes have, and writes what it knows by
/// then. What it needs of earlier steps but their partial results, it computes again.
///
/// - Requires: `precision` and `contraction` were run, so that steps have the bits of the whole.
package func cutAtRanks(_ graph: Graph) -> RankSteps {
  if graph.ranks.isEmpty { return RankSteps(graphs: [graph], cuts: []) }
  var cutting = RankCutting(graph)
  return cutting.run()
}

/// The same function for a process that computes alone: every reduction takes its own elements.
///
///     moment_mean[ranks, N](x)   ->   moment_mean[N](x)
package func withoutRanks(_ graph: Graph) -> Graph {
  if graph.ranks.isEmpty { return graph }
  return RankCutting(graph).alone()
}

private struct RankCutting {
  let whole: Graph
  /// For each node: the number of cuts before it is known.
  private var levels: [Int] = []
  /// Where the value of each node that is merged comes from.
  private var sources: [Node: MergedArray] = [:]
  private var cuts: [RankCut] = []
  /// What each process makes of its elements for each array of a cut.
  private var parts: [[PartialValue]] = []
  private var names: NameSet

  /// An array of merged results.
  private struct MergedArray {
    var name: String
    var axes: [Int]
  }

  /// An array of partial results.
  private struct PartialValue {
    var array: MergedArray
    var quantity: Quantity
  }

  /// What an array of partial results says of a process.
  private enum Quantity {
    /// What a reduction makes of its elements.
    case value(Reduction)
    /// How many elements a reduction takes.
    case count(Reduction)
    /// That it is one.
    case one

    /// The nodes that it is made of.
    var operands: [Node] {
      switch self {
      case .value(let reduction), .count(let reduction): reduction.operands
      case .one: []
      }
    }
  }

  init(_ graph: Graph) {
    whole = graph
    names = NameSet(
      graph.axes.map(\.name) + graph.inputs.map(\.name) + graph.results.map { argumentName(of: $0) }
        + ["partials"], reserving: reservedNames)
  }

  mutating func run() -> RankSteps {
    let needed = whole.reachable(from: whole.results.map(\.node))
    for node in whole.nodes {
      let before = whole[node].operands.map { levels[$0.index] }.max() ?? 0
      levels.append(isMerged(node) ? before + 1 : before)
    }
    let depth = needed.map { levels[$0.index] }.max() ?? 0
    cuts = Array(repeating: RankCut(), count: depth)
    parts = Array(repeating: [], count: depth)
    for node in needed where isMerged(node) { addResult(node) }
    return RankSteps(graphs: (0...depth).map { step($0) }, cuts: cuts)
  }

  /// `true` iff the value of `node` takes all processes: a reduction, or their number.
  private func isMerged(_ node: Node) -> Bool {
    if case .size(let axes) = whole[node] { return axes == whole.ranks }
    return whole.isMerged(node)
  }

  // Partial results

  private mutating func addResult(_ node: Node) {
    guard sources[node] == nil else { return }
    let cut = levels[node.index] - 1
    let axes = whole.shape(node).axes
    guard case .reduce(let reduction) = whole[node] else {
      return add(.sum, [("ranks", .one, node)], axes, cut)
    }
    let name = name(of: node, reduction)
    let value = Quantity.value(reduction)
    switch reduction.kind {
    case .total: add(.sum, [(name, value, node)], axes, cut)
    case .maximum: add(.maximum, [(name, value, node)], axes, cut)
    case .minimum: add(.minimum, [(name, value, node)], axes, cut)
    case .momentMean, .momentSquares:
      let element = StatisticNames(whole).element(of: reduction)
      let (mean, squares) = (moment(.momentMean, reduction), moment(.momentSquares, reduction))
      add(
        .moments,
        [
          ("count_" + element, .count(reduction), nil),
          ("mean_" + element, .value(mean.reduction), mean.node),
          ("squares_" + element, .value(squares.reduction), squares.node),
        ], axes, cut)
    case .sum, .mean, .variance, .count:
      unreachable("ranks: \(reduction.kind.rawValue) is left over from before precision")
    }
  }

  /// What the array of a reduction is called: after what each process makes of its elements.
  private func name(of node: Node, _ reduction: Reduction) -> String {
    if let name = whole.name(node) { return name }
    var own = reduction.axes == whole.ranks ? reduction.operand : node
    if case .widen(let number) = whole[own] { own = number }
    switch whole[own] {
    case .size: return "count"
    case .reduce(let inner) where inner.kind == .total && whole.isConstant(inner.operand, 1):
      return "count"
    case .reduce: return whole.name(own) ?? StatisticNames(whole).name(of: own)
    default: return StatisticNames(whole).name(of: node)
    }
  }

  private mutating func add(
    _ kind: PartialResult.Kind, _ values: [(name: String, quantity: Quantity, node: Node?)],
    _ axes: [Int], _ cut: Int
  ) {
    let arrays = values.map { MergedArray(name: names.unique($0.name), axes: axes) }
    for (value, array) in zip(values, arrays) {
      parts[cut].append(PartialValue(array: array, quantity: value.quantity))
      if let node = value.node { sources[node] = array }
    }
    cuts[cut].entries.append(PartialResult(kind: kind, arrays: arrays.map(\.name), axes: axes))
  }

  /// A moment of the elements of `reduction`, and its node if the graph has it.
  private func moment(
    _ kind: Reduction.Kind, _ reduction: Reduction
  ) -> (reduction: Reduction, node: Node?) {
    var wanted = reduction
    wanted.kind = kind
    return (wanted, whole.nodes.first { whole[$0] == .reduce(wanted) })
  }

  // Graphs

  private func emptyGraph() -> Graph {
    Graph(axes: whole.axes.filter { $0.extent != .ranks })
  }

  /// The graph of a step: of what is merged, it knows what earlier cuts have.
  private func step(_ number: Int) -> Graph {
    let made = number < cuts.count ? parts[number] : []
    let results = whole.results.filter { step(of: $0) == number }
    let roots = results.map(\.node) + made.flatMap(\.quantity.operands)
    var copy = RankCopy(emptyGraph())
    let needed = needed(by: roots) { isMerged($0) && levels[$0.index] <= number }
    copy.insertInputs(of: whole, needed)
    for node in needed where isMerged(node) && levels[node.index] <= number {
      if let source = sources[node] { copy.insertMerged(node, source.name, source.axes, of: whole) }
    }
    for node in needed { copy.insert(node, of: whole) }
    copy.take(results)
    for part in made {
      let value = value(of: part.quantity, &copy)
      copy.takePartial(value, part.array.name, part.array.axes)
    }
    return copy.graph
  }

  /// The step that writes a result: the first that can, but nothing is committed before the last,
  /// since all steps read the states as they were.
  private func step(of result: GraphResult) -> Int {
    switch result.kind {
    case .nextState, .nextCounter, .savedCounter: cuts.count
    case .output, .gradient, .tangent, .outputGradientAdjoint, .secondGradient, .saved, .partial:
      levels[result.node.index]
    }
  }

  private func value(of quantity: Quantity, _ copy: inout RankCopy) -> Node {
    switch quantity {
    case .value(let reduction): copy.ownValue(of: reduction, whole)
    case .count(let reduction): copy.count(of: reduction, whole)
    case .one: copy.graph.constant(1)
    }
  }

  /// The graph for one process alone.
  func alone() -> Graph {
    var copy = RankCopy(emptyGraph())
    let needed = whole.reachable(from: whole.results.map(\.node))
    copy.insertInputs(of: whole, needed)
    for node in needed {
      if isMerged(node) {
        copy.insertOwn(node, of: whole)
      } else {
        copy.insert(node, of: whole)
      }
    }
    copy.take(whole.results)
    return copy.graph
  }

  /// The nodes that `roots` read, not looking behind those that are `known`.
  private func needed(by roots: [Node], known: (Node) -> Bool) -> NodeSet {
    var found = NodeSet()
    var open = roots
    while let node = open.popLast() {
      if found.insert(node), !known(node) { whole[node].forEachOperand { open.append($0) } }
    }
    return found
  }
}
