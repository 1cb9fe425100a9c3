import CCode
import LoopIR

/// Which regions may take their places as lanes.
///
/// A row of few elements leaves most lanes of a vector empty. Where all sweeps of a region run
/// along one short axis that lies innermost in memory, LANES places are *turned* instead: each lane
/// holds a place, and the loops of the sweeps run over the elements of the rows. Statistics are
/// then made for LANES places at once. No bit of a result changes: each slot of a row has one
/// element at most, and the slots are added pairwise in the same halves; sums that ride take the
/// rows one after the other, as they would.
extension LoopKernel {
  /// The axis along which all sweeps of a region run, if its places may be lanes; `nil` if they
  /// may not.
  func turnedAxis(of region: Region) -> Int? {
    guard type == .float32, region.columns.isEmpty, !region.kept.isEmpty, region.joins.isEmpty,
      region.rides.map({ $0.order.run.isEmpty }) ?? true,
      let axis = turnedSteps(of: region).lazy.compactMap(\.sweep).first?.run.first
    else { return nil }
    if let extent = axes[axis].extent.number, extent > CComputeType.mostTurned { return nil }
    let steps = turnedSteps(of: region)
    let reduces = steps.contains { if case .reduce = $0 { true } else { false } }
    return reduces && steps.allSatisfy({ mayBeTurned($0, region, axis) }) ? axis : nil
  }

  /// The steps of a region, each sum of which is one block.
  func turnedSteps(of region: Region) -> [Step] { region.stepsOfOneBlock ?? region.steps }

  private func mayBeTurned(_ step: Step, _ region: Region, _ axis: Int) -> Bool {
    switch step {
    case .scalars(let step): return mayBeInLanes(step, region)
    case .reduce(let step):
      return mayBeTurned(step.sweep, step.body, region, axis)
        && step.accumulators.allSatisfy { accumulator in
          if case .moments = accumulator.kind { return accumulator.condition == nil }
          return !accumulator.isWideExtreme(in: self)
        } && mayRide(step.riders, step.body, region, axis)
    case .store(let step):
      return mayBeTurned(step.sweep, step.body, region, axis)
        && step.stores.allSatisfy { place(of: $0.buffer, region, axis) == .row }
        && mayRide(step.riders, step.body, region, axis)
    }
  }

  /// `true` iff the operations on lanes can compute values at LANES places at once.
  func mayBeInLanes(_ step: ScalarStep, _ region: Region) -> Bool {
    !step.isOfColumns && step.body.program.hasLaneForm
      && step.body.arguments.allSatisfy { mayBeRead($0, region, nil) }
      && step.stores.allSatisfy { place(of: $0.buffer, region, nil) == .each }
  }

  /// `true` iff sums may take rows as they lie in memory: what they add is made once more, and must
  /// be cheap.
  private func mayRide(
    _ riders: [Rider], _ body: Body, _ region: Region, _ axis: Int
  ) -> Bool {
    let roots = riders.flatMap(\.roots)
    let isCheap = body.program.values(for: roots).allSatisfy { value in
      if case .function = body.program.operations[value.index] { false } else { true }
    }
    return isCheap && riders.allSatisfy { $0.condition == nil }
      && body.arguments(of: roots).allSatisfy { source in
        switch source {
        case .load(let id): place(of: id, region, axis) != .kept
        case .scalar(let id): scalars[id.index].type == .number
        case .parameter, .size, .place, .within: false
        }
      }
  }

  private func mayBeTurned(_ sweep: Sweep, _ body: Body, _ region: Region, _ axis: Int) -> Bool {
    sweep == Sweep(segments: [], run: [axis]) && !body.program.types.contains(.wide)
      && body.arguments.allSatisfy { mayBeRead($0, region, axis) }
  }

  private func mayBeRead(_ source: Source, _ region: Region, _ axis: Int?) -> Bool {
    switch source {
    case .load(let id): place(of: id, region, axis) != nil
    case .scalar: true
    case .parameter, .size: axis == nil
    case .place, .within: false
    }
  }

  /// How the elements of a buffer lie among the places and the elements of rows; `nil` if they lie
  /// in no way that can be turned.
  func place(of id: BufferID, _ region: Region, _ axis: Int?) -> Turned.Place? {
    let buffer = buffers[id.index]
    if buffer.role == .row { return buffer.axes == [axis].compactMap(\.self) ? .kept : nil }
    guard buffer.element == .number else { return nil }
    if buffer.axes.isEmpty { return .one }
    if buffer.axes == region.kept { return .each }
    guard let axis else { return nil }
    if buffer.axes == [axis] { return .along }
    return buffer.axes == region.kept + [axis] ? .row : nil
  }
}

/// Names of what is turned.
enum Turned {
  /// The numbers of elements that have kernels of their own, with all loops written out.
  static let lengths = [2, 4, 8, 16]

  /// How the elements of a buffer lie.
  enum Place: Hashable {
    /// One for all places.
    case one
    /// One for each place.
    case each
    /// A row for each place.
    case row
    /// A row for all places.
    case along
    /// A row on the stack, for each place.
    case kept
  }
}

extension LaneProgram {
  /// `true` iff the operations on lanes compute it: those on wide lanes are arithmetic only.
  fileprivate var hasLaneForm: Bool {
    zip(operations, types).allSatisfy { operation, type in
      switch operation {
      case .argument, .constant, .widen, .narrow, .binary, .fused: type != .integer
      case .unary, .select: type == .number
      case .compare(_, let a, _): types[a.index] == .number
      case .truth, .logic, .not: true
      case .integerConstant, .integer, .compareInteger, .bitcast, .toInteger, .toNumber,
        .function:
        false
      }
    }
  }
}
