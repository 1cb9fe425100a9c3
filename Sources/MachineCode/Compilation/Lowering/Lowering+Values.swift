/// Values in registers, and from one type to another.
extension Lowering {
  /// The register of an integer, a condition or a pointer.
  mutating func general(_ value: Value) throws(Unsupported) -> Register {
    switch value {
    case .integer(let known, _): return builder.constant(known)
    case .general(let register, _): return register
    case .comparison(let condition, let a, let b, let immediate):
      return builder.comparison(condition, a, b, immediate)
    case .pointer(let pointer):
      if let function = pointer.function { return try address(of: function) }
      return pointer.isNull ? builder.constant(0) : builder.address(pointer.place)
    case .number, .floating, .vector, .parts, .undefined:
      throw Unsupported("an integer that is none")
    }
  }

  /// The register of a number of type `scalar`.
  mutating func floating(_ value: Value, _ scalar: Scalar) throws(Unsupported) -> Register {
    switch try converted(value, to: .scalar(scalar)) {
    case .number(let known, _): return constant(known, scalar.element, .scalar)
    case .floating(let register, _): return register
    case .integer, .general, .comparison, .vector, .pointer, .parts, .undefined:
      throw Unsupported("a number that is none")
    }
  }

  /// The register of a vector of the kind.
  mutating func vector(_ value: Value, _ kind: VectorKind) throws(Unsupported) -> Register {
    guard case .vector(let register, let found) = value, found == kind else {
      throw Unsupported("a vector that is none")
    }
    return register
  }

  /// A number in all elements of a vector, or in the lowest.
  mutating func constant(
    _ value: Double, _ element: Element, _ width: VectorWidth
  ) -> Register {
    let bits =
      element == .float32
      ? Int64(Float(value).bitPattern) : Int64(bitPattern: value.bitPattern)
    let register = constant(bits: bits, element, width)
    numbers[register] = value
    return register
  }

  mutating func constant(bits: Int64, _ element: Element, _ width: VectorWidth) -> Register {
    var instruction = Instruction(bits == 0 ? .vectorZero : .vectorConstant)
    (instruction.element, instruction.width, instruction.immediate) = (element, width, bits)
    return builder.pure(instruction, .vector, bits == 0 ? .none : .near)
  }

  /// A vector instruction without effects.
  mutating func pureVector(
    _ operation: Operation, _ element: Element, _ width: VectorWidth, _ a: Register,
    _ b: Register = .none, _ c: Register = .none, immediate: Int64 = 0,
    into registerClass: RegisterClass = .vector
  ) -> Register {
    if operation == .numberDivide, let inverse = exactInverse(of: b, element) {
      return pureVector(.numberMultiply, element, width, a, constant(inverse, element, width))
    }
    var instruction = Instruction(operation)
    (instruction.element, instruction.width, instruction.immediate) = (element, width, immediate)
    (instruction.a, instruction.b, instruction.c) = (a, b, c)
    return placed(instruction, registerClass)
  }

  /// 1 / `divisor` where that is known to be exact: a product with it is rounded like the quotient.
  private func exactInverse(of divisor: Register, _ element: Element) -> Double? {
    guard let number = numbers[divisor], number.isNormal, number.significand == 1 else {
      return nil
    }
    // From 2^-126 to 2^126 in float32 both are normal.
    let most = element == .float32 ? Float.greatestFiniteMagnitude.exponent - 1 : 1022
    return abs(Int(number.exponent)) <= Int(most) ? 1 / number : nil
  }

  /// The register of a pure instruction, moved out of loops that do not change it.
  mutating func placed(
    _ instruction: Instruction, _ registerClass: RegisterClass
  ) -> Register {
    switch instruction.operation {
    // What is slow is made once.
    case .squareRoot, .numberDivide: return builder.pure(instruction, registerClass)
    default:
      return builder.isInvariant(instruction)
        ? builder.pure(instruction, registerClass) : builder.emit(instruction, registerClass)
    }
  }

  // Types

  func commonType(_ a: Value, _ b: Value) -> ValueType {
    if let (first, second) = numberTypes(a, b) { return .scalar(wider(first, second)) }
    switch a {
    case .vector(_, let kind): return .vector(kind)
    case .pointer(let pointer): return .pointer(to: pointer.pointee)
    case .integer, .number, .general, .floating, .parts, .comparison, .undefined: return .void
    }
  }

  func scalar(of value: Value) -> Scalar? {
    switch value {
    case .integer(_, let scalar), .number(_, let scalar), .general(_, let scalar),
      .floating(_, let scalar):
      scalar
    case .comparison: .int32
    case .vector, .pointer, .parts, .undefined: nil
    }
  }

  func numberTypes(_ a: Value, _ b: Value) -> (Scalar, Scalar)? {
    guard let first = scalar(of: a), let second = scalar(of: b) else { return nil }
    return (first, second)
  }

  func integerTypes(_ a: Value, _ b: Value) -> (Scalar, Scalar)? {
    guard let types = numberTypes(a, b), !types.0.isFloating, !types.1.isFloating else {
      return nil
    }
    return types
  }

  func wider(_ a: Scalar, _ b: Scalar) -> Scalar { a.wider(b) }

  func promoted(_ scalar: Scalar) -> Scalar { wider(scalar, .int32) }

  // Conversions

