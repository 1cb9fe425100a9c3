import Glibc
import LoopIR

extension Kernel {
  /// Calls a function on arrays in memory, after a check of every length and type.
  ///
  /// - Parameters:
  ///   - sizes: the lengths of the axes, by name. Those with a standard size may be left out.
  ///   - values: scalars, conditions and counters, by name. Scalars that are left out have the
  ///     standard value of the source.
  ///   - buffers: the arrays, by the names in C. All arrays that the function reads must be there
  ///     unless they have no elements; an output that is not there is not computed. Arrays of the
  ///     norm's other functions are ignored. A buffer named `workspace` is used instead of memory
  ///     that is allocated for the call.
  ///   - threads: what the work is divided among; `nil` is the caller's thread alone.
  /// - Throws: a `KernelError`; nothing was written then. Arrays may not overlap except where the
  ///   comment in the C header says so; that is not checked.
  public func call(
    _ direction: Direction, _ phase: Phase = .train, sizes: [String: Int],
    values: [String: KernelValue] = [:], buffers: KernelBuffers, threads: Threads? = nil
  ) throws(KernelError) {
    try call(
      try function(direction, phase), sizes: sizes, values: values, buffers: buffers,
      threads: threads)
  }

  /// Calls `function` on arrays in memory.
  func call(
    _ function: KernelFunction, sizes: [String: Int], values: [String: KernelValue],
    buffers: KernelBuffers, threads: Threads?
  ) throws(KernelError) {
    let table = try SizeTable(sizes, for: function, in: interface)
    var slots = try slots(
      of: function, table, values: values, buffers: buffers, threads: threads)
    let own = try allocateWorkspace(
      for: function, buffers, byteCount: workspaceByteCount(table, for: function))
    defer { free(own) }
    if let own, let place = function.arguments.firstIndex(where: { $0.role == .workspace }) {
      slots[place] = .array(own)
    }
    // The pool must live until its threads have done their pieces.
    try withExtendedLifetime(threads) { () throws(KernelError) in try invoke(function, slots) }
  }

  /// A slot for each argument of `function`, checked; the workspace is NULL unless it is given.
  func slots(
    of function: KernelFunction, _ table: SizeTable, values: [String: KernelValue],
    buffers: KernelBuffers, threads: Threads?
  ) throws(KernelError) -> [CallSlot] {
    try checkNames(buffers.buffers.keys.sorted())
    try checkNames(values.keys.sorted())
    let call = CheckedCall(
      interface: interface, direction: function.direction, table: table,
      values: standards.merging(values) { $1 }, buffers: buffers,
      workspaceByteCount: try workspaceByteCount(table, for: function), threads: threads)
    var slots: [CallSlot] = []
    for argument in function.arguments { slots.append(try call.slot(for: argument)) }
    return slots
  }

  /// Throws for a name that no function of the norm has as an argument.
  private func checkNames(_ names: [String]) throws(KernelError) {
    var known: [String] = []
    for function in interface.allFunctions {
      for argument in function.arguments
      where argument.role != .size && argument.role != .executor
        && !known.contains(argument.name)
      {
        known.append(argument.name)
      }
    }
    for name in names where !known.contains(name) {
      throw .unknownArgument(name, known: known)
    }
  }

  /// Memory for the workspace, to be freed; `nil` if none is needed or the caller gives it.
  private func allocateWorkspace(
    for function: KernelFunction, _ buffers: KernelBuffers, byteCount: Int
  ) throws(KernelError) -> UnsafeMutableRawPointer? {
    guard byteCount > 0,
      let argument = function.arguments.first(where: { $0.role == .workspace }),
      buffers[argument.name] == nil
    else { return nil }
    // A cache line: the C aligns by itself, but need not waste a part of it then.
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, 64, byteCount) == 0, let memory else {
      throw .outOfMemory(bytes: byteCount)
    }
    return memory
  }
}

/// A call whose sizes are checked, while its arguments are.
private struct CheckedCall {
  let interface: KernelInterface
  let direction: Direction
  let table: SizeTable
  let values: [String: KernelValue]
  let buffers: KernelBuffers
  let workspaceByteCount: Int
  let threads: Kernel.Threads?

