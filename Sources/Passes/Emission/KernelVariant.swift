import CCode
import LoopIR

/// One kernel of a region: the same code, compiled for what is known of a call. The last that fits
/// is taken.
enum KernelVariant: CaseIterable {
  /// For all calls that no other takes.
  case general
  /// Each sum is one block of the canonical order: no loops over parts and blocks, no merges.
  case block
  /// Results are larger than the caches, and bypass them.
  case stream

  /// What its name in C ends in.
  var suffix: String {
    switch self {
    case .general: ""
    case .stream: "_stream"
    case .block: "_block"
    }
  }
}

/// What the code of a region may be told, as constants that each of its kernels sets.
enum KernelSwitch: String, CaseIterable {
  case stream
  case oneBlock = "one_block"

  func isOn(in variant: KernelVariant) -> Bool {
    switch self {
    case .stream: variant == .stream
    case .oneBlock: variant == .block
    }
  }
}

extension LoopKernel {
  /// The kernels of a region.
  func variants(of region: Region) -> [KernelVariant] {
    KernelVariant.allCases.filter { variant in
      switch variant {
      case .general: true
      case .stream: !streamed(by: region).isEmpty
      case .block: !openSums(of: region).isEmpty
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

  /// `true` iff no size of the call decides how long a sweep is.
  func isFixed(_ sweep: Sweep) -> Bool {
    (sweep.segments + sweep.run).allSatisfy { axis in
      if case .fixed = axes[axis].extent { true } else { false }
    }
  }
}
