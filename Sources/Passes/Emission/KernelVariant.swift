import CCode
import LoopIR

/// One kernel of a region: the same code, compiled for what is known of a call. The last that fits
/// is taken.
enum KernelVariant: Hashable {
  /// For all calls that no other takes.
  case general
  /// Each sum is one block of the canonical order: no loops over parts and blocks, no merges.
  case block
  /// The innermost runs are one step, and all quarters of it hold something: no loops over steps,
  /// and no tests of vectors but in the last quarter. Each sum of the region is one block, too.
  case oneStep
  /// Results are larger than the caches, and bypass them.
  case stream
  /// Both of these.
  case streamBlock
  /// The run of sums that ride is so short that each place of it has a slot of its own: they ride
  /// along several runs at once. Each sum of the region is one block, too.
  case short
  /// Rows are short enough to make the statistics of GATHERED of them together, in lanes.
  case gathered
  /// Results bypass the caches as well.
  case gatheredStream
  /// Rows are so short that sums over them are held in vectors. Each sum of the region is one
  /// block, too.
  case held
  /// Results bypass the caches as well.
  case heldStream
  /// Rows are so short that LANES places are taken at once, each in a lane: of any length up to
  /// that, or of this one.
  case turned(Int?)

  static let all: [KernelVariant] =
    [
      .general, .block, .oneStep, .stream, .streamBlock, .short, .gathered, .gatheredStream, .held,
      .heldStream, .turned(nil),
    ]
    + Turned.lengths.map { .turned($0) }

  var isTurned: Bool { if case .turned = self { true } else { false } }
  var isGathered: Bool { self == .gathered || self == .gatheredStream }

  /// What its name in C ends in.
  var suffix: String {
    switch self {
    case .general: ""
    case .block: "_block"
    case .oneStep: "_one_step"
    case .stream: "_stream"
    case .streamBlock: "_stream_block"
    case .short: "_short"
    case .gathered: "_gathered"
    case .gatheredStream: "_gathered_stream"
    case .held: "_held"
    case .heldStream: "_held_stream"
    case .turned(let length): "_turned" + (length.map { "_\($0)" } ?? "")
    }
  }
}

extension KernelVariant {
  /// The one of `variants` that a region takes which has them, in a call for which another region
  /// takes this one; a guess.
  func closest(of variants: [KernelVariant]) -> KernelVariant {
    let candidates: [KernelVariant] =
      switch self {
      case .general: []
      case .block, .short, .held, .turned: [self, .block]
      case .oneStep, .gathered: [self, .held, .block]
      case .stream: [self]
      case .gatheredStream: [self, .gathered, .heldStream, .streamBlock, .stream, .block]
      case .heldStream: [self, .streamBlock, .stream, .block]
      case .streamBlock: [self, .stream, .block]
      }
    return candidates.first { variants.contains($0) } ?? .general
  }

  /// `true` iff each sum is one block.
  var isOfOneBlock: Bool {
    switch self {
    case .general, .stream: false
    case .block, .oneStep, .streamBlock, .short, .gathered, .gatheredStream, .held, .heldStream,
      .turned:
      true
    }
  }
}

/// What the code of a region may be told, as constants that each of its kernels sets.
enum KernelSwitch: String, CaseIterable {
  case stream
  case oneBlock = "one_block"
  case shortRun = "short_run"
  case oneStep = "one_step"
  case held

  func isOn(in variant: KernelVariant) -> Bool {
    switch self {
    case .stream: [.stream, .streamBlock, .gatheredStream, .heldStream].contains(variant)
    case .oneBlock: variant.isOfOneBlock
    case .shortRun: variant == .short
    case .oneStep: variant == .oneStep
    case .held: variant == .held || variant == .heldStream
    }
  }
}

extension KernelSwitch {
  /// What code that several kernels share knows of a switch.
  enum Knowledge: Equatable {
    case never
    case always
    /// Each kernel tells it.
    case asTold(KernelSwitch)

    /// What is done in kernels where the switch is on, and in others.
    func choose(_ on: [CStatement], otherwise off: [CStatement]) -> [CStatement] {
      switch self {
      case .never: off
      case .always: on
      case .asTold(let known) where on.isEmpty:
        off.isEmpty ? [] : [.branch(.not(.name(known.rawValue)), off)]
      case .asTold(let known): [.branch(.name(known.rawValue), on, otherwise: off)]
      }
    }

