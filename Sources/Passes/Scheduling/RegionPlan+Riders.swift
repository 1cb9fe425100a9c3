import LoopIR
import TensorIR

/// Sums that ride: a region whose sums another region can take along in its sweeps reads nothing.
///
///     for N, G:                        for G, and N in blocks:
///       reduce C/G, S                    reduce C/G, S
///       store d_x               ->       store d_x, slots of d_weight
///     for G, C/G:                      for G, C/G:
///       reduce N, S: d_weight            d_weight = join of the blocks
extension RegionPlan {
  mutating func takeRidersAlong() {
    for sums in regions.indices {
      guard let order = rideOrder(of: sums),
        let rows = regions.indices.first(where: { canRide(sums, order, in: $0) })
      else { continue }
      let outer = regions[rows].kept.filter { !order.segments.contains($0) }
      regions[rows].kept = outer + order.segments
      regions[rows].riders = regions[sums].reductions
      regions[rows].rideOrder = order
      regions[sums].isJoined = true
      move(sums, behind: rows)
      return takeRidersAlong()
    }
  }

  /// The order of the sums of a region that makes nothing but sums, at one level and of one order,
  /// and what it makes of them; `nil` if it is another one.
  private func rideOrder(of index: Int) -> SumOrder? {
    let region = regions[index]
    guard !region.isJoined, region.results.allSatisfy({ isSmall($0, in: region) }) else {
      return nil
    }
    var orders = Set<SumOrder>()
    for node in region.reductions {
      guard case .reduce(let reduction) = graph[node], reduction.kind == .total,
        !inputs(of: reduction).contains(where: { place[$0] == index })
      else { return nil }
      let order = graph.order(of: reduction)
      orders.insert(SumOrder(segments: order.segments, run: order.run))
    }
    guard orders.count == 1, let order = orders.first, !order.segments.isEmpty else { return nil }
    return order
  }

  private func isSmall(_ result: GraphResult, in region: PlannedRegion) -> Bool {
    AxisSet(axes: result.axes) == region.keptSet
  }

  /// `true` iff the sums of the region `sums` can be taken in the sweeps of `rows`.
  private func canRide(_ sums: Int, _ order: SumOrder, in rows: Int) -> Bool {
    let (home, away) = (regions[rows], regions[sums])
    guard rows != sums, home.columns.isEmpty, home.riders.isEmpty, !home.isJoined else {
      return false
    }
    let outer = home.kept.filter { !order.segments.contains($0) }
    guard outer.count + order.segments.count == home.kept.count, away.kept.starts(with: outer)
    else { return false }
    let inner = Array(away.kept.dropFirst(outer.count))
    let fits =
      order.run.isEmpty
      ? inner.isEmpty && sweepsRows(home, along: away.columns)
      : writes(home, along: inner + order.run)
    return fits && areReady(away.reductions, in: rows) && mayMove(sums, behind: rows)
  }

  /// `true` iff what `reductions` read is known in the last sweep of the region `rows`.
  private func areReady(_ reductions: [Node], in rows: Int) -> Bool {
    reductions.allSatisfy { node in
      guard case .reduce(let reduction) = graph[node] else { return false }
      return inputs(of: reduction).allSatisfy { input in
        let source = place[input] ?? 0
        return source < rows
          || source == rows
            && regions[rows].results.contains {
              !isSmall($0, in: regions[rows])
            }
      }
    }
  }

  /// `true` iff all sweeps of `region` run along `axes` alone, and there are some.
  private func sweepsRows(_ region: PlannedRegion, along axes: [Int]) -> Bool {
    let orders = region.reductions.compactMap { node -> ReductionOrder? in
      guard case .reduce(let reduction) = graph[node] else { return nil }
      return graph.order(of: reduction)
    }
    let large = region.results.filter { !isSmall($0, in: region) }
    return !(orders.isEmpty && large.isEmpty)
      && orders.allSatisfy { $0.segments.isEmpty && $0.run == axes }
      && large.allSatisfy { $0.axes == region.kept + axes }
  }

  /// `true` iff `region` writes along `axes`, inside of the kept ones.
  private func writes(_ region: PlannedRegion, along axes: [Int]) -> Bool {
    let large = region.results.filter { !isSmall($0, in: region) }
    return !large.isEmpty
      && large.allSatisfy { result in
        result.axes.filter { !region.kept.contains($0) } == axes
          && result.axes.suffix(axes.count).elementsEqual(axes)
      }
  }

  /// `true` iff no region up to `rows` reads what the region `sums` makes.
  private func mayMove(_ sums: Int, behind rows: Int) -> Bool {
    guard sums < rows else { return true }
    return (sums + 1...rows).allSatisfy { index in
      let operands = regions[index].reductions.flatMap { graph[$0].operands }
      let roots = operands + regions[index].results.map(\.node)
      return !roots.contains { root in reads[root.index].contains { place[$0] == sums } }
    }
  }

  /// Moves a region so that it comes after `rows`.
  private mutating func move(_ sums: Int, behind rows: Int) {
    guard sums < rows else { return }
    let region = regions.remove(at: sums)
    regions.insert(region, at: rows)
    for (node, index) in place {
      if index == sums {
        place[node] = rows
      } else if index > sums && index <= rows {
        place[node] = index - 1
      }
    }
  }
}
