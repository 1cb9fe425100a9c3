import CCode
import LoopIR

/// Which regions may make the statistics of several rows together, in lanes.
///
/// The divisions and roots behind the sums of one short row take longer than its sweeps. Where rows
/// are short, the sweeps of GATHERED rows are done one after the other; their sums are *gathered*,
/// each in a lane, and what follows is computed for LANES rows at once. No bit of a result changes:
/// each sum is one block, whose slots are added pairwise in the same halves. Rows of nothing, which
/// have no block, are not gathered: their moments would be quotients of zeros.
struct GatheredRows {
  /// The axes along which all sums are made.
  let run: [Int]
  let gain: Gain

  /// What is gained.
  enum Gain {
    /// Sweeps that wait for what earlier ones reduce wait once for all rows.
    case ofSweeps
    /// Roots are taken of all rows at once: that is less than it costs to fetch rows together from
    /// memory.
    case ofRoots
  }
}

extension LoopKernel {
  /// The rows of a region whose sums may be gathered; `nil` if they may not.
  func gatheredRows(of region: Region) -> GatheredRows? {
    guard type == .float32, region.columns.isEmpty, !region.kept.isEmpty, region.joins.isEmpty,
      region.rides.map({ $0.order.run.isEmpty }) ?? true
    else { return nil }
    let steps = turnedSteps(of: region)
    let sums = steps.compactMap { step -> Sweep? in
      if case .reduce(let step) = step { step.sweep } else { nil }
    }
    guard let run = sums.first?.run, !run.isEmpty, let gain = gainOfGathering(steps, region),
      sums.allSatisfy({ $0 == Sweep(segments: [], run: run) }),
      fixedExtents(of: run).allSatisfy({ $0 <= CComputeType.longestGathered }),
      steps.allSatisfy({ mayBeGathered($0, region) }),
      areCarriedAsNumbers(steps, common: Set(region.prologue.flatMap(\.defines).map(\.scalar)))
    else { return nil }
    return GatheredRows(run: run, gain: gain)
  }

  /// What a region gains; `nil` for nothing: a division takes no longer than a sweep.
  private func gainOfGathering(_ steps: [Step], _ region: Region) -> GatheredRows.Gain? {
    if steps.reductions > 1 { return .ofSweeps }
    let hasRoot = steps.contains { step in
      guard case .scalars(let step) = step else { return false }
      return step.body.program.operations.contains { $0.isRoot }
    }
    return hasRoot && region.rides == nil ? .ofRoots : nil
  }

  private func mayBeGathered(_ step: Step, _ region: Region) -> Bool {
    switch step {
    case .store(let step): !step.body.readsRanges
    case .scalars(let step): mayBeInLanes(step, region)
    case .reduce(let step):
      step.selection == nil && !step.body.readsRanges
        && step.accumulators.allSatisfy { accumulator in
          switch accumulator.kind {
          case .total: true
          case .moments: accumulator.condition == nil
          case .maximum, .minimum: !accumulator.isWideExtreme(in: self)
          }
        }
    }
  }

  /// `true` iff all values that one loop over the rows makes and another takes are numbers, which
  /// arrays hold between them.
  private func areCarriedAsNumbers(_ steps: [Step], common: Set<ScalarID>) -> Bool {
    var known = common
    for step in steps {
      let read = step.body.arguments.compactMap { source -> ScalarID? in
        if case .scalar(let id) = source { id } else { nil }
      }
      if step.sweep != nil { known = common }
      guard read.allSatisfy({ known.contains($0) || scalars[$0.index].type == .number }) else {
        return false
      }
      known.formUnion(step.scalars)
    }
    return true
  }
}

extension LaneOperation {
  fileprivate var isRoot: Bool { if case .unary(.squareRoot, _) = self { true } else { false } }
}
