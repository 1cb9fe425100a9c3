/// What a kernel moves between memory and the caches, at least.
///
/// In a region, and in regions that take turns, each element of an array is counted once, however
/// often passes read it: they read it again for the same place of the kept axes, or for the next
/// place, before it has left the cache. That holds as long as `Region.cached` fits the cache. Sums
/// that ride count as if there were one block, with one slot.
package struct Traffic: Sendable {
  package var regions: [Region]

  /// What the loops over some kept axes move.
  package struct Region: Sendable {
    package var title: String
    /// The loop axes, slowest first, by index.
    package var kept: [Int]
    /// The kept axes of which a place is a stretch.
    package var columns: [Int]
    /// `true` iff it takes turns with the region before it.
    package var takesTurns: Bool
    package var passes: [Pass]
    package var reads: [BufferID]
    package var writes: [BufferID]
    /// What it reads or writes and the regions that it takes turns with have not touched before.
    package var moves: [BufferID]
    package var moved: ByteCount
    /// What must stay in the cache between places of the kept axes: the arrays that several passes
    /// read, those that every place reads, and where neighbouring places read neighbouring
    /// elements, the cache lines of the elements of one place. The slots of sums that ride.
    package var cached: ByteCount
  }

  /// One sweep over the axes inside a region's loops.
  package struct Pass: Sendable {
    /// The scalars or arrays that it makes, by name.
    package var makes: [String]
    package var kind: Kind
    /// The axes that it runs over, slowest first, by index.
    package var axes: [Int]
    /// The arrays of the sums that ride in it.
    package var rides: [BufferID]
    /// The arrays that it reads, each with whether an earlier pass of the region has.
    package var reads: [(buffer: BufferID, isAgain: Bool)]
  }

  package enum Kind: Sendable { case reduce, store }

  /// What all regions move.
  package var moved: ByteCount {
    regions.reduce(into: ByteCount()) { $0 += $1.moved }
  }
}

extension LoopKernel {
  /// What the kernel moves between memory and the caches, if all outputs are wanted.
  package var traffic: Traffic {
    var known = Set<BufferID>()
    return Traffic(
      regions: regions.map { region in
        if !region.takesTurns { known = [] }
        defer { known.formUnion(region.reads.union(region.writes)) }
        return traffic(of: region, after: known)
      })
  }

  /// - Parameter known: what the regions that it takes turns with have read or written.
  private func traffic(of region: Region, after known: Set<BufferID>) -> Traffic.Region {
    var result = Traffic.Region(
      title: region.title, kept: region.kept, columns: region.columns,
      takesTurns: region.takesTurns, passes: [],
      reads: region.reads.subtracting(region.writes).filter { buffers[$0.index].role != .row }
        .sorted(),
      writes: region.writes.sorted(), moves: [], moved: ByteCount(), cached: ByteCount())
    for slots in region.rides?.slots ?? [] { result.cached += bytes(of: slots) }
    result.moves = (result.reads + result.writes).filter { !known.contains($0) }
    for buffer in result.moves { result.moved += bytes(of: buffer) }
    var seen = known
    for step in region.steps {
      guard var pass = pass(step, of: region) else { continue }
      for index in pass.reads.indices {
        pass.reads[index].isAgain = !seen.insert(pass.reads[index].buffer).inserted
      }
      result.passes.append(pass)
      if case .store(let store) = step {
        seen.formUnion(store.stores.map(\.buffer).filter { region.reads.contains($0) })
      }
    }
    let again = Set(result.passes.flatMap { $0.reads.filter(\.isAgain).map(\.buffer) })
    // What turns of columns read again, they read in all rows of a stretch.
    let kept = Set(region.turnColumns.isEmpty ? region.kept + region.columns : region.turnColumns)
    for buffer in seen.sorted() {
      let axes = buffers[buffer.index].axes
      let isShared = !kept.isSubset(of: axes)
      // A stretch of columns is a line or more.
      let isSplit = axes.last.map { region.kept.contains($0) } ?? false
      guard again.contains(buffer) || isShared || isSplit, !kept.isSuperset(of: axes) else {
        continue
      }
      let isOfLines = axes.last.map { kept.contains($0) } ?? false
      result.cached +=
        isOfLines
        ? ByteCount(element: cacheLine, extents: extents(of: buffer, without: kept))
        : bytes(of: buffer, without: kept)
    }
    return result
  }

  private func pass(_ step: Step, of region: Region) -> Traffic.Pass? {
    let axes = { (sweep: Sweep) in
      sweep.segments + sweep.run.filter { !region.columns.contains($0) }
    }
    return switch step {
    case .scalars: nil
    case .reduce(let step):
      Traffic.Pass(
        makes: step.accumulators.flatMap { names(of: $0) }, kind: .reduce,
        axes: axes(step.sweep), rides: step.riders.map(\.slots), reads: loads(of: step.body))
    case .store(let step):
      Traffic.Pass(
        makes: step.stores.map { buffers[$0.buffer.index].name }, kind: .store,
        axes: axes(step.sweep), rides: step.riders.map(\.slots), reads: loads(of: step.body))
    }
  }

  private func names(of accumulator: Accumulator) -> [String] {
    let ids: [ScalarID] =
      switch accumulator.kind {
      case .total(let id), .maximum(let id), .minimum(let id): [id]
      case .moments(let mean, let squares): [mean, squares].compactMap(\.self)
      }
    return ids.map { scalars[$0.index].name }
  }

  private func loads(of body: Body) -> [(buffer: BufferID, isAgain: Bool)] {
    var found: [BufferID] = []
    for case .load(let buffer) in body.arguments
    where !found.contains(buffer) && buffers[buffer.index].role != .row {
      found.append(buffer)
    }
    return found.sorted().map { ($0, false) }
  }

  /// The bytes of an array, or of the part at one place of the axes `kept`.
  private func bytes(of id: BufferID, without kept: Set<Int> = []) -> ByteCount {
    let element: Int =
      switch buffers[id.index].element {
      case .number:
        switch type {
        case .float32: 4
        case .float64: 8
        }
      case .short: 2
      case .wide, .count: 8
      case .mask: 1
      }
    return ByteCount(element: element, extents: extents(of: id, without: kept))
  }

  private func extents(
    of id: BufferID, without kept: Set<Int>
  ) -> [ArrayDimension.Extent] {
    buffers[id.index].axes.filter { !kept.contains($0) && $0 != slotAxis }.map { axes[$0].extent }
  }
}

/// The bytes that come from memory together.
private let cacheLine = 64
