import Basics
import LoopIR

/// What a process tells the others between two steps: bytes that mean something to the same step
/// of the same kernel alone.
public struct PartialResults: Hashable, Sendable {
  /// Words, since C wants them aligned.
  fileprivate var words: [UInt64]

  fileprivate init(byteCount: Int) { words = Array(repeating: 0, count: (byteCount + 7) / 8) }

  /// What `bytes` of other partial results was.
  public init(bytes: [UInt8]) {
    self.init(byteCount: bytes.count)
    words.withUnsafeMutableBytes { $0.copyBytes(from: bytes) }
  }

  /// What is sent to the other processes: as many bytes from each.
  public var bytes: [UInt8] { words.withUnsafeBytes { Array($0) } }
}

/// Functions that several processes compute together.
///
/// A norm with reductions over `ranks` takes the elements of all processes; each has elements and
/// sizes of its own. The other methods of `Kernel` are for a process that computes alone.
extension Kernel {
  /// The elements of one process.
  public struct RankCall: Sendable {
    public var sizes: [String: Int]
    public var arrays: [String: KernelArray]
    public var values: [String: KernelValue]

    public init(
      sizes: [String: Int] = [:], arrays: [String: KernelArray],
      values: [String: KernelValue] = [:]
    ) {
      self.sizes = sizes
      self.arrays = arrays
      self.values = values
    }
  }

  /// Runs a function as one of several processes.
  ///
  ///     let results = try kernel.run(.forward, as: call) { partials in
  ///       try transport.gather(partials.bytes).map { PartialResults(bytes: $0) }
  ///     }
  ///
  /// - Parameters:
  ///   - call: what this process has of its own, as in `run` without ranks.
  ///   - gather: is given what this process tells the others, and returns what all processes tell,
  ///     in the order of ranks, its own included. All processes call it as often, and at the same
  ///     step; a function that needs nothing of other processes does not call it.
  /// - Returns: all that the function makes, by the names in C.
  /// - Throws: what `gather` throws, or a `KernelError`: `.status` for partial results of other
  ///   kernels, steps or sizes.
  public func run(
    _ direction: Direction, _ phase: Phase = .train, as call: RankCall, threads: Threads? = nil,
    gather: (PartialResults) throws -> [PartialResults]
  ) throws -> [String: KernelArray] {
    var run = try RankRun(self, direction, phase, call, threads)
    while let partials = try run.step() {
      let all = try gather(partials)
      try run.take(all)
    }
    return run.results
  }

  /// Runs a function of several processes in this one, step by step.
  ///
  /// - Parameter ranks: what each process has of its own, in the order of ranks.
  /// - Returns: what each of them makes.
  public func run(
    _ direction: Direction, _ phase: Phase = .train, ranks: [RankCall], threads: Threads? = nil
  ) throws(KernelError) -> [[String: KernelArray]] {
    var runs: [RankRun] = []
    for call in ranks { runs.append(try RankRun(self, direction, phase, call, threads)) }
    while true {
      var partials: [PartialResults] = []
      for rank in runs.indices {
        if let own = try runs[rank].step() { partials.append(own) }
      }
      if partials.isEmpty { return runs.map(\.results) }
      for rank in runs.indices { try runs[rank].take(partials) }
    }
  }
}

/// A function of several processes while one of them runs it.
private struct RankRun {
  private let kernel: Kernel
  private let steps: [KernelFunction]
  private let cuts: [KernelCut]
  private let call: Kernel.RankCall
  private let sizes: [String: Int]
  private let threads: Kernel.Threads?
  /// How many steps are done.
  private var done = 0
  /// The merged results, by the arguments that they are for.
  private var merged: [String: PartialResults] = [:]
  private(set) var results: [String: KernelArray] = [:]

