import Basics
import LoopIR

extension Kernel {
  /// Calls a function on arrays, and returns all that it makes.
  ///
  /// - Parameters:
  ///   - sizes: the lengths of axes, by name. What is left out follows from the arrays: `N` of
  ///     `x[N, C]` where `C` is known from `weight[C]`.
  ///   - values: scalars, conditions and counters, by name. Scalars that are left out have the
  ///     standard value of the source.
  ///   - arrays: what the function reads, by the names in C; rows first, the last axis fastest.
  ///     What it does not read is ignored.
  ///   - wanted: the results to compute; `nil` for all.
  ///   - threads: what the work is divided among; `nil` is the caller's thread alone.
  /// - Returns: the outputs, gradients, new states and saved values, by their names in C. A new
  ///   counter is an array of one element.
  /// - Throws: a `KernelError`.
  public func run(
    _ direction: Direction, _ phase: Phase = .train, sizes: [String: Int] = [:],
    arrays: [String: KernelArray], values: [String: KernelValue] = [:],
    wanted: Set<String>? = nil, threads: Threads? = nil
  ) throws(KernelError) -> [String: KernelArray] {
    try run(
      try function(direction, phase), sizes: sizes, arrays: arrays, values: values, wanted: wanted,
      threads: threads)
  }

  /// Runs an event on arrays, and returns what it sets.
  ///
  /// - Parameters:
  ///   - sizes, arrays, threads: as for the functions of a norm.
  ///   - values: scalars, counters and the numbers of the event, by name.
  /// - Returns: the states and parameters after the event, and counters, by their names in C
  ///   (`next_phi`).
  /// - Throws: a `KernelError`.
  public func run(
    event name: String, sizes: [String: Int] = [:], arrays: [String: KernelArray] = [:],
    values: [String: KernelValue] = [:], threads: Threads? = nil
  ) throws(KernelError) -> [String: KernelArray] {
    try run(
      try function(event: name), sizes: sizes, arrays: arrays, values: values, wanted: nil,
      threads: threads)
  }

  /// Runs a C function.
  ///
  /// - Parameter buffers: what it is given beside the arrays of the norm.
  func run(
    _ function: KernelFunction, sizes: [String: Int], arrays: [String: KernelArray],
    values: [String: KernelValue], wanted: Set<String>?, threads: Threads?,
    beside buffers: KernelBuffers = KernelBuffers()
  ) throws(KernelError) -> [String: KernelArray] {
    let direction = function.direction.ofKernels
    let results = function.arguments.filter { $0.isWritten(by: direction) }.map(\.name)
    for name in (wanted ?? []).sorted() where !results.contains(name) {
      throw .unknownArgument(name, known: results)
    }
    let table = try SizeTable(
      sizes, for: function, in: interface, arrays: arrays.mapValues(\.count))
    let inputs = function.arguments.filter { $0.isRead(by: direction) }
    let outputs = function.arguments.filter {
      $0.isWritten(by: direction) && wanted?.contains($0.name) != false
    }
    // Before memory for the results is taken: with wrong sizes it might be any amount.
    for argument in inputs { try check(argument, arrays[argument.name], table) }
    return try withInputs(inputs[...], arrays, buffers) { (buffers) throws(KernelError) in
      try withOutputs(outputs[...], table, buffers) { (buffers) throws(KernelError) in
        try call(
          function, sizes: table.sizes, values: values, buffers: buffers, threads: threads)
      }
    }
  }

  /// An array of numbers of the type of the norm's tensors.
  public func real(_ numbers: some Sequence<Double>) -> KernelArray {
    guard let storage = interface.data.storage(in: interface),
      let array = KernelArray(numbers, as: storage)
    else { unreachable("numbers are stored as what are no numbers") }
    return array
  }

  /// An array for the argument of that name in C: beside tensors of 16 bits, parameters and states
  /// may be of another type.
  ///
  /// - Throws: `.unknownArgument` if no function has such an array; `.wrongType` if its type
  ///   cannot hold a number.
  public func array(
    _ name: String, _ numbers: some Sequence<Double>
  ) throws(KernelError) -> KernelArray {
    let arguments = interface.functions.flatMap(\.arguments)
    guard
      let storage = arguments.first(where: { $0.name == name })?.storage(in: interface)
    else {
      let arrays = arguments.filter { $0.storage(in: interface) != nil }
      throw .unknownArgument(name, known: Set(arrays.map(\.name)).sorted())
    }
    guard let array = KernelArray(numbers, as: storage) else {
      throw .wrongType(
        argument: name, expected: storage.rawValue, actual: "another number")
    }
    return array
  }

  private func check(
    _ argument: KernelArgument, _ array: KernelArray?, _ table: SizeTable
  ) throws(KernelError) {
    guard let array else { return }
    let length = try table.length(argument.shape ?? [], of: argument.name)
    guard array.count == length else {
      throw .wrongLength(argument: argument.name, expected: length, actual: array.count)
    }
  }

  /// Calls `body` with the arrays of the inputs in memory.
  private func withInputs<Result>(
    _ arguments: ArraySlice<KernelArgument>, _ arrays: [String: KernelArray],
    _ buffers: KernelBuffers, _ body: (KernelBuffers) throws(KernelError) -> Result
  ) throws(KernelError) -> Result {
    guard let argument = arguments.first else { return try body(buffers) }
    let rest = arguments.dropFirst()
    guard let array = arrays[argument.name] else {
      return try withInputs(rest, arrays, buffers, body)
    }
    return try array.withBytes { (bytes) throws(KernelError) in
      var buffers = buffers
      buffers[argument.name] = KernelBuffer(
        reading: bytes.baseAddress, byteCount: bytes.count, of: array.storage)
      return try withInputs(rest, arrays, buffers, body)
    }
  }

  /// Calls `body` with memory for the outputs, and returns them.
  private func withOutputs(
    _ arguments: ArraySlice<KernelArgument>, _ table: SizeTable, _ buffers: KernelBuffers,
    _ body: (KernelBuffers) throws(KernelError) -> Void
  ) throws(KernelError) -> [String: KernelArray] {
    guard let argument = arguments.first else {
      try body(buffers)
      return [:]
    }
    let rest = arguments.dropFirst()
    let length = try table.length(argument.shape ?? [], of: argument.name)
    guard let storage = argument.storage(in: interface),
      var array = KernelArray(zeros: length, of: storage)
    else { return try withOutputs(rest, table, buffers, body) }
    var results = try array.withMutableBytes { (bytes) throws(KernelError) in
      var buffers = buffers
      buffers[argument.name] = KernelBuffer(
        writing: bytes.baseAddress, byteCount: bytes.count, of: storage)
      return try withOutputs(rest, table, buffers, body)
    }
    results[argument.name] = array
    return results
  }
}

extension KernelArgument {
  /// `true` iff it is an array that the caller gives.
  func isRead(by direction: Kernel.Direction) -> Bool {
    switch role {
    case .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index, .parameter, .state:
      true
    case .saved: direction != .forward
    case .size, .scalar, .eventArgument, .counter, .nextState, .nextCounter, .output, .gradient,
      .outputTangent, .outputGradientAdjoint, .partials, .merged, .workspace, .executor:
      false
    }
  }

  /// `true` iff it is an array that the function makes.
  func isWritten(by direction: Kernel.Direction) -> Bool {
    switch role {
    case .nextState, .nextCounter, .output, .gradient, .outputTangent, .outputGradientAdjoint: true
    case .saved: direction == .forward
    case .size, .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index, .parameter,
      .state, .scalar, .eventArgument, .counter, .partials, .merged, .workspace, .executor:
      false
    }
  }
}
