import LoopIR

/// A kernel together with the parameters, states and counters of one layer of a network.
///
///     var layer = try NormLayer(norm.compile(), sizes: ["C": 64])
///     let pass = try layer.forward(["x": .float32(x)])       // x[N, C]: N follows from x
///     let y = pass["y"]
///     let gradients = try layer.backward(pass, ["y": .float32(d_y)])
///     let d_weight = gradients["weight"]
///
/// Everything goes by its name in the source. It is a value: a copy is a second layer with the same
/// parameters. A method that throws has changed nothing.
public struct NormLayer: Sendable {
  public let kernel: Kernel
  /// The sizes that are the same in every call: those of parameters and states, and of groups.
  public let sizes: [String: Int]
  /// What the work of a call is divided among; `nil` is the caller's thread alone.
  public var threads: Kernel.Threads?
  /// Exchanges partial results with the other processes that train this layer: it is given what
  /// this process tells, and returns what all tell, in the order of ranks. Each of them makes the
  /// same calls in the same order, with samples of its own. `nil` is a process that computes alone.
  public var gather: (@Sendable (PartialResults) throws -> [PartialResults])?
  /// Scalars, conditions and counters, by name. The counters of training calls move on in
  /// `forward`.
  public private(set) var values: [String: KernelValue]
  /// Parameters and states, by name; `set` changes them.
  public private(set) var arrays: [String: KernelArray]

  /// Makes a layer whose parameters, states, scalars and counters have their initial values.
  ///
  /// - Parameters:
  ///   - sizes: at least the sizes of all parameters and states that have no standard.
  ///   - initial: values other than those of the source, by name: for parameters and states what
  ///     each element begins with; for scalars the value (a condition is true unless it is 0); for
  ///     counters what they begin with instead of 0.
  ///   - threads: what the work of a call is divided among; `nil` is the caller's thread alone.
  /// - Throws: `.missingSize`, `.missingArgument` for a value that is not there, `.wrongType` for a
  ///   counter that is no whole number, and other errors about sizes.
  public init(
    _ kernel: Kernel, sizes: [String: Int] = [:], initial: [String: Double] = [:],
    threads: Kernel.Threads? = nil
  ) throws(KernelError) {
    self.kernel = kernel
    self.sizes = sizes
    self.threads = threads
    values = [:]
    arrays = [:]
    let table = SizeTable(unchecked: sizes, in: kernel.interface)
    for function in kernel.interface.functions {
      for argument in function.arguments {
        switch argument.role {
        case .parameter, .state:
          try addArray(argument, initial[argument.subject], table)
        case .scalar, .counter:
          try addValue(argument, initial[argument.subject])
        case .size, .tensor, .outputGradient, .mask, .index, .nextState, .nextCounter, .output,
          .gradient, .tangent, .gradientAdjoint, .outputTangent, .outputGradientAdjoint, .saved,
          .eventArgument, .partials, .merged, .workspace, .executor:
          break
        }
      }
    }
    let known = (Array(arrays.keys) + Array(values.keys)).sorted()
    for name in initial.keys.sorted() where !known.contains(name) {
      throw .unknownArgument(name, known: known)
    }
  }

  /// The parameter or state of that name.
  public subscript(name: String) -> KernelArray? { arrays[name] }

  /// Gives a parameter or state other elements, as many as it has, of its type.
  public mutating func set(_ name: String, to array: KernelArray) throws(KernelError) {
    guard let old = arrays[name] else {
      throw .unknownArgument(name, known: arrays.keys.sorted())
    }
    guard array.storage == old.storage else {
      throw .wrongType(
        argument: name, expected: old.storage.rawValue, actual: array.storage.rawValue)
    }
    guard array.count == old.count else {
      throw .wrongLength(argument: name, expected: old.count, actual: array.count)
    }
    arrays[name] = array
  }

  /// Gives a scalar, condition or counter another value.
  public mutating func set(_ name: String, to value: KernelValue) throws(KernelError) {
    guard values[name] != nil else {
      throw .unknownArgument(name, known: values.keys.sorted())
    }
    values[name] = value
  }

  /// What a forward made, and what its backward needs.
  public struct ForwardPass: Sendable {
    public let phase: Kernel.Phase
    /// The outputs, by name.
    public let outputs: [String: KernelArray]
    /// Inputs, parameters and states as they were, by name.
    let inputs: [String: KernelArray]
    /// What the forward made that a backward may read: what it saved, and outputs, by the names in
    /// C.
    let made: [String: KernelArray]
    let sizes: [String: Int]
    let values: [String: KernelValue]

