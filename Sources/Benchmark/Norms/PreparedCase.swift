import LoopIR
import NormGen
import Syntax

/// A case that is compiled by several engines, with its arrays in memory.
package struct PreparedCase {
  private let norm: NormCase
  private let engines: [BenchmarkEngine]
  private let kernels: [Kernel]
  private let threads: [Kernel.Threads]
  private let arrays: CallArrays
  private let sizes: [String: Int]

  /// Compiles the norm, and runs forward once for what backward needs of it.
  ///
  /// - Precondition: there is an engine.
  /// - Throws: `InputError` if sizes or settings do not fit the norm; what the compiler throws.
  package init(
    _ norm: NormCase, _ engines: [BenchmarkEngine], _ store: inout KernelStore
  ) throws {
    try norm.norm.checkSettings(norm.options.settings)
    try norm.norm.checkScalarsAreKnown(norm.options.settings)
    let sizes = try norm.norm.callSizes(given: norm.options.sizes).byName
    let kernels = try engines.map { try store.kernel(norm, $0) }
    threads = try engines.map { (engine) throws(InputError) in try store.threads(engine.threads) }
    self.norm = norm
    self.engines = engines
    self.kernels = kernels
    self.sizes = sizes
    arrays = try reporting(on: engines[0].engine) {
      try CallArrays(of: kernels[0], norm.phase, sizes: sizes, settings: norm.options.settings)
    }
    for index in kernels.indices { try call(index, .forward)(1) }
  }

  /// The engines, each making its call, in order.
  package func subjects(_ direction: Direction) throws -> [Subject] {
    try engines.indices.map { Subject(engines[$0].name, run: try call($0, direction)) }
  }

  /// The bytes of all that a function reads and writes, each once; without the workspace.
  package func byteCount(_ direction: Direction) throws -> Int {
    let function = kernels[0].interface.function(direction, norm.phase)
    return try (function?.arguments ?? []).reduce(0) { sum, argument in
      guard argument.role != .workspace else { return sum }
      return sum + (try kernels[0].layout(of: argument, sizes: sizes)?.byteCount ?? 0)
    }
  }

  private func call(_ index: Int, _ direction: Direction) throws -> (Int) throws -> Void {
    let engine = engines[index].engine
    let kernel = kernels[index]
    return try reporting(on: engine) {
      let call = try PreparedCall(
        kernel, direction.ofKernels, norm.phase.ofKernels,
        sizes: sizes.filter { kernel.sizeNames.contains($0.key) }, values: arrays.values,
        buffers: arrays.buffers, threads: threads[index])
      return { times in try reporting(on: engine) { try call.run(times: times) } }
    }
  }
}

extension Direction {
  var ofKernels: Kernel.Direction {
    switch self {
    case .forward: .forward
    case .backward: .backward
    }
  }
}

extension CallPhase {
  fileprivate var ofKernels: Kernel.Phase {
    switch self {
    case .train: .train
    case .eval: .eval
    }
  }
}
