import Basics
import LoopIR
import TensorIR

/// Makes the steps of one region.
struct RegionBuilder {
  var scheduling: Scheduling
  private let index: Int
  private let planned: PlannedRegion
  /// The scalars of the nodes that are known at a place of the kept axes.
  private var defined: [Node: ScalarID] = [:]
  private var prologue: [ScalarStep] = []
  private var steps: [Step] = []
  private var rides: [BufferID] = []
  private var joins: [Join] = []
  /// The riders that no sweep has taken yet.
  private var waiting: [Node]

  init(_ scheduling: Scheduling, _ index: Int) {
    self.scheduling = scheduling
    self.index = index
    planned = scheduling.plan.regions[index]
    waiting = planned.riders
  }

  private var graph: Graph { scheduling.graph }

  mutating func run() -> Region {
    if planned.isJoined {
      join()
    } else {
      for group in reductionGroups() { reduce(group) }
    }
    let small = planned.results.filter { isAtPlace($0) }
    let sweeps = storeGroups()
    define(
      scalarLeaves(of: sweeps.flatMap { $0.map(\.node) } + operands(of: waiting)),
      storing: stores(small.filter { $0.kind != .nextState }) + crossingStores)
    for group in sweeps { sweep(group) }
    define([], storing: stores(small.filter { $0.kind == .nextState }))
    if !waiting.isEmpty { unreachable("scheduling: no sweep took sums that ride in it") }
    var region = Region(
      title: title, kept: planned.kept, columns: planned.columns, prologue: prologue, steps: steps)
    region.rides = planned.rideOrder.map { Rides(order: $0, slots: rides) }
    region.joins = joins
    return region
  }

  // Sums that ride

  private func operands(of reductions: [Node]) -> [Node] {
    reductions.flatMap { graph[$0].operands }
  }

  /// Makes scalars of sums that rode in an earlier region.
  private mutating func join() {
    for node in planned.reductions {
      guard let slots = scheduling.rides[node] else { continue }
      let id = scalar(for: node)
      defined[node] = id
      joins.append(Join(slots: slots, scalar: id))
    }
  }

  /// The riders that a sweep can take now: all that they read is known.
  private func readyRiders() -> [Node] {
    waiting.filter { node in
      operands(of: [node]).allSatisfy { operand in
        scheduling.plan.reads[operand.index].allSatisfy { read in
          scheduling.plan.place[read] != index || defined[read] != nil || !isReduction(read)
        }
      }
    }
  }

  /// Adds riders to the program of a sweep.
  private mutating func take(_ riders: [Node], into builder: inout BodyBuilder) -> [Rider] {
    waiting.removeAll { riders.contains($0) }
    return riders.compactMap { node in
      guard case .reduce(let reduction) = graph[node], let slots = scheduling.rides[node] else {
        return nil
      }
      rides.append(slots)
      return Rider(
        slots: slots, value: builder.value(of: reduction.operand),
        factor: reduction.factor.map { builder.value(of: $0) },
        condition: reduction.condition.map { builder.value(of: $0) })
    }
  }

  /// What the region makes: its results, or the statistics for later regions.
  private var title: String {
    let results = planned.results.map { argumentName(of: $0) }
    let statistics = planned.crossings.compactMap { node in
      graph.name(node)
        ?? graph.results.first { $0.kind == .nextState && $0.node == node }.map(argumentName)
    }
    let names = results.isEmpty ? statistics : results
    return names.isEmpty ? "statistics" : names.joined(separator: ", ")
  }

  private func isAtPlace(_ result: GraphResult) -> Bool {
    AxisSet(axes: result.axes) == planned.keptSet
  }

  // Where values come from

  /// The source of a node that is known or read from memory.
  private func known(_ node: Node) -> Source? {
    if let scalar = defined[node] { return .scalar(scalar) }
    return outerSource(node)
  }

  /// An array or a parameter, if the node is one here.
  private func outerSource(_ node: Node) -> Source? {
    if let buffer = scheduling.crossings[node],
      let source = scheduling.plan.source(of: node, before: index),
      scheduling.plan.regions[source].crossings.contains(node)
    {
      return .load(buffer)
    }
    if case .input(let place) = graph[node] { return scheduling.inputs[place] }
    return nil
  }

  /// `true` iff a program can write `node` down as well as read it.
  private func isLiteral(_ node: Node) -> Bool {
    switch graph[node] {
    case .constant, .truth: true
    case .widen(let a), .narrow(let a): isLiteral(a)
    default: false
    }
  }

  /// The nodes below `roots` that are the same throughout a sweep, and are to be scalars.
  private func scalarLeaves(of roots: [Node]) -> [Node] {
    var leaves = NodeSet()
    var seen = NodeSet()
    var open = roots
    while let node = open.popLast() {
      guard seen.insert(node), !isLiteral(node) else { continue }
      if case .load = outerSource(node), isOfColumn(node) { continue }
      if planned.keptSet.isSuperset(of: graph.shape(node)) {
        leaves.insert(node)
      } else if outerSource(node) == nil, !isReduction(node) {
        graph[node].forEachOperand { open.append($0) }
      }
    }
    return Array(leaves)
  }

