import CCode

/// C's operators on numbers and pointers.
extension Lowering {
  mutating func arithmetic(
    _ operation: CBinary, _ a: Value, _ b: Value
  ) throws(Unsupported) -> Value {
    if case .pointer(let pointer) = a {
      switch operation {
      case .add: return .pointer(try moved(pointer, by: b))
      case .subtract: return .pointer(try moved(pointer, by: b, sign: -1))
      default: throw Unsupported("arithmetic of pointers")
      }
    }
    guard let (first, second) = numberTypes(a, b) else { throw Unsupported("arithmetic") }
    let scalar = wider(first, second)
    if scalar.isFloating { return try floatingArithmetic(operation, a, b, scalar) }
    let type = operation == .shiftLeft || operation == .shiftRight ? promoted(first) : scalar
    return try integerArithmetic(
      operation, try converted(a, to: .scalar(type)), try converted(b, to: .scalar(type)), type)
  }

  private mutating func floatingArithmetic(
    _ operation: CBinary, _ a: Value, _ b: Value, _ scalar: Scalar
  ) throws(Unsupported) -> Value {
    let (x, y) = (try converted(a, to: .scalar(scalar)), try converted(b, to: .scalar(scalar)))
    if case .number(let p, _) = x, case .number(let q, _) = y {
      let isFloat = scalar == .float
      switch operation {
      case .add: return .number(isFloat ? Double(Float(p) + Float(q)) : p + q, scalar)
      case .subtract: return .number(isFloat ? Double(Float(p) - Float(q)) : p - q, scalar)
      case .multiply: return .number(isFloat ? Double(Float(p) * Float(q)) : p * q, scalar)
      case .divide: return .number(isFloat ? Double(Float(p) / Float(q)) : p / q, scalar)
      default: throw Unsupported("the operator \(operation.rawValue) of numbers")
      }
    }
    if operation == .add, let sum = try sumWithZero(x, y, scalar) { return sum }
    let (first, second) = (try floating(x, scalar), try floating(y, scalar))
    let instruction: Operation =
      switch operation {
      case .add: .numberAdd
      case .subtract: .numberSubtract
      case .multiply: .numberMultiply
      case .divide: .numberDivide
      default: throw Unsupported("the operator \(operation.rawValue) of numbers")
      }
    return .floating(pureVector(instruction, scalar.element, .scalar, first, second), scalar)
  }

  // Integers

  private mutating func integerArithmetic(
    _ operation: CBinary, _ a: Value, _ b: Value, _ scalar: Scalar
  ) throws(Unsupported) -> Value {
    if case .integer(let x, _) = a, case .integer(let y, _) = b {
      return .integer(try operation.value(x, y, scalar), scalar)
    }
    if case .integer(let y, _) = b {
      if let value = try withKnown(operation, a, y, scalar) {
        if operation == .subtract { lessened(a, value, by: y) }
        return value
      }
    } else if case .integer(let x, _) = a, isCommutative(operation) {
      return try integerArithmetic(operation, b, .integer(x, scalar), scalar)
    }
    let (x, y) = (try general(a), try general(b))
    switch operation {
    case .add: return .general(builder.integer(.add, x, y), scalar)
    case .subtract: return .general(builder.integer(.subtract, x, y), scalar)
    case .multiply: return .general(builder.integer(.multiply, x, y), scalar)
    case .divide: return .general(builder.integer(.divide, x, y), scalar)
    case .remainder: return .general(builder.integer(.remainder, x, y), scalar)
    case .bitAnd: return .general(builder.integer(.and, x, y), scalar)
    case .bitOr: return .general(builder.integer(.or, x, y), scalar)
    case .bitXor: return .general(builder.integer(.xor, x, y), scalar)
    default: throw Unsupported("the operator \(operation.rawValue) of integers")
    }
  }

  private func isCommutative(_ operation: CBinary) -> Bool {
    switch operation {
    case .add, .multiply, .bitAnd, .bitOr, .bitXor: true
    default: false
    }
  }

