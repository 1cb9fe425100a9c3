// What depends on what in a kernel.
extension LoopKernel {
  /// The name of the axis of slots of sums that ride. No axis of a source can be called so.
  package static let slotAxisName = "/slot"

  /// The axis of slots, if sums ride along a run.
  package var slotAxis: Int? { axes.firstIndex { $0.name == Self.slotAxisName } }

  /// The outputs that need the region at `place`: its own, and those of later regions that read
  /// what it leaves in the workspace.
  package func outputs(dependingOn place: Int) -> [BufferID] {
    var outputs = Set<BufferID>()
    var arrays = Set<BufferID>()
    for (index, region) in regions.enumerated() where index >= place {
      let isReader = region.reads.contains { arrays.contains($0) }
      guard index == place || isReader else { continue }
      for buffer in region.writes {
        switch buffers[buffer.index].role {
        case .output: outputs.insert(buffer)
        case .workspace: arrays.insert(buffer)
        case .input, .index, .row: continue
        }
      }
    }
    return outputs.sorted()
  }

  /// The order of a sum that rode in an earlier region; `nil` if its slots are not of blocks, which
  /// is a flaw of the kernel.
  package func order(of join: Join) -> SumOrder? { buffers[join.slots.index].blocks }

  /// The axes that a region loops over inside of its kept ones, each once.
  package func work(of region: Region) -> [Int] {
    var axes: [Int] = []
    for sweep in region.sweeps {
      for axis in sweep.segments + sweep.run where !axes.contains(axis) { axes.append(axis) }
    }
    return axes
  }

  /// The inputs and outputs of a region that have an element for each place of its loops.
  package func tensors(of region: Region) -> [BufferID] {
    let loops = Set(region.kept + work(of: region))
    return region.reads.union(region.writes).sorted().filter { id in
      let role = buffers[id.index].role
      return (role == .input || role == .output) && Set(buffers[id.index].axes) == loops
    }
  }
}

extension Region {
  package var sweeps: [Sweep] { steps.compactMap(\.sweep) }

  /// The buffers that it reads.
  package var reads: Set<BufferID> {
    var found = Set<BufferID>()
    for body in bodies {
      for case .load(let buffer) in body.arguments { found.insert(buffer) }
    }
    found.formUnion(joins.map(\.slots))
    return found
  }

  /// The buffers that it writes.
  package var writes: Set<BufferID> {
    var found = Set(rides?.slots ?? [])
    for step in steps {
      switch step {
      case .scalars(let step): found.formUnion(step.stores.map(\.buffer))
      case .reduce: continue
      case .store(let step): found.formUnion(step.stores.map(\.buffer))
      }
    }
    return found
  }

  package var bodies: [Body] { prologue.map(\.body) + steps.flatMap(\.bodies) }
}

extension Step {
  /// The scalars that it makes.
  package var scalars: [ScalarID] {
    switch self {
    case .scalars(let step): step.defines.map(\.scalar)
    case .reduce(let step): step.accumulators.flatMap(\.scalars)
    case .store: []
    }
  }
}

extension Accumulator {
  /// The scalars that it makes.
  package var scalars: [ScalarID] {
    switch kind {
    case .total(let id), .maximum(let id), .minimum(let id): [id]
    case .moments(let mean, let squares): [mean, squares].compactMap(\.self)
    }
  }
}

extension Region {
  /// The columns of which a place is a stretch.
  package var stretchedColumns: [Int] { columns.isEmpty ? turnColumns : columns }
}
