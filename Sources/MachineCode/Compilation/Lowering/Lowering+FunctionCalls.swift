/// Calls by address, and what functions that make them need.
extension Lowering {
  /// The value of a call of what a pointer points to: the body of the function where that is known.
  ///
  /// What is called by its address returns nothing.
  mutating func call(
    through function: ExpressionID, _ arguments: FlatList
  ) throws(Unsupported) -> Value {
    guard case .pointer(let pointer) = try value(of: function) else {
      throw Unsupported("a call of what is no function")
    }
    if let known = pointer.function { return try call(known, arguments) }
    guard arguments.count <= GeneralRegister.passed.count else {
      throw Unsupported("a call with many arguments")
    }
    let target = try general(.pointer(pointer))
    var passed: [Register] = []
    for place in 0..<Int(arguments.count) {
      passed.append(try general(try value(of: code.expression(arguments, place))))
    }
    for (place, register) in passed.enumerated() {
      var instruction = Instruction(.argument)
      (instruction.a, instruction.immediate) = (register, Int64(place))
      builder.append(instruction)
    }
    var call = Instruction(.call)
    call.a = target
    builder.append(call)
    // The stack is aligned with a frame.
    if frameBytes == 0 { _ = frame(64) }
    return .undefined
  }

  /// The address of a function, which stands in memory.
  mutating func address(of function: Symbol) throws(Unsupported) -> Register {
    let name = library.name(function)
    guard let place = linkage.functions[name] else {
      throw Unsupported("the address of \(name)")
    }
    var load = Instruction(.load)
    load.memory = MemoryPlace(base: builder.constant(Int64(bitPattern: UInt64(place))))
    return builder.load(load, .general)
  }

  /// The pointer to the table of kernels.
  mutating func kernelTable() throws(Unsupported) -> Value {
    guard let table = linkage.kernels, let type = library.typeID(named: "kernels") else {
      throw Unsupported("the table of kernels")
    }
    let place = MemoryPlace(base: builder.constant(Int64(bitPattern: UInt64(table))))
    return .pointer(Pointer(place: place, pointee: try self.type(type)))
  }

  /// Ends the function with its result.
  mutating func giveResult(_ value: Value) throws(Unsupported) {
    var instruction = Instruction(.result)
    instruction.a = try general(value)
    builder.append(instruction)
  }

  // The floating-point mode

  /// Sets the default mode; the value is the one before.
  mutating func enterFloatMode() -> Value {
    var save = Instruction(.saveFloatMode)
    save.memory = frame(4)
    builder.append(save)
    var load = Instruction(.load)
    (load.element, load.memory) = (.int32, save.memory)
    let before = builder.load(load, .general)
    setFloatMode(builder.constant(0x1f80))
    return .general(before, .uint32)
  }

  mutating func setFloatMode(_ mode: Register) {
    var store = Instruction(.store)
    (store.element, store.a, store.memory) = (.int32, mode, frame(4))
    builder.append(store)
    var load = Instruction(.loadFloatMode)
    load.memory = store.memory
    builder.append(load)
  }
}

/// Where compiled code finds functions that it calls by their addresses.
package struct Linkage: Sendable {
  /// The address of the table of kernels.
  package var kernels: UInt?
  /// By the name of a function, the address of the word that holds its address.
  package var functions: [String: UInt]

  package init(kernels: UInt? = nil, functions: [String: UInt] = [:]) {
    (self.kernels, self.functions) = (kernels, functions)
  }
}
