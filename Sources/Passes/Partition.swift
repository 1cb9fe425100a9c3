import TensorIR

/// The functions of a phase: forward, and those derived from it, which read what forward saved.
package struct Functions: Sendable {
  /// Outputs, states after the call, and what is saved.
  package var forward: Graph
  /// In the order of `Derivative`, those that there are.
  package var derived: [(derivative: Derivative, formulas: Graph)]

  /// The function of a derivative, without results if there is none.
  package subscript(derivative: Derivative) -> Graph {
    derived.first { $0.derivative == derivative }?.formulas ?? Graph(axes: forward.axes)
  }

  /// Gradients, and the states that the backward sets.
  package var backward: Graph { self[.vjp] }
}

/// Cuts a joint graph where the backward reads the forward.
///
///     output y = %y                      forward:   output y = %y; saved mean = %mean; …
///     gradient x = f(d_y, x, %mean)  ->  backward:  gradient x = f(d_y, x, mean)
///
/// What the backward needs of the forward is saved where it is a small statistic (it reads
/// reductions or states, no tensor or parameter beside them, and has fewer axes than some tensor)
/// and computed again where it is not, or read from an output that has it (`OutputReading`). Each
/// path is cut at the first such value, the one closest to its use: `rstd`, not `var`; `rstd` as
/// well where `weight * rstd` is used. A state or a counter that the backward reads is saved as it
/// was, for forward commits a new one; but a state that a gradient block updates belongs to the
/// backward, and so does a count of what an elementwise condition selects that the forward does not
/// need: it comes along in a sweep. Derivatives beside the backward read what is saved for it, and
/// beyond that only what they could not compute from it without the states and the reductions of
/// the forward.
///
/// - Parameters:
///   - derivatives: the functions that are wanted. What is saved for the backward does not depend
///     on whether it is among them.
///   - outputsAreExact: `false` where outputs are rounded when they are stored, so that no function
///     may read them in place of what was computed.
package func partitioned(
  _ joint: Graph, _ derivatives: Set<Derivative> = [.vjp], outputsAreExact: Bool = true
) -> Functions {
  var pass = Partition(joint, outputsAreExact: outputsAreExact)
  var functions = pass.run()
  functions.derived.removeAll { !derivatives.contains($0.derivative) }
  return functions
}

private struct Partition {
  private var joint: Graph
  private let outputsAreExact: Bool
  /// States that the backward sets, by name.
  private let ownStates: Set<String>
  /// For each node: whether only the backward can compute it.
  private var isBackward: [Bool] = []
  /// For each node: whether it reads a reduction or a state of the forward.
  private var isStatistic: [Bool] = []
  /// For each node: whether it reads a tensor or parameter with no reduction between.
  private var isElementwise: [Bool] = []
  /// The nodes that the results of the forward read.
  private let isOfForward: NodeSet
  /// For each node: whether it counts elements of all processes. It is not saved, which would round
  /// it, but counted again.
  private var isCountOfRanks: [Bool] = []

  init(_ joint: Graph, outputsAreExact: Bool) {
    self.joint = joint
    self.outputsAreExact = outputsAreExact
    let forward = joint.results.prefix { $0.derivative == nil }
    let backward = joint.results.drop { $0.derivative == nil }
    isOfForward = joint.reachable(from: forward.map(\.node))
    ownStates = Set(backward.filter { $0.kind == .nextState }.map(\.name))
    for node in joint.nodes { classify(node) }
  }

  private mutating func classify(_ node: Node) {
    let operands = joint[node].operands
    var backward = operands.contains { isBackward[$0.index] }
    var statistic = operands.contains { isStatistic[$0.index] }
    var elementwise = operands.contains { isElementwise[$0.index] }
    isCountOfRanks.append(isCountOfRanks(node))
    switch joint[node] {
    case .input(let index):
      let input = joint.inputs[index]
      let isOwn = input.kind == .state && ownStates.contains(input.name)
      backward = isOwn || input.isOfDerivatives
      statistic = input.kind == .state && !isOwn
      elementwise = input.kind == .tensor || input.kind == .parameter
    case .reduce:
      statistic = true
      elementwise = false
    default: break
    }
    isBackward.append(backward)
    isStatistic.append(statistic)
    isElementwise.append(elementwise)
  }

  /// `true` iff `node` is made of nothing but sizes, masks, and reductions of these over ranks.
  private func isCountOfRanks(_ node: Node) -> Bool {
    let isMade = joint.isMerged(node) || joint[node].operands.contains { isCountOfRanks[$0.index] }
    return isMade
      && joint.reachable(from: [node]).allSatisfy { below in
        guard case .input(let index) = joint[below] else { return true }
        return joint.inputs[index].elementType == .condition
      }
  }