  mutating func converted(_ value: Value, to type: ValueType) throws(Unsupported) -> Value {
    switch (type, value) {
    case (.scalar(let scalar), _): return try converted(value, to: scalar)
    case (.pointer(let pointee), .pointer(var pointer)):
      if pointee != .void { pointer.pointee = pointee }
      return .pointer(pointer)
    case (.pointer(let pointee), .integer(0, _)): return .pointer(.null(pointee))
    case (.vector(let kind), .vector(_, let found)) where kind == found: return value
    case (.structure, .parts), (.array, .parts): return value
    case (_, .undefined): return value
    default: throw Unsupported("a conversion to \(type)")
    }
  }

  private mutating func converted(
    _ value: Value, to scalar: Scalar
  ) throws(Unsupported) -> Value {
    switch value {
    case .integer(let known, let from): return convertedKnown(known, from, to: scalar)
    case .number(let known, _):
      switch scalar {
      case .float: return .number(Double(Float(known)), .float)
      case .double: return .number(known, .double)
      case .bool: return .integer(known != 0 ? 1 : 0, .bool)
      case .byte, .word, .int32, .uint32, .int64, .size:
        guard let integer = Int64(exactly: known.rounded(.towardZero)) else {
          throw Unsupported("a number that is no integer")
        }
        return .integer(integer, scalar)
      }
    case .general(let register, let from):
      return try convertedGeneral(register, from, to: scalar)
    case .comparison(let condition, let a, let b, let immediate):
      if scalar == .bool { return value }
      return try convertedGeneral(
        builder.comparison(condition, a, b, immediate), .bool, to: scalar)
    case .floating(let register, let from):
      return try convertedFloating(register, from, to: scalar)
    case .pointer where scalar == .bool:
      switch try truth(of: value) {
      case .known(let holds): return .integer(holds ? 1 : 0, .bool)
      case .test(let test): return comparison(test)
      }
    case .pointer where scalar == .size: return .general(try general(value), .size)
    case .vector, .pointer, .parts, .undefined: throw Unsupported("a conversion of no number")
    }
  }

  private func convertedKnown(_ known: Int64, _ from: Scalar, to scalar: Scalar) -> Value {
    switch scalar {
    case .float:
      .number(
        from == .size ? Double(Float(UInt64(bitPattern: known))) : Double(Float(known)), .float)
    case .double:
      .number(from == .size ? Double(UInt64(bitPattern: known)) : Double(known), .double)
    case .bool, .byte, .word, .int32, .uint32, .int64, .size:
      .integer(known.converted(to: scalar), scalar)
    }
  }

  /// Integers are kept as 64 bits, those of 32 extended by their sign or by zeros.
  private mutating func convertedGeneral(
    _ register: Register, _ from: Scalar, to scalar: Scalar
  ) throws(Unsupported) -> Value {
    if from == scalar { return .general(register, scalar) }
    switch scalar {
    case .float, .double:
      var instruction = Instruction(.numberFromGeneral)
      (instruction.element, instruction.a) = (scalar.element, register)
      return .floating(placed(instruction, .vector), scalar)
    case .bool:
      if from == .bool { return .general(register, .bool) }
      return .comparison(.notEqual, register, .none, 0)
    case .byte:
      return .general(builder.integer(.and, register, immediate: 0xff), .byte)
    case .word:
      return .general(builder.integer(.and, register, immediate: 0xffff), .word)
    case .int32:
      let fits = from == .int32 || from == .bool || from == .byte || from == .word
      return .general(fits ? register : builder.integer(.signExtend32, register), .int32)
    case .uint32:
      let fits = from == .uint32 || from == .bool || from == .byte || from == .word
      return .general(fits ? register : builder.integer(.zeroExtend32, register), .uint32)
    case .int64, .size: return .general(register, scalar)
    }
  }

  private mutating func convertedFloating(
    _ register: Register, _ from: Scalar, to scalar: Scalar
  ) throws(Unsupported) -> Value {
    switch (from, scalar) {
    case (.float, .float), (.double, .double): return .floating(register, scalar)
    case (.float, .double): return .floating(widening(register), .double)
    case (.double, .float):
      if let number = widened[register] { return .floating(number, .float) }
      return .floating(pureVector(.narrow, .float64, .scalar, register), .float)
    case (_, .bool):
      let zero = constant(0, from.element, .scalar)
      return .general(numberComparison(.notEqual, register, zero, from.element), .bool)
    default:
      var instruction = Instruction(.generalFromNumber)
      (instruction.element, instruction.a) = (from.element, register)
      let integer = placed(instruction, .general)
      return try convertedGeneral(integer, .int64, to: scalar)
    }
  }

  func signMask(_ element: Element) -> Int64 {
    element.byteCount == 4 ? 0x8000_0000 : Int64.min
  }

  mutating func signFlipped(_ register: Register, _ scalar: Scalar) -> Value {
    let mask = constant(bits: signMask(scalar.element), scalar.element, .scalar)
    return .floating(pureVector(.bitXor, scalar.element, .xmm, register, mask), scalar)
  }

  mutating func numberComparison(
    _ predicate: FloatPredicate, _ a: Register, _ b: Register, _ element: Element
  ) -> Register {
    pureVector(
      .numberComparison, element, .scalar, a, b, immediate: Int64(predicate.rawValue),
      into: .general)
  }
}
