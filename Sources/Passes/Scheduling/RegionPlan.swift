import LoopIR
import TensorIR

/// A region before its steps are made: which reductions and results it computes.
struct PlannedRegion {
  /// The loop axes, in the order of memory.
  var kept: [Int]
  /// The kept axes along which the lanes lie; none where they lie inside of a place.
  var columns: [Int] = []
  /// Reductions whose results have exactly the kept axes, each after those that it reads.
  var reductions: [Node] = []
  /// Results that are stored here.
  var results: [GraphResult] = []
  /// Values with exactly the kept axes that later regions read from the workspace.
  var crossings: [Node] = []
  /// Reductions of a later region, over the last kept axes, that ride in the sweeps of this one.
  var riders: [Node] = []
  /// The order of the sums that ride.
  var rideOrder: SumOrder?
  /// `true` iff the reductions rode in an earlier region.
  var isJoined = false

  var keptSet: AxisSet { AxisSet(axes: kept + columns) }
}

/// Places the reductions and results of a graph in regions.
///
/// A reduction goes to the first region that loops over its kept axes and comes after what it
/// reads; what it reads may stand in the same region, for it reads it at its own place. A result
/// goes where the last reduction that it reads is, if its innermost axis is not a loop axis
/// there; else to a region of its own that runs along memory. A state is set where nothing
/// reads the old one any more.
struct RegionPlan {
  let graph: Graph
  var regions: [PlannedRegion] = []
  /// The region of each reduction.
  var place: [Node: Int] = [:]
  /// For each node: the reductions that it reads with no reduction between.
  private(set) var reads: [NodeSet] = []

  init(_ graph: Graph) {
    self.graph = graph
    for node in graph.nodes {
      var found = NodeSet()
      if isMade(node) {
        found.insert(node)
      } else {
        graph[node].forEachOperand { found.formUnion(reads[$0.index]) }
      }
      reads.append(found)
    }
    let needed = graph.reachable(from: graph.results.map(\.node))
    for node in ordered(needed) {
      if case .reduce(let reduction) = graph[node] { place(node, reduction) }
      if case .input = graph[node] { placeMerged(node) }
    }
    for result in graph.results where result.kind != .nextState { place(result) }
    takeRidersAlong()
    placeStates()
    for index in regions.indices.reversed() { findCrossings(into: index) }
  }

  /// The reductions in `nodes`, by how many others they wait for, then by how many axes they keep:
  /// what keeps few axes is there when what keeps many is used.
  private func ordered(_ nodes: NodeSet) -> [Node] {
    var levels: [Node: Int] = [:]
    for node in nodes {
      if case .reduce(let reduction) = graph[node] {
        levels[node] = (inputs(of: reduction).compactMap { levels[$0] }.max() ?? -1) + 1
      } else if isMade(node) {
        levels[node] = 0
      }
    }
    return levels.keys.sorted { a, b in
      (levels[a] ?? 0, graph.shape(a).count, a) < (levels[b] ?? 0, graph.shape(b).count, b)
    }
  }

  /// The reductions that the operands of a reduction read.
  func inputs(of reduction: Reduction) -> NodeSet {
    reduction.operands.reduce(into: NodeSet()) { $0.formUnion(reads[$1.index]) }
  }

  private mutating func place(_ node: Node, _ reduction: Reduction) {
    let kept = graph.shape(node)
    let first =
      inputs(of: reduction).map { input in
        let region = place[input] ?? 0
        return regions[region].keptSet == kept ? region : region + 1
      }.max() ?? 0
    let order = graph.order(of: reduction)
    let columns = columns(of: reduction, order, kept)
    let found = regions.indices.first {
      $0 >= first && regions[$0].keptSet == kept && regions[$0].columns == columns
    }
    let outer = keptAxes(of: order, kept).filter { !columns.contains($0) }
    let region = found ?? append(outer, columns: columns)
    regions[region].reductions.append(node)
    place[node] = region
  }

