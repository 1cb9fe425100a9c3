import LoopIR

/// A call whose arguments are checked and laid out, to be made over and over at the cost of the C
/// function alone.
///
/// It refers to the arrays by their addresses: they must stay where they are as long as it lives.
package final class PreparedCall {
  /// Keeps the threads alive.
  private let threads: Kernel.Threads?
  private let function: KernelFunction
  private let loaded: LoadedFunctions
  /// The function, once it is compiled.
  private var compiled: PackedFunction?
  /// What is passed by value; `arguments` points into it.
  private let words: UnsafeMutablePointer<UInt64>
  private let arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>

  /// Prepares what `Kernel.call` with the same arguments does.
  ///
  /// - Parameter buffers: must hold the workspace if the function needs one.
  /// - Throws: a `KernelError`.
  package convenience init(
    _ kernel: Kernel, _ direction: Kernel.Direction, _ phase: Kernel.Phase,
    sizes: [String: Int], values: [String: KernelValue], buffers: KernelBuffers,
    threads: Kernel.Threads? = nil
  ) throws(KernelError) {
    try self.init(
      kernel, kernel.function(direction, phase), sizes: sizes, values: values, buffers: buffers,
      threads: threads)
  }

  /// Prepares a run of an event, as above.
  package convenience init(
    _ kernel: Kernel, event: String, sizes: [String: Int], values: [String: KernelValue],
    buffers: KernelBuffers, threads: Kernel.Threads? = nil
  ) throws(KernelError) {
    try self.init(
      kernel, kernel.function(event: event), sizes: sizes, values: values, buffers: buffers,
      threads: threads)
  }

  private init(
    _ kernel: Kernel, _ function: KernelFunction, sizes: [String: Int],
    values: [String: KernelValue], buffers: KernelBuffers, threads: Kernel.Threads?
  ) throws(KernelError) {
    self.threads = threads
    let table = try SizeTable(sizes, for: function, in: kernel.interface)
    let slots = try kernel.slots(
      of: function, table, values: values, buffers: buffers, threads: threads)
    self.function = function
    loaded = try kernel.loaded(function.symbol) { table.sizes[$0] }
    words = .allocate(capacity: max(slots.count, 1))
    arguments = .allocate(capacity: max(slots.count, 1))
    for (index, slot) in slots.enumerated() {
      switch slot {
      case .word(let value):
        (words + index).initialize(to: value)
        (arguments + index).initialize(to: UnsafeMutableRawPointer(words + index))
      case .array(let start):
        (words + index).initialize(to: 0)
        (arguments + index).initialize(to: start)
      }
    }
  }

  deinit {
    words.deallocate()
    arguments.deallocate()
  }

  /// Makes the call `count` times.
  ///
  /// - Throws: `.status` if the last one failed.
  package func run(times count: Int = 1) throws(KernelError) {
    let arguments = UnsafePointer(arguments)
    var (status, left): (CInt, Int) = (0, count)
    while compiled == nil, left > 0 {
      if let answer = try loaded.directCall(function.symbol, arguments) {
        (status, left) = (answer, left - 1)
      } else {
        compiled = try loaded.packed(function.symbol)
      }
    }
    if let compiled {
      for _ in 0..<left { status = compiled(arguments) }
    }
    try loaded.check(status, of: function.symbol)
  }
}