  /// `a operation known`; `nil` where the number does not fit into an instruction.
  private mutating func withKnown(
    _ operation: CBinary, _ a: Value, _ known: Int64, _ scalar: Scalar
  ) throws(Unsupported) -> Value? {
    let x = try general(a)
    func made(_ operation: Operation, _ immediate: Int64) -> Value {
      .general(builder.integer(operation, x, immediate: immediate), scalar)
    }
    let isPower = known > 0 && known & (known - 1) == 0
    let shift = Int64(known.trailingZeroBitCount)
    switch (operation, known) {
    case (.add, 0), (.subtract, 0), (.multiply, 1), (.divide, 1), (.shiftLeft, 0),
      (.shiftRight, 0):
      return a
    case (.multiply, 0), (.remainder, 1), (.bitAnd, 0): return .integer(0, scalar)
    case (.multiply, _) where isPower: return made(.shiftLeft, shift)
    // Sizes have no sign, and other integers that are divided are not negative.
    case (.divide, _) where isPower: return made(.shiftRight, shift)
    case (.remainder, _) where isPower && known <= Int64(Int32.max): return made(.and, known - 1)
    case (.shiftLeft, _):
      let shifted = made(.shiftLeft, known)
      return scalar == .int32 || scalar == .uint32
        ? try converted(.general(try general(shifted), .size), to: .scalar(scalar)) : shifted
    case (.shiftRight, _):
      return made(scalar == .size || scalar == .uint32 ? .shiftRight : .shiftRightSigned, known)
    default: break
    }
    guard Int32(exactly: known) != nil else { return nil }
    switch operation {
    case .add: return made(.add, known)
    case .subtract: return made(.add, -known)
    case .multiply: return made(.multiply, known)
    case .bitAnd: return made(.and, known)
    case .bitOr: return made(.or, known)
    case .bitXor: return made(.xor, known)
    default: return nil
    }
  }

  // Comparisons

  mutating func compared(
    _ operation: CBinary, _ a: Value, _ b: Value
  ) throws(Unsupported) -> Value {
    guard let (first, second) = numberTypes(a, b) else {
      throw Unsupported("a comparison of no numbers")
    }
    let scalar = wider(first, second)
    if scalar.isFloating { return try comparedNumbers(operation, a, b, scalar) }
    let isUnsigned = scalar.isUnsigned
    if case .integer(let x, _) = a, case .integer(let y, _) = b {
      return .integer(operation.holds(x, y, scalar) ? 1 : 0, .int32)
    }
    if case .integer = a { return try compared(mirrored(operation), b, a) }
    let condition: Condition =
      switch operation {
      case .less: isUnsigned ? .below : .less
      case .lessOrEqual: isUnsigned ? .belowOrEqual : .lessOrEqual
      case .greater: isUnsigned ? .above : .greater
      case .greaterOrEqual: isUnsigned ? .aboveOrEqual : .greaterOrEqual
      case .equal: .equal
      case .notEqual: .notEqual
      default: throw Unsupported("the comparison \(operation.rawValue)")
      }
    let x = try general(a)
    if case .integer(let y, _) = b, Int32(exactly: y) != nil {
      if condition == .greater, let least = leasts[x], least > y { return .integer(1, .int32) }
      return .comparison(condition, x, .none, y)
    }
    return .comparison(condition, x, try general(b), 0)
  }

  private func mirrored(_ operation: CBinary) -> CBinary {
    switch operation {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    default: operation
    }
  }

  private func holds(_ operation: CBinary, _ x: Double, _ y: Double) -> Bool {
    switch operation {
    case .less: x < y
    case .lessOrEqual: x <= y
    case .greater: x > y
    case .greaterOrEqual: x >= y
    case .equal: x == y
    default: x != y
    }
  }

  private mutating func comparedNumbers(
    _ operation: CBinary, _ a: Value, _ b: Value, _ scalar: Scalar
  ) throws(Unsupported) -> Value {
    let (p, q) = (try converted(a, to: .scalar(scalar)), try converted(b, to: .scalar(scalar)))
    if case .number(let known, _) = p, case .number(let other, _) = q {
      return .integer(holds(operation, known, other) ? 1 : 0, .bool)
    }
    let (x, y) = (try floating(p, scalar), try floating(q, scalar))
    let element = scalar.element
    let register =
      switch operation {
      case .less: numberComparison(.less, x, y, element)
      case .lessOrEqual: numberComparison(.lessOrEqual, x, y, element)
      case .greater: numberComparison(.less, y, x, element)
      case .greaterOrEqual: numberComparison(.lessOrEqual, y, x, element)
      case .equal: numberComparison(.equal, x, y, element)
      case .notEqual: numberComparison(.notEqual, x, y, element)
      default: throw Unsupported("the comparison \(operation.rawValue) of numbers")
      }
    return .general(register, .bool)
  }
}