  private func isReduction(_ node: Node) -> Bool {
    if case .reduce = graph[node] { true } else { false }
  }

  /// The name of the input that a node is, in its own type or another.
  private func inputName(_ node: Node) -> String? {
    switch graph[node] {
    case .input(let index): graph.inputs[index].name
    case .widen(let a), .narrow(let a): inputName(a)
    default: nil
    }
  }

  // Scalars

  private mutating func scalar(for node: Node) -> ScalarID {
    let name = graph.name(node) ?? StatisticNames(graph).name(of: node)
    var unique = scheduling.names.unique(name)
    while scheduling.arrayNames.contains(unique), unique != inputName(node) {
      unique = scheduling.names.unique(name)
    }
    let scalar = Scalar(
      name: unique, type: laneType(graph.type(node)),
      isOfColumn: isOfColumn(node))
    scheduling.kernel.scalars.append(scalar)
    return ScalarID(scheduling.kernel.scalars.count - 1)
  }

  /// Makes scalars of `nodes`, and stores values at the place of the kept axes. What is the same
  /// at all places is made before the loops.
  private mutating func define(_ nodes: [Node], storing stores: [(Node, BufferID)] = []) {
    let new = nodes.filter { defined[$0] == nil }
    let roots = new + stores.map(\.0)
    if !planned.kept.isEmpty || !planned.columns.isEmpty {
      let outer = parts(of: roots, .sameEverywhere)
      if let step = scalarStep(outer, stores: []) { prologue.append(step) }
    }
    if !planned.columns.isEmpty {
      let ofPlace = parts(of: roots, .sameInColumns)
      if let step = scalarStep(ofPlace, stores: []) { steps.append(.scalars(step)) }
    }
    let inner = new.filter { defined[$0] == nil }
    if let step = scalarStep(inner, stores: stores, isOfColumns: !planned.columns.isEmpty) {
      steps.append(.scalars(step))
    }
  }

  /// `true` iff there is a value for each column.
  private func isOfColumn(_ node: Node) -> Bool {
    !graph.shape(node).isDisjoint(with: AxisSet(axes: planned.columns))
  }

  /// What is the same at several places of a region.
  private enum Part {
    /// What needs neither the place nor a reduction of the region.
    case sameEverywhere
    /// What is not another value for each column.
    case sameInColumns
  }

  private func isPart(_ node: Node, _ part: Part) -> Bool {
    switch part {
    case .sameEverywhere: isSameEverywhere(node)
    case .sameInColumns: !isOfColumn(node)
    }
  }

  /// The largest values below `roots` that are parts of a kind and that are not made yet.
  private func parts(of roots: [Node], _ part: Part) -> [Node] {
    var parts = NodeSet()
    var seen = NodeSet()
    var open = roots
    while let node = open.popLast() {
      guard seen.insert(node), !isLiteral(node), defined[node] == nil else { continue }
      if isPart(node, part) {
        parts.insert(node)
      } else if outerSource(node) == nil, !isReduction(node) {
        graph[node].forEachOperand { open.append($0) }
      }
    }
    return Array(parts)
  }

  /// `true` iff `node` needs neither the place nor a reduction of the region.
  private func isSameEverywhere(_ node: Node) -> Bool {
    graph.shape(node).isEmpty
      && scheduling.plan.reads[node.index].allSatisfy { scheduling.plan.place[$0] != index }
  }

  private mutating func scalarStep(
    _ nodes: [Node], stores: [(Node, BufferID)], isOfColumns: Bool = false
  ) -> ScalarStep? {
    if nodes.isEmpty && stores.isEmpty { return nil }
    var builder = BodyBuilder(graph, source: known)
    var values: [(Node, LaneValue)] = []
    for node in nodes { values.append((node, builder.value(of: node))) }
    let stored = stores.map { (value: builder.value(of: $0.0), buffer: $0.1) }
    var defines: [(value: LaneValue, scalar: ScalarID)] = []
    for (node, value) in values {
      let id = scalar(for: node)
      defined[node] = id
      defines.append((value, id))
    }
    return ScalarStep(
      isOfColumns: isOfColumns, body: builder.body, defines: defines, stores: stored)
  }

  private func stores(_ results: [GraphResult]) -> [(Node, BufferID)] {
    results.map { ($0.node, scheduling.buffer(of: $0)) }
  }

  private var crossingStores: [(Node, BufferID)] {
    planned.crossings.compactMap { node in scheduling.crossings[node].map { (node, $0) } }
  }

  // Sweeps