  mutating func run() -> Functions {
    let split = joint.results.firstIndex { $0.derivative != nil } ?? joint.results.endIndex
    let forwardResults = Array(joint.results[..<split])
    let derived = derivedResults(joint.results[split...])
    let readings = readings(derived.map { $0.results.map(\.node) }, of: forwardResults)
    let (cuts, twins) = withoutTwins(cuts(below: readings))
    var names = NameSet(
      joint.inputs.map(\.name) + joint.results.flatMap { [$0.name, argumentName(of: $0)] },
      reserving: namesOfTheFile)
    let saved = cuts.map { savedResult($0, forwardResults, &names) }
    let fresh = saved.filter { result in !forwardResults.contains { $0.name == result.name } }
    let given = inputs(of: saved, beside: twins, &names)
    return Functions(
      forward: restricted(to: forwardResults + fresh, replacing: [:]),
      derived: zip(derived, readings).map { function, reading in
        let outputs = reading.outputs.mapValues { input(for: $0) }
        return (
          function.derivative,
          restricted(to: function.results, replacing: given.merging(outputs) { $1 })
        )
      })
  }

  /// The results of each derivative. States that are set belong to the one before them.
  private func derivedResults(
    _ results: ArraySlice<GraphResult>
  ) -> [(derivative: Derivative, results: [GraphResult])] {
    var found: [(derivative: Derivative, results: [GraphResult])] = []
    for result in results {
      if let derivative = result.derivative, found.last?.derivative != derivative {
        found.append((derivative, []))
      }
      found[found.count - 1].results.append(result)
    }
    return found
  }

  /// The nodes of `cuts` along the axes of the norm, and those that are the same along twins of
  /// these, by the node whose array they read.
  private mutating func withoutTwins(_ cuts: [Node]) -> (cuts: [Node], twins: [Node: Node]) {
    var originals = NodeSet()
    var twins: [Node: Node] = [:]
    let count = joint.nodeCount
    for node in cuts {
      let moved = joint.shape(node).intersection(joint.twinAxes)
      let original = moved.isEmpty ? node : joint.swapped(node, joint.twins(of: moved))
      if original != node && original.index < count {
        twins[node] = original
        originals.insert(original)
      } else {
        originals.insert(node)
      }
    }
    return (Array(originals), twins)
  }

  /// What functions are given for a value that the forward makes.
  private func input(for result: GraphResult) -> GraphInput {
    let kind: GraphInput.Kind = result.kind == .savedCounter ? .savedCounter : .saved
    return GraphInput(name: result.name, kind: kind, axes: result.axes)
  }

  /// What functions are given for `saved` values and for their twins.
  private func inputs(
    of saved: [GraphResult], beside twins: [Node: Node], _ names: inout NameSet
  ) -> [Node: GraphInput] {
    var inputs: [Node: GraphInput] = [:]
    for result in saved { inputs[result.node] = input(for: result) }
    for (twin, original) in twins.sorted(by: { $0.key < $1.key }) {
      guard var input = inputs[original] else { continue }
      let map = joint.twins(of: joint.shape(twin).intersection(joint.twinAxes))
      input.source = input.name
      input.name = names.unique("near_" + input.name)
      input.axes = input.axes.map { map[$0] ?? $0 }
      inputs[twin] = input
    }
    return inputs
  }

  /// What a function computes, and the outputs of the forward that it reads, by what they spare.
  private struct Reading {
    var roots: [Node]
    var outputs: [Node: GraphResult]
  }

  private func readings(_ functions: [[Node]], of forward: [GraphResult]) -> [Reading] {
    let reading = OutputReading(joint, outputsAreExact ? forward : []) { isSaved($0) }
    return functions.map { Reading(roots: $0, outputs: reading.outputs(readBy: $0)) }
  }

  /// The values of the forward that its derivatives are given, in order of definition: what the
  /// first of them needs, and what the others need beside. These compute again what an output
  /// spares the first, so that what forward saves does not depend on them.
  private func cuts(below functions: [Reading]) -> [Node] {
    guard let first = functions.first else { return [] }
    let known = NodeSet(cuts(below: first))
    if functions.count == 1 { return Array(known) }
    let spared = NodeSet(cuts(below: Reading(roots: first.roots, outputs: [:])))
    let forward = joint.reachable(
      from: joint.results.prefix { $0.derivative == nil }.map(\.node) + known)
    var all = known
    for function in functions.dropFirst() {
      let others = cuts(below: function) { node in
        known.contains(node)
          || isSaved(node) && !spared.contains(node) && forward.contains(node)
            && !isMade(node, of: known)
      }
      all.formUnion(NodeSet(others))
    }
    return Array(all)
  }

  /// `true` iff `node` can be computed from `given` without the states and the reductions of the
  /// forward.
  private func isMade(_ node: Node, of given: NodeSet) -> Bool {
    var seen = given
    var open = [node]
    while let node = open.popLast() {
      guard seen.insert(node) else { continue }
      if isSource(node) && isSaved(node) { return false }
      joint[node].forEachOperand { open.append($0) }
    }
    return true
  }

