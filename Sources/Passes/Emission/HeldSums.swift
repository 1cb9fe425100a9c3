import CCode
import LoopIR

/// Where rows are short, the sums over them that ride are *held*: their slots stay in vectors from
/// the first row of a set to the last, and are put in memory once. A row that adds to slots in
/// memory loads and stores them beside its own elements, which for short rows takes as long as all
/// the rest.
///
///     /* Not held: for each row */            /* Held */
///     pass(…, slots_d_bias + set * C, …);     lanes slots_d_bias_here[VECTORS];
///                                             lanes slots_d_bias_beyond[VECTORS];
///                                             clear both
///                                             for each row: pass_held(…, both, …);
///                                             put both in slots_d_bias + set * C
///
/// Each slot takes the same terms in the same order: the bits are the same.
extension LoopKernel {
  /// The run along which all sums of rows ride in a region, if they may be held; `nil` if they may
  /// not, there are none, or fixed sizes make the run longer than two steps.
  func heldRun(of region: Region) -> [Int]? {
    guard let rides = region.rides, rides.order.run.isEmpty, region.columns.isEmpty else {
      return nil
    }
    let sweeps = region.steps.compactMap(\.sweepOfRiders)
    let kept = Set(region.kept)
    guard let run = sweeps.first?.run, !run.isEmpty,
      sweeps.allSatisfy({ $0.run == run && $0.segments.isEmpty }),
      rides.slots.allSatisfy({ id in
        buffers[id.index].axes.filter { !kept.contains($0) } == run
          && buffers[id.index].access(along: run) == .contiguous
      })
    else { return nil }
    let known = fixedExtents(of: run).reduce(1) { min($0, 1 << 30) * min($1, 1 << 30) }
    return known <= 2 * type.prelude.slots ? run : nil
  }
}

extension Step {
  /// The sweep in which sums over rows ride, if any do.
  fileprivate var sweepOfRiders: Sweep? {
    switch self {
    case .scalars: nil
    case .reduce(let step): step.riders.isEmpty ? nil : step.sweep
    case .store(let step): step.riders.isEmpty ? nil : step.sweep
    }
  }
}

extension RegionCode {
  /// The slots of a set before its first row: held ones, or those in memory.
  func emptySlots(_ rides: Rides, inMemory: CStatement) -> [CStatement] {
    let held = rides.slots.flatMap { id -> [CStatement] in
      let buffer = kernel.buffers[id.index]
      return [buffer.slotsHere, buffer.slotsBeyond].flatMap { name -> [CStatement] in
        [
          .declare(.array(of: .named("lanes"), count: .name("VECTORS")), name),
          .expression(.callVariant("clear", [.name(name)])),
        ]
      }
    }
    let holding = knowledge(of: .held)
    switch holding {
    case .never: return [inMemory]
    case .always: return held
    case .asTold: return holding.choose([], otherwise: [inMemory]) + held
    }
  }

  /// Puts the slots of a set in memory after its last row, if they are held.
  func putHeldSlots(_ rides: Rides, _ outer: [Int]) -> [CStatement] {
    let puts = rides.slots.flatMap { id -> [CStatement] in
      let buffer = kernel.buffers[id.index]
      let live = CExpression.cast(
        .int, index.size(buffer.axes.filter { !outer.contains($0) }))
      let place = index.blockOffset(buffer, at: Set(outer), block: .name("set"))
      let (slots, steps) = (CExpression.name("SLOTS"), CExpression.add(.name(buffer.name), place))
      return [
        .expression(.callVariant("put_slots", [steps, live, .name(buffer.slotsHere)])),
        .expression(
          .callVariant(
            "put_slots",
            [.add(steps, slots), .subtract(live, slots), .name(buffer.slotsBeyond)])),
      ]
    }
    return knowledge(of: .held).choose(puts, otherwise: [])
  }
}

extension Buffer {
  /// Slots of a sum that rides, in vectors: of the elements of a run up to SLOTS.
  var slotsHere: String { name + "_here" }
  /// Those of the elements from SLOTS on.
  var slotsBeyond: String { name + "_beyond" }
}
