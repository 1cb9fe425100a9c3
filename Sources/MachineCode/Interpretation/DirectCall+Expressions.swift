import CCode

/// Expressions.
extension DirectCall {
  mutating func value(of expression: ExpressionID) throws(Unsupported) -> DirectValue {
    switch code[expression] {
    case .integer(let value, let scalar): return .integer(value, scalar)
    case .number(let value, let scalar): return .number(value, scalar)
    case .variable(let slot, _): return slots[start + Int(slot.index)]
    case .known(let name): return try value(of: name)
    case .named(let name):
      if let enumerator = library.enumerator(name) { return try value(of: enumerator) }
      return .function(name)
    case .intrinsic(let intrinsic, let arguments): return try call(intrinsic, arguments)
    case .call(let function, let arguments): return try call(function, arguments)
    case .pointerCall(let function, let arguments):
      return try call(through: function, arguments)
    case .index, .pointerMember: return try load(place(of: expression))
    case .member(let structure, let name): return try member(try value(of: structure), name)
    case .unary(let operation, let operand): return try unary(operation, operand)
    case .binary(let operation, let a, let b): return try binary(operation, a, b)
    case .conditional(let condition, let a, let b):
      return try value(of: truth(of: condition) ? a : b)
    case .cast(let type, let operand):
      let type = try self.type(type)
      let value = try value(of: operand)
      return type == .void ? .none : try value.converted(to: type)
    case .compound(let type, let values): return try compound(type, values)
    case .sizeOf(let type):
      return .integer(Int64(try byteCount(of: try self.type(type))), .size)
    case .initializer, .designated, .unsupported: throw Unsupported("an expression")
    }
  }

  private func value(of name: KnownName) throws(Unsupported) -> DirectValue {
    switch name {
    case .null: .pointer(0, .void)
    case .true: .integer(1, .bool)
    case .false: .integer(0, .bool)
    case .lanes, .vectors, .infinity, .notANumber: throw Unsupported("the name \(name.rawValue)")
    }
  }

  private mutating func compound(
    _ type: TypeID, _ list: FlatList
  ) throws(Unsupported) -> DirectValue {
    guard case .structure(let structure) = try self.type(type) else {
      throw Unsupported("a list of values for what is no structure")
    }
    return try parts(library.structures[structure], values(list))
  }

  private mutating func values(_ list: FlatList) throws(Unsupported) -> [DirectValue] {
    var values: [DirectValue] = []
    for place in 0..<Int(list.count) { values.append(try value(of: code.expression(list, place))) }
    return values
  }

  mutating func truth(of expression: ExpressionID) throws(Unsupported) -> Bool {
    switch try value(of: expression) {
    case .integer(let value, _): return value != 0
    case .number(let value, _): return value != 0
    case .pointer(let address, _): return address != 0
    case .function: return true
    case .none, .parts: throw Unsupported("a condition of no number")
    }
  }

  // Operators

  private mutating func unary(
    _ operation: CUnary, _ operand: ExpressionID
  ) throws(Unsupported) -> DirectValue {
    switch operation {
    case .not: return .integer(try truth(of: operand) ? 0 : 1, .int32)
    case .dereference: return try load(try value(of: operand))
    case .address:
      // A structure whose address is taken lies in memory.
      if case .variable = code[operand] { return try value(of: operand) }
      return try place(of: operand)
    case .negate, .complement:
      guard case .integer(let value, let scalar) = try value(of: operand) else {
        throw Unsupported("a sign")
      }
      let type = scalar.wider(.int32)
      return .integer((operation == .negate ? 0 &- value : ~value).converted(to: type), type)
    }
  }

  private mutating func binary(
    _ operation: CBinary, _ a: ExpressionID, _ b: ExpressionID
  ) throws(Unsupported) -> DirectValue {
    switch operation {
    case .and:
      let holds = try truth(of: a) ? try truth(of: b) : false
      return .integer(holds ? 1 : 0, .int32)
    case .or:
      let holds = try truth(of: a) ? true : try truth(of: b)
      return .integer(holds ? 1 : 0, .int32)
    default: return try computed(operation, try value(of: a), try value(of: b))
    }
  }

  func computed(
    _ operation: CBinary, _ a: DirectValue, _ b: DirectValue
  ) throws(Unsupported) -> DirectValue {
    if case .pointer(let address, let pointee) = a, case .integer(let count, _) = b {
      let bytes = count &* Int64(try byteCount(of: pointee))
      let signed = operation == .subtract ? 0 &- bytes : bytes
      return .pointer(address &+ UInt(bitPattern: Int(signed)), pointee)
    }
    guard case .integer(let x, let first) = a, case .integer(let y, let second) = b else {
      throw Unsupported("arithmetic of no integers")
    }
    let isShift = operation == .shiftLeft || operation == .shiftRight
    let type = isShift ? first.wider(.int32) : first.wider(second)
    let (p, q) = (x.converted(to: type), y.converted(to: type))
    switch operation {
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
      return .integer(operation.holds(p, q, type) ? 1 : 0, .int32)
    case .multiply, .divide, .remainder, .add, .subtract, .shiftLeft, .shiftRight, .bitAnd,
      .bitXor, .bitOr, .and, .or:
      return .integer(try operation.value(p, q, type).converted(to: type), type)
    }
  }

  // Calls

  private mutating func call(
    _ name: Symbol, _ arguments: FlatList
  ) throws(Unsupported) -> DirectValue {
    guard let function = library.function(name) else { throw Unsupported("a function") }
    return try value(of: function, values(arguments))
  }

  private mutating func call(
    _ intrinsic: Intrinsic, _ arguments: FlatList
  ) throws(Unsupported) -> DirectValue {
    switch intrinsic {
    case .bestKernels:
      guard let table = linkage.kernels, let type = library.typeID(named: "kernels") else { break }
      return .pointer(table, try self.type(type))
    case .enterFloatMode: return enterFloatMode()
    case .setFloatMode:
      guard case .integer(let mode, _) = try value(of: code.expression(arguments, 0)) else { break }
      try setFloatMode(mode)
      return .none
    default: break  // Lanes are compiled.
    }
    throw Unsupported("the function \(intrinsic.rawValue)")
  }

  private mutating func call(
    through function: ExpressionID, _ arguments: FlatList
  ) throws(Unsupported) -> DirectValue {
    let called = try value(of: function)
    if case .function(let name) = called { return try call(name, arguments) }
    guard case .pointer(let address, _) = called, arguments.count <= 4 else {
      throw Unsupported("a call of what is no function")
    }
    var words = SIMD4<UInt>()
    for place in 0..<Int(arguments.count) {
      words[place] = try word(try value(of: code.expression(arguments, place)))
    }
    let compiled = unsafeBitCast(address, to: Compiled.self)
    compiled(words[0], words[1], words[2], words[3])
    return .none
  }

  /// A value as functions of machine code take it.
  func word(_ value: DirectValue) throws(Unsupported) -> UInt {
    switch value {
    case .integer(let value, _): return UInt(truncatingIfNeeded: value)
    case .pointer(let address, _): return address
    case .function(let name):
      guard let place = linkage.functions[library.name(name)],
        let word = UnsafePointer<UInt>(bitPattern: place)
      else { throw Unsupported("the address of a function") }
      return word.pointee
    case .none, .number, .parts: throw Unsupported("an argument that is no integer")
    }
  }
}

/// A function of machine code of up to four integers or pointers: it leaves alone those that it
/// does not have.
private typealias Compiled = @convention(c) (UInt, UInt, UInt, UInt) -> Void
