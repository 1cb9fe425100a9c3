import LoopIR
import NormGen
import Syntax

/// A case that is compiled by several engines, with its arrays in memory.
package struct PreparedCase {
  private let norm: NormCase
  private let engines: [BenchmarkEngine]
  private let kernels: [Kernel]
  private let arrays: CallArrays
  /// The sizes that are arguments.
  private let sizes: [String: Int]

  /// Compiles the norm, and runs forward once for what backward needs of it.
  ///
  /// - Throws: `InputError` if sizes or settings do not fit the norm; what the compiler throws.
  package init(_ norm: NormCase, _ engines: [BenchmarkEngine]) throws {
    try norm.norm.checkSettings(norm.options.settings)
    try norm.norm.checkScalarsAreKnown(norm.options.settings)
    let checked = try norm.norm.callSizes(given: norm.options.sizes)
    let compiled = try compile(norm.norm, norm.options.ofCalls)
    let kernels = try engines.map { try $0.kernel(compiled, Defaults(of: norm.norm)) }
    guard let first = kernels.first else { preconditionFailure("there is an engine") }
    let sizes = checked.byName.filter { first.sizeNames.contains($0.key) }
    self.norm = norm
    self.engines = engines
    self.kernels = kernels
    self.sizes = sizes
    arrays = try reporting(on: engines[0].engine) {
      try CallArrays(of: first, norm.phase, sizes: sizes, settings: norm.options.settings)
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
    return try reporting(on: engine) {
      let call = try PreparedCall(
        kernels[index], direction.ofKernels, norm.phase.ofKernels, sizes: sizes,
        values: arrays.values, buffers: arrays.buffers)
      return { times in try reporting(on: engine) { try call.run(times: times) } }
    }
  }
}

extension BenchmarkEngine {
  fileprivate func kernel(_ norm: CompiledNorm, _ defaults: Defaults) throws -> Kernel {
    var norm = norm
    if let source {
      norm = CompiledNorm(
        interface: norm.interface, header: norm.header, source: source, jitSource: "")
    }
    return try reporting(on: engine) { try Kernel(norm, engine: engine, defaults: defaults) }
  }
}

/// What `body` returns; what it throws for sizes that cannot be called is an `InputError`.
private func reporting<Result>(on engine: Engine, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as KernelError {
    if let reason = error.reasonForCaller(of: engine) { throw reason }
    throw error
  } catch let error as OutOfMemory {
    throw InputError(error.description)
  }
}

extension Direction {
  fileprivate var ofKernels: Kernel.Direction {
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