  /// The values of the forward that the backward is given: those closest to their uses, or the
  /// reductions themselves where these are fewer.
  private func cuts(below function: Reading) -> [Node] {
    let close = cuts(below: function) { isSaved($0) }
    let deep = cuts(below: function) { isSaved($0) && isSource($0) }
    return deep.count < close.count ? deep : close
  }

  private func cuts(below function: Reading, where isCut: (Node) -> Bool) -> [Node] {
    var cuts = NodeSet()
    var seen = NodeSet(function.outputs.keys)
    var open = function.roots
    while let node = open.popLast() {
      guard seen.insert(node) else { continue }
      if isCut(node) { cuts.insert(node) } else { joint[node].forEachOperand { open.append($0) } }
    }
    return Array(cuts)
  }

  /// `true` iff `node` is a reduction or an input.
  private func isSource(_ node: Node) -> Bool {
    switch joint[node] {
    case .input, .reduce: true
    default: false
    }
  }

  private func isSaved(_ node: Node) -> Bool {
    if isBackward[node.index] || joint.type(node) == .condition { return false }
    if isCountOfRanks[node.index] { return false }
    switch joint[node] {
    case .input(let index):
      return joint.inputs[index].kind == .state || joint.inputs[index].kind == .counter
    case .reduce(let reduction) where reduction.kind == .count:
      // What only the backward counts of what is computed for each element, it counts in passing.
      let isFree = isElementwise[reduction.operand.index] && !isOfForward.contains(node)
      return isSmall(node) && !isFree
    case .reduce: return true
    default: return isStatistic[node.index] && !isElementwise[node.index] && isSmall(node)
    }
  }

  /// `true` iff a tensor has all axes of `node` and more.
  private func isSmall(_ node: Node) -> Bool {
    joint.inputs.contains { input in
      input.kind == .tensor
        && AxisSet(axes: input.axes).isStrictSuperset(of: joint.placeShape(node))
    }
  }

  /// How `node` is saved; an output that is the same value serves as it is.
  private func savedResult(
    _ node: Node, _ forward: [GraphResult], _ names: inout NameSet
  ) -> GraphResult {
    let output = forward.first {
      $0.kind == .output && $0.node == node
        && AxisSet(axes: $0.axes) == joint.placeShape(node)
    }
    if var output {
      output.kind = .saved
      return output
    }
    var kind = GraphResult.Kind.saved
    var axes = joint.placeShape(node).axes
    var name = joint.name(node) ?? StatisticNames(joint).name(of: node)
    if case .input(let index) = joint[node] {
      axes = joint.inputs[index].axes
      name = "saved_" + name
      if joint.inputs[index].kind == .counter { kind = .savedCounter }
    }
    return GraphResult(name: names.unique(name), kind: kind, node: node, axes: axes)
  }

  /// The part of the joint graph that `results` need; `saved` values become inputs.
  private func restricted(
    to results: [GraphResult], replacing saved: [Node: GraphInput]
  ) -> Graph {
    var graph = Graph(axes: joint.axes)
    var copies = NodeTable<Node>(count: joint.nodeCount)
    let needed = needed(by: results, given: NodeSet(saved.keys))
    for node in needed where saved[node] == nil {
      guard case .input(let index) = joint[node] else { continue }
      copies[node] = graph.insert(input: joint.inputs[index])
    }
    let read = Set(needed.compactMap { saved[$0]?.array })
    for (node, input) in saved.sorted(by: { $0.key < $1.key }) where read.contains(input.array) {
      copies[node] = graph.insert(input: input)
    }
    for node in needed where copies[node] == nil {
      let copy = graph.insert(joint[node].mapped { copies[$0] ?? $0 })
      if let name = joint.name(node) { graph.name(copy, name) }
      copies[node] = copy
    }
    graph.results = results.map { result in
      var result = result
      result.node = copies[result.node] ?? result.node
      return result
    }
    return graph
  }

  /// The nodes that `results` read, ascending, not looking behind those in `given`.
  private func needed(by results: [GraphResult], given: NodeSet) -> [Node] {
    var found = NodeSet()
    var open = results.map(\.node)
    while let node = open.popLast() {
      guard found.insert(node), !given.contains(node) else { continue }
      joint[node].forEachOperand { open.append($0) }
    }
    return Array(found)
  }
}

extension GraphInput {
  /// The name of the array that it reads.
  fileprivate var array: String { source ?? name }

  /// `true` iff only functions other than the forward are given it.
  var isOfDerivatives: Bool {
    switch kind {
    case .outputGradient, .tangent, .gradientAdjoint: true
    case .tensor, .mask, .index, .parameter, .state, .counter, .scalar, .flag, .saved,
      .savedCounter, .placeholder, .merged:
      false
    }
  }
}

extension GraphResult {
  /// The derivative that it alone belongs to, if any.
  fileprivate var derivative: Derivative? {
    switch kind {
    case .gradient: .vjp
    case .tangent: .jvp
    case .outputGradientAdjoint, .secondGradient: .vjp2
    case .output, .nextState, .nextCounter, .saved, .savedCounter, .partial: nil
    }
  }
}
