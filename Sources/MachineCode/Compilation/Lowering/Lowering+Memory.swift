import CCode

/// Loads, stores and assignments.
extension Lowering {
  /// What `pointer` points to.
  mutating func load(_ pointer: Pointer) throws(Unsupported) -> Value {
    switch pointer.pointee {
    case .scalar(let scalar):
      if scalar.isFloating {
        return .floating(loaded(pointer, .vectorLoad, scalar.element, .scalar, .vector), scalar)
      }
      let register = loaded(pointer, .load, scalar.element, .scalar, .general)
      return .general(register, scalar)
    case .pointer(let pointee):
      let register = loaded(pointer, .load, .int64, .scalar, .general)
      return .pointer(Pointer(place: MemoryPlace(base: register), pointee: pointee))
    case .vector(let kind):
      let register = loaded(pointer, .vectorLoad, target.element, target.width, .vector)
      return .vector(register, kind)
    case .structure(let structure):
      var parts: [Value] = []
      for member in library.structures[structure].members {
        var part = pointer
        part.place = try builder.moved(pointer.place, bytes: Int64(member.offset))
        part.pointee = member.type
        parts.append(try load(part))
      }
      return .parts(parts)
    case .array(let element, _):
      var start = pointer
      start.pointee = element
      return .pointer(start)
    case .void: throw Unsupported("a load of no value")
    }
  }

  private mutating func loaded(
    _ pointer: Pointer, _ operation: Operation, _ element: Element, _ width: VectorWidth,
    _ registerClass: RegisterClass
  ) -> Register {
    var instruction = Instruction(operation)
    (instruction.element, instruction.width) = (element, width)
    instruction.memory = pointer.place
    return pointer.isConstant
      ? builder.pure(instruction, registerClass) : builder.load(instruction, registerClass)
  }

  mutating func store(_ value: Value, at pointer: Pointer) throws(Unsupported) {
    var instruction = Instruction(.store)
    instruction.memory = pointer.place
    switch pointer.pointee {
    case .scalar(let scalar):
      instruction.element = scalar.element
      if scalar.isFloating {
        instruction.operation = .vectorStore
        instruction.a = try floating(value, scalar)
      } else {
        instruction.a = try general(try converted(value, to: .scalar(scalar)))
      }
    case .vector(let kind):
      instruction.operation = .vectorStore
      (instruction.element, instruction.width) = (target.element, target.width)
      instruction.a = try vector(value, kind)
    case .structure(let structure):
      guard case .parts(let parts) = value else { throw Unsupported("a store of no structure") }
      for (part, member) in zip(parts, library.structures[structure].members) {
        var place = pointer
        place.place = try builder.moved(pointer.place, bytes: Int64(member.offset))
        place.pointee = member.type
        try store(part, at: place)
      }
      return
    case .pointer:
      if case .pointer(let stored) = value, stored.guardRegister.isReal {
        throw Unsupported("a store of a pointer that may be NULL")
      }
      instruction.a = try general(try converted(value, to: pointer.pointee))
    case .void, .array: throw Unsupported("a store of no number")
    }
    builder.append(instruction)
  }

  // Assignments

  /// What an assignment writes.
  private enum Destination {
    case variable(Int)
    /// A part of a variable in registers.
    case part(Int, Int)
    case memory(Pointer)
  }

  mutating func assign(
    _ target: ExpressionID, _ operation: CAssignment, _ value: ExpressionID
  ) throws(Unsupported) {
    let destination = try destination(target)
    let type = try type(of: destination)
    let right: Value
    switch operation {
    case .set: right = try initialValue(value, type)
    case .add: right = try updated(destination, .add, value)
    case .subtract: right = try updated(destination, .subtract, value)
    case .multiply: right = try updated(destination, .multiply, value)
    case .divide: right = try updated(destination, .divide, value)
    }
    try write(try converted(right, to: type), to: destination)
  }

  private mutating func updated(
    _ destination: Destination, _ operation: CBinary, _ value: ExpressionID
  ) throws(Unsupported) -> Value {
    let before: Value
    switch destination {
    case .variable(let variable): before = variables[variable].value
    case .part(let variable, let place):
      guard case .parts(let parts) = variables[variable].value else {
        throw Unsupported("a part of no structure")
      }
      before = parts[place]
    case .memory(let pointer): before = try load(pointer)
    }
    return try arithmetic(operation, before, try self.value(of: value))
  }

  private mutating func destination(_ target: ExpressionID) throws(Unsupported) -> Destination {
    switch code[target] {
    case .variable(let slot, _): return .variable(variable(slot))
    case .index(let array, let index):
      if case .variable(let slot, let name) = code[array],
        case .parts(let parts) = variables[variable(slot)].value
      {
        guard case .integer(let place, _) = try value(of: index), parts.indices.contains(Int(place))
        else { throw unknownElement(of: name) }
        return .part(variable(slot), Int(place))
      }
      let pointer = try pointer(to: array)
      return .memory(try moved(pointer, by: try value(of: index)))
    case .unary(.dereference, let pointer): return .memory(try self.pointer(to: pointer))
    case .pointerMember(let pointer, let name):
      return .memory(try memberPointer(try value(of: pointer), name))
    case .member(let structure, let member):
      guard case .variable(let slot, _) = code[structure] else { break }
      switch variables[variable(slot)].value {
      case .pointer: return .memory(try memberPointer(variables[variable(slot)].value, member))
      case .parts(let parts):
        guard let place = library.place(of: member, amongMembers: parts.count) else { break }
        return .part(variable(slot), place)
      case .integer, .number, .general, .floating, .vector, .comparison, .undefined: break
      }
      throw unknownMember(member)
    case .named(let name): throw Unsupported("the name \(library.name(name))")
    case .integer, .number, .known, .intrinsic, .call, .pointerCall, .unary, .binary,
      .conditional, .cast, .compound, .initializer, .designated, .sizeOf, .unsupported:
      break
    }
    throw Unsupported("an assignment to what is no variable")
  }

  private mutating func pointer(to array: ExpressionID) throws(Unsupported) -> Pointer {
    guard case .pointer(let pointer) = try value(of: array) else {
      throw Unsupported("an element of what is no array")
    }
    return pointer
  }

  private func type(of destination: Destination) throws(Unsupported) -> ValueType {
    switch destination {
    case .variable(let variable): variables[variable].type
    case .part(let variable, let place): partType(variables[variable].type, place)
    case .memory(let pointer): pointer.pointee
    }
  }

  private mutating func write(
    _ value: Value, to destination: Destination
  ) throws(Unsupported) {
    switch destination {
    case .variable(let variable): set(variable, value)
    case .part(let variable, let place):
      guard case .parts(var parts) = variables[variable].value else {
        throw Unsupported("a part of no structure")
      }
      parts[place] = value
      set(variable, .parts(parts))
    case .memory(let pointer): try store(value, at: pointer)
    }
  }
}
