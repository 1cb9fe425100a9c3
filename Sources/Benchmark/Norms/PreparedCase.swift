import LoopIR
import NormGen
import Syntax

/// A case that is compiled by several engines, with its arrays in memory.
package struct PreparedCase {
  let norm: NormCase
  private let engines: [BenchmarkEngine]
  private let kernels: [Kernel]
  private let threads: [Kernel.Threads]
  let arrays: CallArrays
  private let sizes: [String: Int]

  /// Compiles the norm, and calls what is measured once; before a backward, the forward, for what
  /// it saves.
  ///
  /// - Precondition: there is an engine.
  /// - Throws: `InputError` if sizes or settings do not fit the norm; what the compiler throws.
  package init(
    _ norm: NormCase, _ engines: [BenchmarkEngine], _ store: inout KernelStore
  ) throws {
    var settings = norm.options.settings
    let event = try norm.event.map { (name) throws(InputError) in
      try norm.norm.event(named: name)
    }
    _ = try norm.norm.arguments(of: event, among: &settings)
    try norm.norm.checkSettings(settings)
    try norm.norm.checkScalarsAreKnown(settings)
    let sizes = try norm.norm.callSizes(given: norm.options.sizes).byName
    let kernels = try engines.map { try store.kernel(norm, $0) }
    threads = try engines.map { (engine) throws(InputError) in try store.threads(engine.threads) }
    self.norm = norm
    self.engines = engines
    self.kernels = kernels
    self.sizes = sizes
    let functions = norm.prepared.compactMap { kernels[0].interface.function($0, norm.phase) }
    arrays = try reporting(on: engines[0].engine) {
      try CallArrays(
        of: kernels[0], beside: Array(kernels.dropFirst()), functions, sizes: sizes,
        settings: norm.options.settings)
    }
    guard let first = norm.prepared.first else { return }
    for index in kernels.indices { try call(index, first)(1) }
  }

  /// The engines, each making its call, in order.
  package func subjects(_ function: MeasuredFunction) throws -> [Subject] {
    try engines.indices.map { Subject(engines[$0].name, run: try call($0, function)) }
  }

  package func subjects(_ direction: Direction) throws -> [Subject] {
    try subjects(.direction(direction))
  }

  /// The bytes of all that a function reads and writes, each once; without the workspace.
  package func byteCount(_ function: MeasuredFunction) throws -> Int {
    try arguments(of: function).reduce(0) { sum, argument in
      guard argument.role != .workspace else { return sum }
      return sum + (try kernels[0].layout(of: argument, sizes: sizes)?.byteCount ?? 0)
    }
  }

  package func byteCount(_ direction: Direction) throws -> Int {
    try byteCount(.direction(direction))
  }

  func arguments(of function: MeasuredFunction) -> [KernelArgument] {
    kernels[0].interface.function(function, norm.phase)?.arguments ?? []
  }

  private func call(
    _ index: Int, _ function: MeasuredFunction
  ) throws -> (Int) throws -> Void {
    let engine = engines[index].engine
    let kernel = kernels[index]
    let sizes = kernel.open(sizes)
    return try reporting(on: engine) {
      let call =
        switch function {
        case .direction(let direction):
          try PreparedCall(
            kernel, direction.ofKernels, norm.phase.ofKernels, sizes: sizes,
            values: arrays.values, buffers: arrays.buffers, threads: threads[index])
        case .event(let name):
          try PreparedCall(
            kernel, event: name, sizes: sizes, values: arrays.values, buffers: arrays.buffers,
            threads: threads[index])
        }
      return { times in try reporting(on: engine) { try call.run(times: times) } }
    }
  }
}

extension NormCase {
  /// The functions whose arrays are there.
  fileprivate var prepared: [MeasuredFunction] {
    event.map { [.event($0)] } ?? Direction.standard.map { .direction($0) }
  }
}

extension KernelInterface {
  fileprivate func function(_ function: MeasuredFunction, _ phase: CallPhase) -> KernelFunction? {
    switch function {
    case .direction(let direction): self.function(direction, phase)
    case .event(let name): self.function(event: name)
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
