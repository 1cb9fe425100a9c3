import LoopIR

/// The loops of a function in one of their forms.
struct KernelForm {
  /// What its names in C begin with: `forward`, or `forward_flat` where a size is 1.
  let name: String
  let kernel: LoopKernel
  /// The size that is 1 where this form is taken; `nil` for the general form.
  let unit: String?
  /// By region, the variants of its kernel.
  private let variants: [[KernelVariant]]
  /// By region, `true` iff a few places are taken together.
  private let splits: [Bool]
  /// By region, `true` iff it is compiled for one lane alone.
  private let lone: [Bool]

  init(name: String, kernel: LoopKernel, unit: String? = nil) {
    (self.name, self.kernel, self.unit) = (name, kernel, unit)
    variants = kernel.regions.map { kernel.variants(of: $0) }
    splits = kernel.regions.map { $0.isSplit(in: kernel) }
    lone = kernel.regions.map { $0.isOfOneLane(kernel.type) }
  }

  /// The name in C of a region, and the first part of the names of what belongs to it.
  func regionName(_ region: Int) -> String {
    kernel.regions.count == 1 ? name : "\(name)_\(region + 1)"
  }

  func variants(_ region: Int) -> [KernelVariant] { variants[region] }
  func isSplit(_ region: Int) -> Bool { splits[region] }
  func isOfOneLane(_ region: Int) -> Bool { lone[region] }

  /// The names in C of the kernels of a region.
  func kernelNames(_ region: Int) -> [String] {
    variants(region).map { regionName(region) + $0.suffix }
  }

  /// The code of which a kernel of a region is made.
  func part(of variant: KernelVariant, _ region: Int) -> KernelPart {
    if variant.isTurned { return .turned }
    let hasSteps = kernel.regions[region].stepsOfOneBlock != nil
    return hasSteps && variant.isOfOneBlock && variant != .short ? .oneBlock : .general
  }

  /// The kernels with which one is written where not all of a region are wanted.
  func group(of variant: KernelVariant, _ region: Int) -> KernelGroup.Members {
    switch variant {
    case .general, .block, .held: .one(variant)
    case .gathered, .gatheredStream: .gathered
    case .oneStep, .stream, .streamBlock, .short, .heldStream, .turned:
      .part(part(of: variant, region))
    }
  }

  /// The kernels of a group.
  func variants(of group: KernelGroup) -> [KernelVariant] {
    variants(group.region).filter { variant in
      switch group.members {
      case .one(let one): variant == one
      case .gathered: variant.isGathered
      case .part(let part): self.part(of: variant, group.region) == part && !variant.isGathered
      }
    }
  }

  /// `true` iff rows are turned in a region.
  var hasTurnedRows: Bool { variants.joined().contains { $0.isTurned } }

  /// `true` iff sums are gathered in a region.
  var gathersSums: Bool { variants.joined().contains { $0.isGathered } }

  /// The names in C of all kernels.
  var kernelNames: [String] {
    kernel.regions.indices.flatMap { kernelNames($0) }
  }

  var callType: String { name + "_call" }

  // Members of the call: how many places a region has, in all and in an executor piece, how many
  // columns a place has, how many places it takes before it is another region's turn, whether its
  // results bypass the caches, whether its sums are of one block, whether its runs are one step,
  // whether the run of sums that ride is short, whether sums of rows are gathered, whether those
  // over rows are held, and how long rows are that are turned.
  func places(_ region: Int) -> String { "places_\(region + 1)" }
  func share(_ region: Int) -> String { "piece_\(region + 1)" }
  func stream(_ region: Int) -> String { "stream_\(region + 1)" }
  func short(_ region: Int) -> String { "short_\(region + 1)" }
  func together(_ region: Int) -> String { "together_\(region + 1)" }
  func gathered(_ region: Int) -> String { "gathered_\(region + 1)" }
  func held(_ region: Int) -> String { "held_\(region + 1)" }
  func turned(_ region: Int) -> String { "turned_\(region + 1)" }
  func oneBlock(_ region: Int) -> String { "one_block_\(region + 1)" }
  func oneStep(_ region: Int) -> String { "one_step_\(region + 1)" }
  func turn(_ region: Int) -> String { "turn_\(region + 1)" }
  func stretch(_ region: Int) -> String { "stretch_\(region + 1)" }

  /// The regions that take turns with region `last` and come before it, and itself.
  func regionsInTurn(upTo last: Int) -> Range<Int> {
    var first = last
    while kernel.regions[first].takesTurns { first -= 1 }
    return first..<last + 1
  }

  /// The member for `stream` of the region of rows that takes turns with region `place`, if there
  /// is one and it streams.
  func streamOfTurns(with place: Int) -> String? {
    guard let next = kernel.regions.dropFirst(place + 1).first, !next.turnColumns.isEmpty,
      variants(place + 1).contains(.stream)
    else { return nil }
    return stream(place + 1)
  }

  /// The arrays that live from one region to another, and the indices as numbers.
  var workspace: [Buffer] {
    kernel.buffers.filter { $0.role == .workspace || $0.role == .index }
  }
}

extension Region {
  /// `true` iff a sweep computes in float64 beside a narrower compute type, or with places, which
  /// differ from lane to lane: there are no lanes for these.
  fileprivate func isOfOneLane(_ type: ComputeType) -> Bool {
    steps.contains { step in
      guard let run = step.sweep?.run else { return false }
      if type == .float32 && step.body.program.types.contains(.wide) { return true }
      return step.body.arguments.contains { source in
        if case .place(let axes) = source { !Set(axes).isDisjoint(with: run) } else { false }
      }
    }
  }
}

extension CompiledFunction {
  /// The general form first.
  var forms: [KernelForm] {
    // `backward_2` is the second region of `backward`.
    let name = step.map { "\(callName)_step_\($0.number)" } ?? name
    let general = KernelForm(name: name, kernel: kernel)
    guard let flat else { return [general] }
    return [general, KernelForm(name: name + "_flat", kernel: flat.kernel, unit: flat.size)]
  }
}