  /// `true` iff `node` has a value for each place of some axes that is made there: a reduction, or
  /// what other processes had a part in.
  private func isMade(_ node: Node) -> Bool {
    switch graph[node] {
    case .reduce: true
    case .input(let index): graph.inputs[index].kind == .merged && !graph.shape(node).isEmpty
    default: false
    }
  }

  /// What was merged is read where its axes are looped over, as if it were reduced there.
  private mutating func placeMerged(_ node: Node) {
    let kept = graph.shape(node)
    let found = regions.indices.first { regions[$0].keptSet == kept && regions[$0].columns.isEmpty }
    place[node] = found ?? append(kept.axes)
  }

  /// The kept axes in the order of the driver's memory.
  private func keptAxes(of order: ReductionOrder, _ kept: AxisSet) -> [Int] {
    let ordered = order.driver.filter { kept.has($0) }
    return kept.subtracting(AxisSet(axes: ordered)).axes + ordered
  }

  /// The longest tail of the driver's axes that is kept; none where the last axis is reduced. Where
  /// the condition of the reduction is the same along a shorter tail, whole rows are selected: then
  /// the longest tail along which each value is the same, or has all its axes.
  private func columns(
    of reduction: Reduction, _ order: ReductionOrder, _ kept: AxisSet
  ) -> [Int] {
    let tail = Array(order.driver.reversed().prefix { kept.has($0) }.reversed())
    guard let condition = reduction.condition else { return tail }
    let varying = graph.shape(condition)
    guard let last = tail.last, !varying.has(last), tail.contains(where: { varying.has($0) })
    else { return tail }
    let shapes = graph.elementwiseReach(of: reduction.operands).filter { isLeaf($0) }.map {
      graph.shape($0)
    }
    let start = tail.indices.first { start in
      let columns = tail[start...]
      return columns.allSatisfy { !varying.has($0) }
        && shapes.allSatisfy { shape in
          columns.allSatisfy { shape.has($0) } || !columns.contains { shape.has($0) }
        }
    }
    return start.map { Array(tail[$0...]) } ?? tail
  }

  private func isLeaf(_ node: Node) -> Bool {
    switch graph[node] {
    case .input, .reduce: true
    default: false
    }
  }

  private mutating func append(_ kept: [Int], columns: [Int] = []) -> Int {
    regions.append(PlannedRegion(kept: kept, columns: columns))
    return regions.count - 1
  }

  private mutating func place(_ result: GraphResult) {
    let last = reads[result.node.index].compactMap { place[$0] }.max()
    if result.kind == .partial,
      let home = regions.indices.first(where: {
        $0 >= last ?? 0 && regions[$0].keptSet == AxisSet(axes: result.axes)
      })
    {
      return regions[home].results.append(result)
    }
    if let last {
      let kept = regions[last].keptSet
      let isWhole = kept == AxisSet(axes: result.axes)
      let columns = regions[last].columns
      let runsAlongMemory =
        columns.isEmpty
        ? result.axes.last.map { !kept.has($0) } ?? true
        : result.axes.suffix(columns.count).elementsEqual(columns)
      if isWhole || runsAlongMemory && !mayTakeTurns(result, behind: last) {
        return regions[last].results.append(result)
      }
    }
    if last == nil, let beside = regions.indices.first(where: { sweeps(regions[$0], all: result) })
    {
      return regions[beside].results.append(result)
    }
    let outer = Array(result.axes.dropLast())
    let own = regions.indices.first { index in
      index > (last ?? -1) && regions[index].kept == outer && regions[index].columns.isEmpty
        && regions[index].reductions.isEmpty
    }
    let region = own ?? append(outer)
    regions[region].results.append(result)
  }

  /// `true` iff a region sweeps all that `result` is made of along memory, so that it finds in
  /// cache what it reads.
  private func sweeps(_ region: PlannedRegion, all result: GraphResult) -> Bool {
    guard region.columns.isEmpty, let last = result.axes.last, !region.keptSet.has(last) else {
      return false
    }
    return region.reductions.contains { node in
      guard case .reduce(let reduction) = graph[node] else { return false }
      let order = graph.order(of: reduction)
      let swept = AxisSet(axes: region.kept + order.segments + order.run)
      return swept == AxisSet(axes: result.axes) && order.run.last == last
    }
  }

