import CCode

/// Expressions.
extension Lowering {
  mutating func value(of expression: ExpressionID) throws(Unsupported) -> Value {
    switch code[expression] {
    case .integer(let value, let scalar): return .integer(value, scalar)
    case .number(let value, let scalar): return .number(value, scalar)
    case .variable(let slot, _): return variables[variable(slot)].value
    case .known(let name): return value(of: name)
    case .named(let name):
      if let enumerator = library.enumerator(name) { return try value(of: enumerator) }
      guard library.function(name) != nil else {
        throw Unsupported("the name \(library.name(name))")
      }
      return .pointer(Pointer(place: MemoryPlace(), pointee: .void, function: name))
    case .intrinsic(let intrinsic, let arguments): return try call(intrinsic, arguments)
    case .call(let function, let arguments): return try call(function, arguments)
    case .pointerCall(let function, let arguments):
      return try call(through: function, arguments)
    case .index(let array, let index): return try element(array, try value(of: index))
    case .member(let structure, let name):
      let value = try value(of: structure)
      if case .pointer = value { return try load(try memberPointer(value, name)) }
      return try member(value, name)
    case .pointerMember(let pointer, let name):
      return try load(try memberPointer(try self.value(of: pointer), name))
    case .unary(let operation, let operand): return try unary(operation, operand)
    case .binary(let operation, let a, let b): return try binary(operation, a, b)
    case .conditional(let condition, let a, let b): return try conditional(condition, a, b)
    case .cast(let type, let operand):
      let value = try value(of: operand)
      let type = try self.type(type)
      return type == .void ? value : try converted(value, to: type)
    case .compound(let type, let values): return try initialValue(values, self.type(type))
    case .sizeOf(let type): return .integer(Int64(try byteCount(of: self.type(type))), .size)
    case .initializer, .designated: throw Unsupported("a list of values in an expression")
    case .unsupported(let message): throw Unsupported(code.messages[Int(message)])
    }
  }

  private func value(of name: KnownName) -> Value {
    switch name {
    case .lanes: .integer(Int64(target.lanes), .int32)
    case .vectors: .integer(Int64(slots / target.lanes), .int32)
    case .infinity: .number(.infinity, .float)
    case .notANumber: .number(.nan, .float)
    case .null: .pointer(.null(.void))
    case .true: .integer(1, .bool)
    case .false: .integer(0, .bool)
    }
  }

  // Memory

  private mutating func element(
    _ array: ExpressionID, _ place: Value
  ) throws(Unsupported) -> Value {
    if case .variable(let slot, let name) = code[array],
      case .parts(let parts) = variables[variable(slot)].value
    {
      guard case .integer(let known, _) = place, parts.indices.contains(Int(known)) else {
        throw unknownElement(of: name)
      }
      return parts[Int(known)]
    }
    guard case .pointer(let pointer) = try value(of: array) else {
      throw Unsupported("an element of what is no array")
    }
    return try load(try moved(pointer, by: place))
  }

  func unknownElement(of name: Symbol) -> Unsupported {
    Unsupported("an element of \(library.name(name)) that is not known")
  }

  func unknownMember(_ name: Symbol) -> Unsupported {
    Unsupported("the member \(library.name(name))")
  }

  mutating func moved(
    _ pointer: Pointer, by index: Value, sign: Int64 = 1
  ) throws(Unsupported) -> Pointer {
    let size = try byteCount(of: pointer.pointee)
    var pointer = pointer
    if case .integer(let known, _) = index {
      pointer.place = try builder.moved(pointer.place, bytes: sign * known * Int64(size))
      return pointer
    }
    if sign < 0 { throw Unsupported("a pointer that goes back") }
    let scaled = try general(index)
    pointer.place = builder.moved(pointer.place, by: scaled, size: size)
    return pointer
  }

  func member(_ value: Value, _ name: Symbol) throws(Unsupported) -> Value {
    guard case .parts(let parts) = value,
      let place = library.place(of: name, amongMembers: parts.count)
    else { throw unknownMember(name) }
    return parts[place]
  }

  /// The place of a member of the structure that `value` points to.
  mutating func memberPointer(_ value: Value, _ name: Symbol) throws(Unsupported) -> Pointer {
    guard case .pointer(var pointer) = value, case .structure(let structure) = pointer.pointee,
      let place = library.structures[structure].place(of: name)
    else { throw unknownMember(name) }
    let member = library.structures[structure].members[place]
    pointer.place = try builder.moved(pointer.place, bytes: Int64(member.offset))
    pointer.pointee = member.type
    return pointer
  }

