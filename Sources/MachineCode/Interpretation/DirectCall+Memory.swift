import CCode

/// Places in memory, and assignments.
extension DirectCall {
  /// The pointer to what an expression stands for.
  mutating func place(of expression: ExpressionID) throws(Unsupported) -> DirectValue {
    switch code[expression] {
    case .index(let array, let index):
      return try computed(.add, try value(of: array), try value(of: index))
    case .pointerMember(let pointer, let name): return try place(of: name, try value(of: pointer))
    case .unary(.dereference, let pointer): return try value(of: pointer)
    default: throw Unsupported("an expression without a place")
    }
  }

  private func place(
    of name: Symbol, _ pointer: DirectValue
  ) throws(Unsupported) -> DirectValue {
    guard case .pointer(let address, .structure(let structure)) = pointer,
      let place = library.structures[structure].place(of: name)
    else { throw Unsupported("a member of no structure") }
    let member = library.structures[structure].members[place]
    return .pointer(address + UInt(member.offset), member.type)
  }

  func member(_ value: DirectValue, _ name: Symbol) throws(Unsupported) -> DirectValue {
    if case .pointer = value { return try load(try place(of: name, value)) }
    guard case .parts(let parts) = value,
      let place = library.place(of: name, amongMembers: parts.count)
    else { throw Unsupported("a member of no structure") }
    return parts[place]
  }

  func byteCount(of type: ValueType) throws(Unsupported) -> Int {
    guard let count = library.byteCount(of: type) else { throw Unsupported("a type of no size") }
    return count
  }

  func load(_ place: DirectValue) throws(Unsupported) -> DirectValue {
    guard case .pointer(let address, let type) = place,
      let start = UnsafeRawPointer(bitPattern: address)
    else { throw Unsupported("a load of no pointer") }
    switch type {
    case .scalar(let scalar):
      switch scalar {
      case .bool, .byte: return .integer(Int64(start.loadUnaligned(as: UInt8.self)), scalar)
      case .word: return .integer(Int64(start.loadUnaligned(as: UInt16.self)), scalar)
      case .int32: return .integer(Int64(start.loadUnaligned(as: Int32.self)), scalar)
      case .uint32: return .integer(Int64(start.loadUnaligned(as: UInt32.self)), scalar)
      case .int64, .size: return .integer(start.loadUnaligned(as: Int64.self), scalar)
      case .float: return .number(Double(start.loadUnaligned(as: Float.self)), .float)
      case .double: return .number(start.loadUnaligned(as: Double.self), .double)
      }
    case .pointer(let pointee): return .pointer(start.loadUnaligned(as: UInt.self), pointee)
    case .void, .vector, .structure, .array: throw Unsupported("a load of no number")
    }
  }

  func store(
    _ value: DirectValue, at address: UInt, _ type: ValueType
  ) throws(Unsupported) {
    guard let start = UnsafeMutableRawPointer(bitPattern: address) else {
      throw Unsupported("a store at NULL")
    }
    switch (type, try value.converted(to: type)) {
    case (.scalar(let scalar), .integer(let number, _)):
      switch scalar.element.byteCount {
      case 1: start.storeBytes(of: UInt8(truncatingIfNeeded: number), as: UInt8.self)
      case 2: start.storeBytes(of: UInt16(truncatingIfNeeded: number), as: UInt16.self)
      case 4: start.storeBytes(of: Int32(truncatingIfNeeded: number), as: Int32.self)
      default: start.storeBytes(of: number, as: Int64.self)
      }
    case (.scalar(.float), .number(let number, _)):
      start.storeBytes(of: Float(number), as: Float.self)
    case (.scalar, .number(let number, _)): start.storeBytes(of: number, as: Double.self)
    case (.pointer, let pointer): start.storeBytes(of: try word(pointer), as: UInt.self)
    default: throw Unsupported("a store of no number")
    }
  }

  mutating func assign(
    _ target: ExpressionID, _ operation: CAssignment, _ value: ExpressionID
  ) throws(Unsupported) {
    var right = try self.value(of: value)
    let binary: CBinary? =
      switch operation {
      case .set: nil
      case .add: .add
      case .subtract: .subtract
      case .multiply: .multiply
      case .divide: .divide
      }
    if let binary { right = try computed(binary, try self.value(of: target), right) }
    switch code[target] {
    case .variable(let slot, _):
      let place = start + Int(slot.index)
      slots[place] = try right.converted(to: types[place])
    case .member(let structure, let name): try assign(structure, name, right)
    default:
      guard case .pointer(let address, let type) = try place(of: target) else {
        throw Unsupported("an assignment to what is no variable")
      }
      try store(right, at: address, type)
    }
  }

  /// Assigns a member of a variable.
  private mutating func assign(
    _ structure: ExpressionID, _ name: Symbol, _ value: DirectValue
  ) throws(Unsupported) {
    guard case .variable(let slot, _) = code[structure] else {
      throw Unsupported("an assignment to what is no variable")
    }
    let variable = slots[start + Int(slot.index)]
    if case .pointer(let address, let type) = try? place(of: name, variable) {
      return try store(value, at: address, type)
    }
    guard case .parts(var parts) = variable,
      let place = library.place(of: name, amongMembers: parts.count),
      case .structure(let kind) = types[start + Int(slot.index)]
    else { throw Unsupported("a member of no structure") }
    parts[place] = try value.converted(to: library.structures[kind].members[place].type)
    slots[start + Int(slot.index)] = .parts(parts)
  }
}