    /// The output of that name.
    public subscript(name: String) -> KernelArray? { outputs[name] }
  }

  /// Normalizes; in training, states and counters move on.
  ///
  /// - Parameters:
  ///   - inputs: tensors and masks, by name; rows first, the last axis fastest.
  ///   - sizes: the sizes that neither `self.sizes` nor the lengths of the inputs tell.
  public mutating func forward(
    _ inputs: [String: KernelArray], _ phase: Kernel.Phase = .train, sizes: [String: Int] = [:]
  ) throws(KernelError) -> ForwardPass {
    let function = try kernel.function(.forward, phase)
    try checkNames(inputs.keys, of: [.tensor, .mask, .index], in: kernel.interface.functions)
    let given = self.sizes.merging(sizes) { $1 }
    let all = arrays.merging(inputs) { $1 }
    let read = function.arrays(all)
    let table = try SizeTable(
      given, for: function, in: kernel.interface, arrays: read.mapValues(\.count))
    let results = try run(.forward, phase, table.sizes, read, function.values(values))
    let made = function.arguments.filter { $0.role == .saved || $0.role == .output }.map(\.name)
    let pass = ForwardPass(
      phase: phase, outputs: subjects(.output, of: function, in: results), inputs: all,
      made: results.filter { made.contains($0.key) }, sizes: table.sizes, values: values)
    commit(function, results)
    return pass
  }

  /// The gradients of a loss by tensors and parameters, by their names, from those by outputs.
  ///
  /// Passes may be taken back in any order, also after further forwards: each sees what its forward
  /// saw. States that belong to the backward move on.
  ///
  /// - Parameter outputGradients: the gradient by each output, by the name of the output.
  public mutating func backward(
    _ pass: ForwardPass, _ outputGradients: [String: KernelArray]
  ) throws(KernelError) -> [String: KernelArray] {
    let function = try kernel.function(.backward, pass.phase)
    var read = function.arrays(pass.inputs)
    for argument in function.arguments where argument.role == .saved {
      read[argument.name] = pass.made[argument.name]
    }
    for argument in function.arguments where argument.role == .outputGradient {
      read[argument.name] = outputGradients[argument.subject]
    }
    try checkGradients(outputGradients, of: function)
    // A state that the backward reads and writes is its own: as it stands now.
    for argument in function.arguments where argument.role == .state {
      read[argument.name] = arrays[argument.subject]
    }
    let results = try run(
      .backward, pass.phase, pass.sizes, read, function.values(pass.values))
    commit(function, results)
    return subjects(.gradient, of: function, in: results)
  }

  /// Runs a function alone, or with the processes that `gather` reaches.
  private func run(
    _ direction: Kernel.Direction, _ phase: Kernel.Phase, _ sizes: [String: Int],
    _ arrays: [String: KernelArray], _ values: [String: KernelValue]
  ) throws(KernelError) -> [String: KernelArray] {
    guard let gather else {
      return try kernel.run(
        direction, phase, sizes: sizes, arrays: arrays, values: values, threads: threads)
    }
    let call = Kernel.RankCall(sizes: sizes, arrays: arrays, values: values)
    do {
      return try kernel.run(direction, phase, as: call, threads: threads, gather: gather)
    } catch let error as KernelError {
      throw error
    } catch {
      throw .transport(String(describing: error))
    }
  }
}

extension NormLayer {
  /// Runs an event: states, parameters and counters become what it sets.
  ///
  /// - Parameters:
  ///   - arguments: its numbers, by name.
  ///   - inputs: the tensors and masks that it reads, by name.
  ///   - sizes: the sizes that neither `self.sizes` nor the lengths of the inputs tell.
  public mutating func event(
    _ name: String, _ arguments: [String: Double] = [:], _ inputs: [String: KernelArray] = [:],
    sizes: [String: Int] = [:]
  ) throws(KernelError) {
    let function = try kernel.function(event: name)
    try checkNames(inputs.keys, of: [.tensor, .mask, .index], in: [function])
    try checkNames(arguments.keys, of: [.eventArgument], in: [function])
    let numbers = arguments.mapValues { KernelValue.number($0) }
    let results = try kernel.run(
      event: name, sizes: self.sizes.merging(sizes) { $1 },
      arrays: function.arrays(arrays.merging(inputs) { $1 }),
      values: function.values(values.merging(numbers) { $1 }), threads: threads)
    commit(function, results)
  }
}