  /// What is passed for an argument.
  func slot(for argument: KernelArgument) throws(KernelError) -> CallSlot {
    switch argument.role {
    case .size: .word(UInt64(table.sizes[argument.subject] ?? 0))
    case .scalar, .eventArgument, .counter: .word(try word(for: argument))
    case .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index, .parameter, .state:
      .array(try input(argument))
    case .nextState, .nextCounter, .output, .gradient, .outputTangent, .outputGradientAdjoint:
      .array(try output(argument))
    case .saved:
      switch direction {
      case .forward: .array(try output(argument))
      case .backward, .jvp, .vjp2:
        // Whether this call needs an array, the C function knows.
        argument.shape == nil
          ? .word(try savedCount(argument)) : .array(try array(argument)?.start)
      }
    case .partials, .merged: .array(buffers[argument.name]?.start)
    case .workspace: .array(try workspace(argument))
    case .executor: .array(threads?.executor)
    }
  }

  private func word(for argument: KernelArgument) throws(KernelError) -> UInt64 {
    guard let value = values[argument.name] ?? values[argument.subject] else {
      throw .missingArgument(argument.name)
    }
    switch (argument.type, value) {
    case (.double, .number(let number)): return number.bitPattern
    case (.double, .count(let count)): return Double(count).bitPattern
    case (.bool, .condition(let isTrue)): return UInt64(isTrue ? 1 : 0).littleEndian
    case (.int64, .count(let count)): return UInt64(bitPattern: count)
    default:  // All other pairs do not fit, whatever types are added.
      throw .wrongType(
        argument: argument.name, expected: argument.type.rawValue, actual: value.typeName)
    }
  }

  /// A counter as the forward saved it: the one element of its array, or given as a value.
  private func savedCount(_ argument: KernelArgument) throws(KernelError) -> UInt64 {
    guard let buffer = buffers[argument.name] else { return try word(for: argument) }
    guard buffer.storage == .int64, buffer.byteCount == 8, let start = buffer.start else {
      throw .wrongType(
        argument: argument.name, expected: "one int64", actual: buffer.storage.rawValue)
    }
    return start.loadUnaligned(as: UInt64.self)
  }

  /// The address of an array that is read. It may be missing only if it has no elements.
  private func input(_ argument: KernelArgument) throws(KernelError) -> UnsafeMutableRawPointer? {
    if let buffer = try array(argument) { return buffer.start }
    guard try table.length(argument.shape ?? [], of: argument.name) == 0 else {
      throw .missingArgument(argument.name)
    }
    return nil
  }

  /// The address of an array that is written; `nil` if it is not wanted.
  private func output(_ argument: KernelArgument) throws(KernelError) -> UnsafeMutableRawPointer? {
    guard let buffer = try array(argument) else { return nil }
    guard buffer.access == .write else { throw .notWritable(argument: argument.name) }
    return buffer.start
  }

  /// The array that is given for an argument, checked.
  private func array(_ argument: KernelArgument) throws(KernelError) -> KernelBuffer? {
    guard let buffer = buffers[argument.name],
      let storage = argument.storage(in: interface)
    else { return nil }
    guard buffer.storage == storage else {
      throw .wrongType(
        argument: argument.name, expected: storage.rawValue, actual: buffer.storage.rawValue)
    }
    let length = try table.length(argument.shape ?? [], of: argument.name)
    let (bytes, overflows) = length.multipliedReportingOverflow(by: storage.byteCount)
    guard !overflows else { throw .tooLarge(argument: argument.name) }
    guard buffer.byteCount == bytes else {
      throw .wrongLength(
        argument: argument.name, expected: length, actual: buffer.byteCount / storage.byteCount)
    }
    guard UInt(bitPattern: buffer.start) % UInt(storage.byteCount) == 0 else {
      throw .misaligned(argument: argument.name)
    }
    return buffer
  }

  private func workspace(
    _ argument: KernelArgument
  ) throws(KernelError) -> UnsafeMutableRawPointer? {
    guard let buffer = buffers[argument.name] else { return nil }
    guard buffer.access == .write else { throw .notWritable(argument: argument.name) }
    guard buffer.byteCount >= workspaceByteCount else {
      throw .wrongLength(
        argument: argument.name, expected: workspaceByteCount, actual: buffer.byteCount)
    }
    return buffer.start
  }
}