  // Operators

  private mutating func unary(
    _ operation: CUnary, _ operand: ExpressionID
  ) throws(Unsupported) -> Value {
    switch operation {
    case .dereference: return try element(operand, .integer(0, .int32))
    case .address:
      // A structure whose address is taken lies in memory.
      if case .variable(let slot, _) = code[operand],
        case .array(.structure, count: 1) = variables[variable(slot)].type
      {
        return variables[variable(slot)].value
      }
      guard case .index(let array, let index) = code[operand],
        case .pointer(let pointer) = try value(of: array)
      else { throw Unsupported("the address of a variable") }
      return .pointer(try moved(pointer, by: try value(of: index)))
    case .not:
      switch try truth(of: operand) {
      case .known(let holds): return .integer(holds ? 0 : 1, .bool)
      case .test(let test): return comparison(test.negated)
      }
    case .negate, .complement:
      let value = try value(of: operand)
      return try operation == .negate ? negated(value) : complemented(value)
    }
  }

  private mutating func negated(_ value: Value) throws(Unsupported) -> Value {
    switch value {
    case .integer(let known, let scalar): return .integer(0 &- known, promoted(scalar))
    case .number(let known, let scalar): return .number(-known, scalar)
    case .floating(let register, let scalar): return signFlipped(register, scalar)
    case .general(let register, let scalar):
      return .general(builder.integer(.negate, register), promoted(scalar))
    case .comparison: return try negated(.general(try general(value), .bool))
    case .vector, .pointer, .parts, .undefined: throw Unsupported("a negation")
    }
  }

  private mutating func complemented(_ value: Value) throws(Unsupported) -> Value {
    if case .integer(let known, let scalar) = value { return .integer(~known, promoted(scalar)) }
    guard case .general(let register, let scalar) = value else {
      throw Unsupported("a complement")
    }
    return .general(builder.integer(.not, register), promoted(scalar))
  }

  private mutating func binary(
    _ operation: CBinary, _ a: ExpressionID, _ b: ExpressionID
  ) throws(Unsupported) -> Value {
    switch operation {
    case .and, .or:
      return try logical(operation, a, b)
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual:
      return try compared(operation, try value(of: a), try value(of: b))
    case .multiply, .divide, .remainder, .add, .subtract, .shiftLeft, .shiftRight, .bitAnd,
      .bitXor, .bitOr:
      return try arithmetic(operation, try value(of: a), try value(of: b))
    }
  }

  private mutating func logical(
    _ operation: CBinary, _ a: ExpressionID, _ b: ExpressionID
  ) throws(Unsupported) -> Value {
    let isAnd = operation == .and
    switch try truth(of: a) {
    case .known(let holds):
      if holds != isAnd { return .integer(holds ? 1 : 0, .bool) }
      return try truthValue(b)
    case .test(let test):
      if mayTrap(b) {
        return try choice(test, .scalar(.bool)) { (self) throws(Unsupported) in
          isAnd ? try self.truthValue(b) : .integer(1, .bool)
        } otherwise: { (self) throws(Unsupported) in
          isAnd ? .integer(0, .bool) : try self.truthValue(b)
        }
      }
      let left = try general(comparison(test))
      switch try truth(of: b) {
      case .known(let holds):
        return holds == isAnd ? .general(left, .bool) : .integer(holds ? 1 : 0, .bool)
      case .test(let other):
        let right = try general(comparison(other))
        return .general(builder.integer(isAnd ? .and : .or, left, right), .bool)
      }
    }
  }

  private mutating func truthValue(_ expression: ExpressionID) throws(Unsupported) -> Value {
    switch try truth(of: expression) {
    case .known(let holds): .integer(holds ? 1 : 0, .bool)
    case .test(let test): .general(try general(comparison(test)), .bool)
    }
  }

  /// `true` iff evaluating the expression where C would not could do harm.
  func mayTrap(_ expression: ExpressionID) -> Bool {
    switch code[expression] {
    case .integer, .number, .variable, .known, .named, .sizeOf, .unsupported: false
    case .member(let a, _), .cast(_, let a): mayTrap(a)
    case .pointerMember(let a, _): !isCall(a)
    case .unary(let operation, let a): operation == .dereference || mayTrap(a)
    case .binary(let operation, let a, let b):
      operation == .divide || operation == .remainder || mayTrap(a) || mayTrap(b)
    case .conditional(let a, let b, let c): mayTrap(a) || mayTrap(b) || mayTrap(c)
    case .intrinsic, .call, .pointerCall, .index, .compound, .initializer, .designated: true
    }
  }