  /// Places the states after the call. Where the old state is still read elsewhere, the new one
  /// is kept in the workspace and committed at the end.
  private mutating func placeStates() {
    let states = graph.results.filter { $0.kind == .nextState }
    var late: [GraphResult] = []
    for state in states {
      let axes = AxisSet(axes: state.axes)
      let last = reads[state.node.index].compactMap { place[$0] }.max()
      let isHome = last.map { regions[$0].keptSet == axes } ?? false
      if let last, isHome, states.count == 1 || !isReadByOthers(state, states),
        regions.indices.allSatisfy({ mayCommit(state, in: last, beside: $0) })
      {
        regions[last].results.append(state)
      } else {
        late.append(state)
      }
    }
    commitLate(late)
  }

  /// `true` iff setting `state` in region `place` leaves what region `reader` reads as it was.
  private func mayCommit(_ state: GraphResult, in place: Int, beside reader: Int) -> Bool {
    let isSafe = reader < place || reader == place
    return isSafe || !isRead(state, in: reader)
  }

  private func isReadByOthers(_ state: GraphResult, _ states: [GraphResult]) -> Bool {
    states.contains { $0.name != state.name && readsState(state, from: [$0.node]) }
  }

  private func isRead(_ state: GraphResult, in region: Int) -> Bool {
    let own = regions[region].isJoined ? [] : regions[region].reductions
    let operands = (own + regions[region].riders).flatMap { graph[$0].operands }
    return readsState(state, from: operands + regions[region].results.map(\.node))
  }

  private func readsState(_ state: GraphResult, from roots: [Node]) -> Bool {
    graph.elementwiseReach(of: roots).contains { node in
      guard case .input(let index) = graph[node] else { return false }
      let input = graph.inputs[index]
      return (input.kind == .state || input.kind == .parameter) && input.name == state.name
    }
  }

  /// Computes all new states first, then commits them.
  private mutating func commitLate(_ states: [GraphResult]) {
    for state in states where !regions.contains(where: { $0.crossings.contains(state.node) }) {
      let shape = graph.shape(state.node)
      let last = reads[state.node.index].compactMap { place[$0] }.max()
      let home = last.flatMap { regions[$0].keptSet == shape ? $0 : nil }
      regions[home ?? append(state.axes.filter { shape.has($0) })].crossings.append(state.node)
    }
    for state in states { regions[append(state.axes)].results.append(state) }
  }

  /// The values of earlier regions that region `index` reads are noted where they are made.
  private mutating func findCrossings(into index: Int) {
    let region = regions[index]
    let own = region.isJoined ? [] : region.reductions
    var open = (own + region.riders).flatMap { graph[$0].operands }
    open += region.results.map(\.node) + region.crossings.flatMap { graph[$0].operands }
    open += region.crossings.filter { place[$0] != nil && place[$0] != index }
    var seen = NodeSet()
    while let node = open.popLast() {
      guard seen.insert(node) else { continue }
      if let source = source(of: node, before: index) {
        if !regions[source].crossings.contains(node) { regions[source].crossings.append(node) }
      } else if place[node] != index {
        graph[node].forEachOperand { open.append($0) }
      }
    }
  }

  /// The region before `index` whose workspace can hold `node`, if it comes from one.
  func source(of node: Node, before index: Int) -> Int? {
    if graph.type(node) == .condition { return nil }
    let noted = regions.indices.first { $0 < index && regions[$0].crossings.contains(node) }
    if let noted { return noted }
    let sources = reads[node.index].compactMap { place[$0] }
    guard let last = sources.max(), last < index else { return nil }
    return regions[last].keptSet == graph.shape(node) ? last : nil
  }
}