    /// The value in kernels where the switch is on, and in others.
    func choose(_ on: CExpression, otherwise off: CExpression) -> CExpression {
      switch self {
      case .never: off
      case .always: on
      case .asTold(let known): .conditional(.name(known.rawValue), on, off)
      }
    }
  }
}

extension LoopKernel {
  /// The kernels of a region.
  func variants(of region: Region) -> [KernelVariant] {
    let turned = turnedAxis(of: region)
    let gathered = gatheredRows(of: region)
    let isHeld = heldRun(of: region) != nil
    return KernelVariant.all.filter { variant in
      switch variant {
      case .general: true
      case .stream: !streamed(by: region).isEmpty
      case .block: !openSums(of: region).isEmpty
      case .oneStep: innermostRun(of: region) != nil
      case .streamBlock: !streamed(by: region).isEmpty && !openSums(of: region).isEmpty
      case .short: shortRides(in: region) != nil
      case .gathered: gathered != nil
      case .gatheredStream: gathered?.gain == .ofSweeps && !streamed(by: region).isEmpty
      case .held: isHeld
      case .heldStream: isHeld && !streamed(by: region).isEmpty
      case .turned(let length):
        turned.map { length == nil || axes[$0].extent.number == nil } ?? false
      }
    }
  }

  /// The sweeps that reduce along a run in as many blocks as the sizes of the call make.
  func openSums(of region: Region) -> [Sweep] {
    guard region.columns.isEmpty else { return [] }
    return region.steps.compactMap { step in
      guard case .reduce(let step) = step else { return nil }
      return isFixed(step.sweep) ? nil : step.sweep
    }
  }

  /// The sweep in which sums ride along a run that may be short, with loops around it; `nil` if
  /// there is none, or fixed sizes make the run too long, or what it asks of places holds in the
  /// loops alone.
  func shortRides(in region: Region) -> Sweep? {
    guard let rides = region.rides, !rides.order.run.isEmpty else { return nil }
    let steps = region.steps.compactMap { step -> StoreStep? in
      guard case .store(let step) = step else { return nil }
      return step.riders.isEmpty || step.sweep.segments.isEmpty ? nil : step
    }
    guard let sweep = steps.first?.sweep, steps.allSatisfy(\.mayBeOneRun) else { return nil }
    return fixedExtents(of: sweep.run).allSatisfy { $0 <= type.prelude.slots } ? sweep : nil
  }

  /// The run of the last sweep of a region of rows; `nil` if no size of the call decides how long
  /// it is, or no sweep takes all of it.
  func innermostRun(of region: Region) -> [Int]? {
    guard region.columns.isEmpty, region.rides == nil else { return nil }
    let sweeps = region.steps.compactMap { step -> Sweep? in
      switch step {
      case .scalars: nil
      case .reduce(let step): step.sweep
      case .store(let step): step.sweep
      }
    }
    guard let run = sweeps.last?.run, fixedExtents(of: run).count < run.count,
      region.steps.contains(where: { $0.takesWhole(run) })
    else { return nil }
    return run
  }

  /// `true` iff no size of the call decides how long a sweep is.
  func isFixed(_ sweep: Sweep) -> Bool {
    let looped = sweep.segments + sweep.run
    return fixedExtents(of: looped).count == looped.count
  }

  /// The extents of those of some axes whose sizes are baked in.
  func fixedExtents(of some: [Int]) -> [Int] { some.compactMap { axes[$0].extent.number } }
}

extension StoreStep {
  /// `true` iff its loops and its run may be one run: a place in a loop would then differ from lane
  /// to lane, and a range of the run would be none of the whole.
  fileprivate var mayBeOneRun: Bool {
    body.arguments.allSatisfy { source in
      switch source {
      case .place(let axes): Set(axes).isDisjoint(with: sweep.segments)
      case .within(let range): range.axes.leads(sweep.segments + sweep.run)
      case .load, .scalar, .parameter, .size: true
      }
    }
  }
}

extension Step {
  /// `true` iff it sweeps over all elements of `run`.
  fileprivate func takesWhole(_ run: [Int]) -> Bool {
    switch self {
    case .scalars: false
    case .reduce(let step): step.sweep.run == run && step.stretches.isEmpty
    case .store(let step): step.sweep.run == run
    }
  }
}
