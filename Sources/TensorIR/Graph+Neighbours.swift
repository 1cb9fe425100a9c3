extension Graph {
  /// The value of `root` with each axis of `twins` for its twin: what it is at the place that the
  /// twin says. Inputs are read once more, by the other axis.
  ///
  ///     %y = %x[N, C] * weight[C]   ->   %1 = near_x[N, C_near] * near_weight[C_near]
  ///
  /// - Parameter twins: holds both directions.
  package mutating func swapped(_ root: Node, _ twins: [Int: Int]) -> Node {
    let moved = AxisSet(axes: Array(twins.keys))
    var copies: [Node: Node] = [:]
    for node in reachable(from: [root]) {
      guard !shape(node).isDisjoint(with: moved) else {
        copies[node] = node
        continue
      }
      switch self[node] {
      case .input(let place): copies[node] = swapped(inputs[place], twins)
      case .index(let axes): copies[node] = insert(.index(exchanged(axes, twins)))
      case .reduce(var reduction):
        reduction.axes = exchanged(reduction.axes, twins)
        reduction.operand = copies[reduction.operand] ?? reduction.operand
        reduction.condition = reduction.condition.map { copies[$0] ?? $0 }
        copies[node] = reduce(reduction)
      case .customGradient(let block, let a, let axes):
        copies[node] = insert(.customGradient(block, copies[a] ?? a, exchanged(axes, twins)))
      case .constant, .truth, .size, .unary, .binary, .compare, .not, .logic, .select,
        .stopGradient, .fused, .widen, .narrow:
        copies[node] = insert(self[node].mapped { copies[$0] ?? $0 })
      }
    }
    return copies[root] ?? root
  }

  /// The axes of the place `index` along `axes`, slowest first. A twin stands where its original
  /// does, so that places are numbered alike along both.
  package func placeOrder(_ axes: AxisSet) -> [Int] {
    axes.axes.sorted { (self.axes[$0].original ?? $0, $0) < (self.axes[$1].original ?? $1, $1) }
  }

  private func exchanged(_ axes: AxisSet, _ twins: [Int: Int]) -> AxisSet {
    AxisSet(axes: axes.axes.map { twins[$0] ?? $0 })
  }

  /// The node of an input that is read along other axes.
  private mutating func swapped(_ input: GraphInput, _ twins: [Int: Int]) -> Node {
    var twin = input
    let source = input.source ?? input.name
    twin.axes = input.axes.map { twins[$0] ?? $0 }
    twin.source = twin.axes.contains { axes[$0].original != nil } ? source : nil
    let known = nodes.first { node in
      guard case .input(let place) = self[node] else { return false }
      return (inputs[place].source ?? inputs[place].name) == source
        && inputs[place].axes == twin.axes
    }
    if let known { return known }
    twin.name = twin.source == nil ? source : "near_" + source
    while inputs.contains(where: { $0.name == twin.name }) { twin.name += "_" }
    return insert(input: twin)
  }

  /// The input of which `input` is a second reading; itself if it is none.
  package func original(of input: GraphInput) -> GraphInput {
    guard let source = input.source else { return input }
    var original = input
    original.name = source
    original.source = nil
    original.axes = input.axes.map { axes[$0].original ?? $0 }
    return original
  }

  /// Each axis and its twin, both ways.
  package func twins(of moved: AxisSet) -> [Int: Int] {
    var twins: [Int: Int] = [:]
    for (index, axis) in axes.enumerated() {
      guard let original = axis.original, moved.has(original) || moved.has(index) else { continue }
      twins[original] = index
      twins[index] = original
    }
    return twins
  }

  /// All axes that are second readings of others.
  package var twinAxes: AxisSet {
    AxisSet(axes: axes.indices.filter { axes[$0].original != nil })
  }
}
