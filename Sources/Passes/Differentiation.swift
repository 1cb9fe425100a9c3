import Basics
import TensorIR

/// A forward with the derivatives of its outputs.
package struct Joint: Sendable {
  /// Its results are those of the forward, then gradients, then states that the backward sets,
  /// then those of further derivatives.
  package var graph: Graph
  /// Nodes before this one belong to the forward.
  package var forwardCount: Int
  /// Nodes after those of the forward that a user wrote, in a gradient block.
  package var written: NodeSet
}

/// Appends the adjoints of all tensors and parameters, by reverse mode.
///
///     %y = %x * weight                       %y = %x * weight
///     output y = %y                   ->     %d_x = d_y * weight
///                                            %d_weight = sum[N](d_y * %x)
///
/// One rule per operation (`DerivativeRules`). Where an operand has fewer axes than its use, its
/// adjoint is summed over the difference. What a `select` or a `where` does not select receives
/// exactly 0, even where the derivative is infinite: contributions carry a *guard*, the condition
/// under which they hold, up to where they are added.
///
/// Adjoints are summed over ranks where a reduction over ranks receives them. What is the same in
/// all processes without such a reduction, a parameter, receives in each process its part.
///
/// - Ensures: every node of the forward stays as it is.
package func differentiated(_ primal: Primal) -> Joint {
  var pass = Differentiation(
    primal.graph, blocks: primal.blocks, by: [.tensor, .parameter], naming: { "d_" + $0 })
  return pass.run()
}

struct Differentiation {
  /// What one use adds to the adjoint of a value: `value`, where `guardian` holds.
  struct Contribution {
    var value: Node
    var guardian: Node?
  }

  /// What is differentiated.
  let original: Graph
  private let blocks: [Primal.Block]
  private let variables: Set<GraphInput.Kind>
  /// The name of the adjoint of what has that name.
  private let adjointName: (String) -> String
  var graph: Graph
  private var contributions: [[Contribution]]
  /// `true` iff a variable is read: only such values have adjoints.
  private var isDifferentiable: [Bool]
  private var written = NodeSet()
  /// The states that gradient blocks set.
  private var updates: [GraphResult] = []
  /// The adjoints of the variables, by name; those that are missing are 0.
  private var adjoints: [String: Node] = [:]

  /// - Parameters:
  ///   - variables: the kinds of the inputs by which is derived.
  ///   - adjointName: the name of the adjoint of what has that name.
  init(
    _ original: Graph, blocks: [Primal.Block] = [], by variables: Set<GraphInput.Kind>,
    naming adjointName: @escaping (String) -> String
  ) {
    self.original = original
    self.blocks = blocks
    self.variables = variables
    self.adjointName = adjointName
    graph = original
    contributions = Array(repeating: [], count: original.nodeCount)
    isDifferentiable = differentiableNodes(of: original, by: variables)
  }

  fileprivate mutating func run() -> Joint {
    for output in original.results where output.kind == .output {
      seed(output, named: "d_" + output.name, .outputGradient)
    }
    sweep()
    let gradients = original.inputs.compactMap { adjoint(of: $0, as: .gradient) }
    graph.results += gradients + updates
    return Joint(graph: graph, forwardCount: original.nodeCount, written: written)
  }

  /// Passes the adjoints of results on to the variables.
  mutating func sweep() {
    for node in original.nodes.reversed() {
      guard let adjoint = adjoint(of: node) ?? adjointOfBlock(node) else { continue }
      if let name = graph.name(node) { graph.name(adjoint.value, adjointName(name)) }
      switch graph[node] {
      case .input(let index) where original.inputs[index].source != nil:
        passOn(adjoint, from: node)
      case .input(let index): record(adjoint, ofInput: index)
      case .customGradient(let block, _, _): replace(block, adjoint)
      default: propagate(adjoint, through: node)
      }
    }
  }

  /// Adds the adjoint that the caller gives for a result, as an input of that name.
  mutating func seed(_ result: GraphResult, named name: String, _ kind: GraphInput.Kind) {
    let given = graph.insert(input: GraphInput(name: name, kind: kind, axes: result.axes))
    contribute(given, to: result.node, over: AxisSet(axes: result.axes), guardian: nil)
  }

  /// Adds `value`, whose use has the axes `axes`, to the adjoint of `operand`.
  mutating func contribute(
    _ value: Node, to operand: Node, over axes: AxisSet, guardian: Node?
  ) {
    guard isDifferentiable[operand.index] else { return }
    let own = axes.subtracting(graph.ranks)
    let extra = (graph.isMerged(operand) ? own.union(graph.ranks) : own)
      .subtracting(graph.shape(operand))
    guard !extra.isEmpty else {
      contributions[operand.index].append(Contribution(value: value, guardian: guardian))
      return
    }
    let varies = guardian.map { !graph.shape($0).isDisjoint(with: extra) } ?? false
    let condition = varies ? guardian : nil
    let sum = graph.reduce(Reduction(.sum, extra, value, where: condition))
    let outer = varies ? guardian.map { graph.any($0, over: extra) } : guardian
    contributions[operand.index].append(Contribution(value: sum, guardian: outer))
  }