  init(
    _ kernel: Kernel, _ direction: Kernel.Direction, _ phase: Kernel.Phase,
    _ call: Kernel.RankCall, _ threads: Kernel.Threads?
  ) throws(KernelError) {
    self.kernel = kernel
    self.call = call
    self.threads = threads
    let whole = try kernel.function(direction, phase)
    let ranked = kernel.interface.rankedFunction(direction.inInterface, phase.inInterface)
    steps = ranked?.steps ?? [whole]
    cuts = ranked?.cuts ?? []
    sizes = try SizeTable(
      call.sizes, for: whole, in: kernel.interface, arrays: call.arrays.mapValues(\.count)
    ).sizes
  }

  /// Runs the next step; what others need to go on, or `nil` if all is done.
  mutating func step() throws(KernelError) -> PartialResults? {
    guard done < steps.count else { return nil }
    let step = steps[done]
    let cut = done < cuts.count ? cuts[done] : nil
    let known = cuts.prefix(done)
    done += 1
    guard let cut else {
      results.merge(try run(step, known, KernelBuffers())) { $1 }
      return nil
    }
    var partials = PartialResults(byteCount: try byteCount(at: cut))
    let made = try withBytes(of: &partials) { (bytes) throws(KernelError) in
      var buffers = KernelBuffers()
      buffers["partials"] = KernelBuffer(
        writing: bytes.baseAddress, byteCount: bytes.count, of: .bytes)
      return try run(step, known, buffers)
    }
    results.merge(made) { $1 }
    return partials
  }

  /// Merges what all processes have told after the last step.
  mutating func take(_ partials: [PartialResults]) throws(KernelError) {
    let cut = cuts[done - 1]
    var result = PartialResults(byteCount: try byteCount(at: cut))
    for other in partials where other.words.count != result.words.count {
      throw .wrongLength(
        argument: "partials", expected: result.words.count * 8, actual: other.words.count * 8)
    }
    var all = PartialResults(byteCount: 0)
    all.words = partials.flatMap(\.words)
    try withBytes(of: &all) { (given) throws(KernelError) in
      try withBytes(of: &result) { (merged) throws(KernelError) in
        let slots: [CallSlot] = [
          .word(UInt64(partials.count)), .array(given.baseAddress), .array(merged.baseAddress),
        ]
        try code().invoke(cut.mergeSymbol, slots)
      }
    }
    merged[cut.argument] = result
  }

  private func byteCount(at cut: KernelCut) throws(KernelError) -> Int {
    try kernel.byteCount(
      cut.byteCountSymbol, of: "partials", SizeTable(unchecked: sizes, in: kernel.interface),
      beside: code())
  }

  /// The code of the steps, and of what lies between them.
  private func code() throws(KernelError) -> LoadedFunctions {
    try kernel.loaded(steps[0].symbol) { sizes[$0] }
  }

  /// Runs a step with what was merged at the cuts `known`.
  private func run(
    _ step: KernelFunction, _ known: ArraySlice<KernelCut>, _ buffers: KernelBuffers
  ) throws(KernelError) -> [String: KernelArray] {
    guard let cut = known.first else {
      return try kernel.run(
        step, sizes: sizes, arrays: call.arrays, values: call.values, wanted: nil,
        threads: threads, beside: buffers)
    }
    guard var partials = merged[cut.argument] else { throw .missingArgument(cut.argument) }
    return try withBytes(of: &partials) { (bytes) throws(KernelError) in
      var buffers = buffers
      buffers[cut.argument] = KernelBuffer(
        reading: bytes.baseAddress, byteCount: bytes.count, of: .bytes)
      return try run(step, known.dropFirst(), buffers)
    }
  }
}

/// Calls `body` with the memory of partial results.
private func withBytes<Result>(
  of partials: inout PartialResults,
  _ body: (UnsafeMutableRawBufferPointer) throws(KernelError) -> Result
) throws(KernelError) -> Result {
  var span = partials.words.mutableSpan
  return try span.withUnsafeMutableBytes(body)
}