  /// `true` iff it is the structure of the call's arguments, which is always there.
  private func isCall(_ expression: ExpressionID) -> Bool {
    guard case .variable(_, let name) = code[expression] else { return false }
    return library.name(name) == "call"
  }

  // Conditions

  mutating func truth(of expression: ExpressionID) throws(Unsupported) -> Truth {
    try truth(of: try value(of: expression))
  }

  mutating func truth(of value: Value) throws(Unsupported) -> Truth {
    switch value {
    case .integer(let known, _): return .known(known != 0)
    case .number(let known, _): return .known(known != 0)
    case .comparison(let condition, let a, let b, let immediate):
      return .test(Test(condition, a, b, immediate))
    case .general(let register, _): return .test(Test(.notEqual, register, .none, 0))
    case .pointer(let pointer):
      if pointer.guardRegister.isReal {
        return .test(Test(.notEqual, pointer.guardRegister, .none, 0))
      }
      if pointer.isNull { return .known(false) }
      if pointer.function != nil { return .known(true) }
      if pointer.place.base == .frame { return .known(true) }
      return .test(Test(.notEqual, builder.address(pointer.place), .none, 0))
    case .floating, .vector, .parts, .undefined: throw Unsupported("a condition of no number")
    }
  }

  func comparison(_ test: Test) -> Value {
    .comparison(test.condition, test.a, test.b, test.immediate)
  }

  private mutating func conditional(
    _ condition: ExpressionID, _ a: ExpressionID, _ b: ExpressionID
  ) throws(Unsupported) -> Value {
    // `p ? p + j : NULL` is the pointer p + j that is NULL where p is.
    if case .known(.null) = code[b], case .pointer(let tested) = try value(of: condition) {
      let guardRegister =
        tested.guardRegister.isReal ? tested.guardRegister : builder.address(tested.place)
      guard case .pointer(var pointer) = try value(of: a) else {
        throw Unsupported("NULL beside what is no pointer")
      }
      pointer.guardRegister = guardRegister
      return .pointer(pointer)
    }
    switch try truth(of: condition) {
    case .known(let holds): return try value(of: holds ? a : b)
    case .test(let test):
      if !mayTrap(a), !mayTrap(b) {
        let (first, second) = (try value(of: a), try value(of: b))
        if let chosen = try chosen(test, first, second) { return chosen }
        return try choice(test, commonType(first, second)) { (_) throws(Unsupported) in
          first
        } otherwise: { (_) throws(Unsupported) in
          second
        }
      }
      return try choice(test, nil) { (self) throws(Unsupported) in
        try self.value(of: a)
      } otherwise: { (self) throws(Unsupported) in
        try self.value(of: b)
      }
    }
  }

  /// A choice between integers, without a jump.
  private mutating func chosen(
    _ test: Test, _ a: Value, _ b: Value
  ) throws(Unsupported) -> Value? {
    guard let (first, second) = integerTypes(a, b) else { return nil }
    var instruction = Instruction(.choice)
    (instruction.a, instruction.b, instruction.immediate) = (test.a, test.b, test.immediate)
    instruction.condition = test.condition
    (instruction.c, instruction.mask) = (try general(a), try general(b))
    return .general(builder.pure(instruction, .general), wider(first, second))
  }

  /// The value that one of two bodies gives.
  private mutating func choice(
    _ test: Test, _ type: ValueType?,
    then: (inout Lowering) throws(Unsupported) -> Value,
    otherwise: (inout Lowering) throws(Unsupported) -> Value
  ) throws(Unsupported) -> Value {
    variables.append(Variable(type: type ?? .void, value: .undefined))
    let result = variables.count - 1
    func assign(
      _ lowering: inout Lowering, _ body: (inout Lowering) throws(Unsupported) -> Value
    ) throws(Unsupported) {
      let value = try body(&lowering)
      if lowering.variables[result].type == .void {
        lowering.variables[result].type = lowering.commonType(value, value)
      }
      lowering.set(result, try lowering.converted(value, to: lowering.variables[result].type))
    }
    try branch(test) { (self) throws(Unsupported) in
      try assign(&self, then)
    } otherwise: { (self) throws(Unsupported) in
      try assign(&self, otherwise)
    }
    return variables[result].value
  }
}