  /// The sum of what `node` receives: one value per guard, then all of them together.
  private mutating func adjoint(of node: Node) -> Contribution? {
    var sums: [Contribution] = []
    for part in contributions[node.index] {
      if let same = sums.firstIndex(where: { $0.guardian == part.guardian }) {
        sums[same].value = graph.add(sums[same].value, part.value)
      } else {
        sums.append(part)
      }
    }
    guard let first = sums.first, sums.count > 1 else { return sums.first }
    if sums.count == 2, let either = either(first, sums[1]) { return either }
    let guardian = union(of: sums.map(\.guardian))
    var total = graph.constant(0)
    for part in sums {
      // What holds wherever the sum does is guarded with the sum.
      let value = part.guardian == guardian ? part.value : guarded(part)
      total = graph.add(total, value)
    }
    return Contribution(value: total, guardian: guardian)
  }

  /// The condition that one of `guardians` holds; `nil` if that is so anywhere.
  private mutating func union(of guardians: [Node?]) -> Node? {
    var result = graph.truth(false)
    for guardian in guardians {
      guard let guardian else { return nil }
      result = graph.logic(.or, result, guardian)
    }
    return result
  }

  /// Both parts as one value, if one of them holds where the other does not.
  private mutating func either(_ a: Contribution, _ b: Contribution) -> Contribution? {
    for (one, other) in [(a, b), (b, a)] {
      guard let condition = one.guardian, let opposite = other.guardian,
        graph[opposite] == .not(condition)
      else { continue }
      return Contribution(
        value: graph.select(condition, one.value, other.value), guardian: nil)
    }
    return nil
  }

  /// A gradient block is run even where nothing reaches its value: it may set states.
  private mutating func adjointOfBlock(_ node: Node) -> Contribution? {
    guard case .customGradient = graph[node] else { return nil }
    return Contribution(value: graph.constant(0), guardian: nil)
  }

  /// The value of a contribution, 0 where its guard does not hold.
  mutating func guarded(_ part: Contribution) -> Node {
    guard let guardian = part.guardian else { return part.value }
    let zero = graph.constant(0)
    return graph.select(guardian, part.value, zero)
  }

  private mutating func record(_ adjoint: Contribution, ofInput index: Int) {
    let input = original.inputs[index]
    guard variables.contains(input.kind) else { return }
    let node = guarded(adjoint)
    graph.name(node, adjointName(input.name))
    adjoints[input.name] = node
  }

  /// The adjoint of `input` as a result; `nil` if it has none. It is 0 for what no result reads.
  mutating func adjoint(of input: GraphInput, as kind: GraphResult.Kind) -> GraphResult? {
    guard variables.contains(input.kind), input.source == nil else { return nil }
    let node = adjoints[input.name] ?? graph.constant(0)
    return GraphResult(name: input.name, kind: kind, node: node, axes: input.axes)
  }

  /// Passes the adjoint of a second reading of an array on to the array.
  private mutating func passOn(_ adjoint: Contribution, from node: Node) {
    let twins = graph.twins(of: graph.shape(node).intersection(graph.twinAxes))
    let original = graph.swapped(node, twins)
    let value = graph.swapped(adjoint.value, twins)
    let guardian = adjoint.guardian.map { graph.swapped($0, twins) }
    contribute(value, to: original, over: graph.shape(original), guardian: guardian)
  }

  /// Runs a gradient block on the adjoint that it replaces.
  private mutating func replace(_ index: Int, _ adjoint: Contribution) {
    let block = blocks[index]
    var copies = [block.placeholder: guarded(adjoint)]
    for node in original.nodes where node > block.placeholder {
      let operation = original[node]
      guard operation.operands.contains(where: { copies[$0] != nil }) else { continue }
      let copy = inserted(operation.mapped { copies[$0] ?? $0 })
      if let name = original.name(node) { graph.name(copy, name) }
      copies[node] = copy
      written.insert(copy)
    }
    for share in block.shares {
      let value = copies[share.value] ?? share.value
      let axes = share.axes.union(graph.shape(value))
      contribute(value, to: share.target, over: axes, guardian: nil)
    }
    updates += block.updates.map { update in
      var update = update
      update.node = copies[update.node] ?? update.node
      return update
    }
  }
}

extension Differentiation {
  /// An operation of a gradient block on an adjoint, which may have fewer axes than its value.
  private mutating func inserted(_ operation: Operation) -> Node {
    if case .reduce(let reduction) = operation { return graph.reduce(reduction) }
    return graph.insert(operation)
  }
}

/// For each node: whether it reads a variable in a way that has a derivative.
private func differentiableNodes(
  of graph: Graph, by variables: Set<GraphInput.Kind>
) -> [Bool] {
  var result: [Bool] = []
  for node in graph.nodes {
    result.append(isDifferentiable(node, in: graph, by: variables, known: result))
  }
  return result
}

private func isDifferentiable(
  _ node: Node, in graph: Graph, by variables: Set<GraphInput.Kind>, known: [Bool]
) -> Bool {
  switch graph[node] {
  case .input(let index): variables.contains(graph.inputs[index].kind)
  case .stopGradient: false
  // A block says what passes on, whatever its value is made of: a straight-through estimator.
  case .customGradient: true
  default:
    graph.type(node) != .condition && graph[node].operands.contains { known[$0.index] }
  }
}