extension NormLayer {
  private mutating func addArray(
    _ argument: KernelArgument, _ initial: Double?, _ table: SizeTable
  ) throws(KernelError) {
    guard arrays[argument.subject] == nil else { return }
    let standard = try kernel.defaults?.initialValue(of: argument.subject, sizes: table.sizes)
    guard let initial = initial ?? standard else { throw .missingArgument(argument.subject) }
    let length = try table.length(argument.shape ?? [], of: argument.name)
    guard let storage = argument.storage(in: kernel.interface),
      let array = KernelArray(repeatElement(initial, count: length), as: storage)
    else { throw .wrongType(argument: argument.name, expected: "numbers", actual: "others") }
    arrays[argument.subject] = array
  }

  private mutating func addValue(
    _ argument: KernelArgument, _ initial: Double?
  ) throws(KernelError) {
    guard values[argument.subject] == nil else { return }
    guard let number = initial ?? (argument.role == .counter ? 0 : nil) else {
      guard let standard = kernel.standards[argument.subject] else {
        throw .missingArgument(argument.subject)
      }
      values[argument.subject] = standard
      return
    }
    switch argument.type {
    case .bool: values[argument.subject] = .condition(number != 0)
    case .int64:
      guard let count = Int64(exactly: number) else {
        throw .wrongType(
          argument: argument.subject, expected: "a whole number", actual: "\(number)")
      }
      values[argument.subject] = .count(count)
    case .real, .bfloat16, .float16, .double, .mask, .size, .bytes, .executor:
      values[argument.subject] = .number(number)
    }
  }

  /// The results of a role, by their names in the source.
  private func subjects(
    _ role: KernelArgument.Role, of function: KernelFunction, in results: [String: KernelArray]
  ) -> [String: KernelArray] {
    var named: [String: KernelArray] = [:]
    for argument in function.arguments where argument.role == role {
      named[argument.subject] = results[argument.name]
    }
    return named
  }

  /// Takes the states and counters that a call has made.
  private mutating func commit(_ function: KernelFunction, _ results: [String: KernelArray]) {
    for argument in function.arguments {
      guard let result = results[argument.name] else { continue }
      if argument.role == .nextState { arrays[argument.subject] = result }
      if argument.role == .nextCounter, case .int64(let counts) = result, let count = counts.first {
        values[argument.subject] = .count(count)
      }
    }
  }

  private func checkNames(
    _ names: some Sequence<String>, of roles: [KernelArgument.Role], in functions: [KernelFunction]
  ) throws(KernelError) {
    let known = functions.flatMap(\.arguments).filter { roles.contains($0.role) }.map(\.subject)
    for name in names.sorted() where !known.contains(name) {
      throw .unknownArgument(name, known: Set(known).sorted())
    }
  }

  private func checkGradients(
    _ gradients: [String: KernelArray], of function: KernelFunction
  ) throws(KernelError) {
    let known = function.arguments.filter { $0.role == .outputGradient }.map(\.subject)
    for name in gradients.keys.sorted() where !known.contains(name) {
      throw .unknownArgument(name, known: known)
    }
  }
}

extension KernelFunction {
  /// What the function reads of arrays that go by their names in the source, by the names in C.
  fileprivate func arrays(_ named: [String: KernelArray]) -> [String: KernelArray] {
    var arrays: [String: KernelArray] = [:]
    for argument in arguments {
      switch argument.role {
      case .tensor, .mask, .index, .parameter, .state:
        arrays[argument.name] = named[argument.subject]
      case .size, .outputGradient, .tangent, .gradientAdjoint, .nextState, .counter, .nextCounter,
        .scalar, .eventArgument, .output, .gradient, .outputTangent, .outputGradientAdjoint,
        .saved, .partials, .merged, .workspace, .executor:
        break
      }
    }
    return arrays
  }

  /// What the function takes of values that go by their names in the source, by the names in C.
  fileprivate func values(_ named: [String: KernelValue]) -> [String: KernelValue] {
    var values: [String: KernelValue] = [:]
    for argument in arguments {
      switch argument.role {
      case .counter, .scalar, .eventArgument: values[argument.name] = named[argument.subject]
      case .size, .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index, .parameter,
        .state, .nextState, .nextCounter, .output, .gradient, .outputTangent,
        .outputGradientAdjoint, .saved, .partials, .merged, .workspace, .executor:
        break
      }
    }
    return values
  }
}