  /// The reductions that one sweep makes: of one level, over the same axes in the same order.
  private func reductionGroups() -> [[(Node, Reduction)]] {
    var levels: [Node: Int] = [:]
    var groups: [(level: Int, sweep: Sweep, members: [(Node, Reduction)])] = []
    for node in planned.reductions {
      guard case .reduce(let reduction) = graph[node] else { continue }
      let reads = reduction.operands.flatMap { scheduling.plan.reads[$0.index] }
      let level = (reads.compactMap { levels[$0] }.max() ?? -1) + 1
      levels[node] = level
      let sweep = sweep(of: reduction)
      if let found = groups.firstIndex(where: { $0.level == level && $0.sweep == sweep }) {
        groups[found].members.append((node, reduction))
      } else {
        groups.append((level, sweep, [(node, reduction)]))
      }
    }
    let ordered = groups.enumerated().sorted {
      ($0.element.level, $0.offset) < ($1.element.level, $1.offset)
    }
    return ordered.map(\.element.members)
  }

  private func sweep(of reduction: Reduction) -> Sweep {
    let order = graph.order(of: reduction)
    return Sweep(
      segments: order.segments, run: planned.columns.isEmpty ? order.run : planned.columns)
  }

  private mutating func reduce(_ group: [(Node, Reduction)]) {
    // Along a run, sums ride in a sweep that writes: it starts a run at slot 0.
    let riders = planned.rideOrder?.run.isEmpty == true ? readyRiders() : []
    define(scalarLeaves(of: group.flatMap { $0.1.operands } + operands(of: riders)))
    var builder = BodyBuilder(graph, source: known)
    var accumulators: [Accumulator] = []
    var moments: [Reduction: Int] = [:]
    for (node, reduction) in group {
      let id = scalar(for: node)
      defined[node] = id
      let value = builder.value(of: reduction.operand)
      let factor = reduction.factor.map { builder.value(of: $0) }
      let condition = reduction.condition.map { builder.value(of: $0) }
      let kind = Accumulator.Kind(reduction.kind, id)
      if case .moments = kind {
        var key = reduction
        key.kind = .momentMean
        if let found = moments[key] {
          accumulators[found].kind = accumulators[found].kind.merged(with: kind)
          continue
        }
        moments[key] = accumulators.count
      }
      accumulators.append(
        Accumulator(
          name: scheduling.names.unique(StatisticNames(graph).element(of: reduction)), kind: kind,
          value: value, factor: factor,
          condition: condition))
    }
    guard let first = group.first else { return }
    let taken = take(riders, into: &builder)
    var step = ReduceStep(
      sweep: sweep(of: first.1), body: builder.body, accumulators: accumulators)
    step.riders = taken
    steps.append(.reduce(step))
  }

  /// The results that one sweep writes.
  private func storeGroups() -> [[GraphResult]] {
    var groups: [(sweep: Sweep, members: [GraphResult])] = []
    for result in planned.results where !isAtPlace(result) {
      let sweep = sweep(of: result)
      if let found = groups.firstIndex(where: { $0.sweep == sweep }) {
        groups[found].members.append(result)
      } else {
        groups.append((sweep, [result]))
      }
    }
    return groups.map(\.members)
  }

  private func sweep(of result: GraphResult) -> Sweep {
    let kept = planned.keptSet
    if !planned.columns.isEmpty {
      return Sweep(segments: result.axes.filter { !kept.has($0) }, run: planned.columns)
    }
    let tail = Array(result.axes.reversed().prefix { !kept.has($0) }.reversed())
    let rest = result.axes.dropLast(tail.count).filter { !kept.has($0) }
    return Sweep(segments: Array(rest), run: tail)
  }

  /// `sweep` with the run of the sums that ride along one.
  private func sweepOfRiders(_ sweep: Sweep) -> Sweep {
    guard let run = planned.rideOrder?.run, !run.isEmpty else { return sweep }
    return Sweep(segments: (sweep.segments + sweep.run).dropLast(run.count), run: run)
  }

  /// `sweep` with as many of the outer axes of its run looped over as it takes for each array to
  /// be contiguous or constant along the rest: a weight of each channel is constant in its places.
  private func inMemoryOrder(_ sweep: Sweep, _ arrays: [Buffer]) -> Sweep {
    if !planned.columns.isEmpty { return sweep }
    let cut = sweep.run.indices.first { start in
      let run = Array(sweep.run[start...])
      return arrays.allSatisfy { $0.access(along: run) != .scattered }
    }
    guard let cut else { return sweep }
    return Sweep(
      segments: sweep.segments + sweep.run[..<cut], run: Array(sweep.run[cut...]))
  }

  private mutating func sweep(_ results: [GraphResult]) {
    guard let first = results.first else { return }
    define(scalarLeaves(of: results.map(\.node)))
    var builder = BodyBuilder(graph, source: known)
    let stores = results.map {
      (value: builder.value(of: $0.node), buffer: scheduling.buffer(of: $0))
    }
    let riders = readyRiders()
    let taken = take(riders, into: &builder)
    let arrays = builder.body.arguments.compactMap { source in
      if case .load(let buffer) = source { scheduling.kernel.buffers[buffer.index] } else { nil }
    }
    let whole = sweep(of: first)
    var step = StoreStep(
      sweep: riders.isEmpty ? inMemoryOrder(whole, arrays) : sweepOfRiders(whole),
      body: builder.body, stores: stores)
    step.riders = taken
    steps.append(.store(step))
  }
}
