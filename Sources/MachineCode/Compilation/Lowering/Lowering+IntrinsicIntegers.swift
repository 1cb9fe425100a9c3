/// Integers in lanes and in scalar code, lanes of float64, and scalar functions.
extension Lowering {
  mutating func compareIntegers(
    _ predicate: IntegerPredicate, _ a: Register, _ b: Register
  ) throws(Unsupported) -> Register {
    if target.instructionSet == .avx2 {
      switch predicate {
      case .equal, .less: break
      case .lessOrEqual: return try complement(try compareIntegers(.less, b, a))
      case .notEqual: return try complement(try compareIntegers(.equal, a, b))
      case .greater: return try compareIntegers(.less, b, a)
      case .greaterOrEqual: return try complement(try compareIntegers(.less, a, b))
      }
    }
    return pureVector(
      .compareIntegers, target.integers, target.width, a, b, immediate: Int64(predicate.rawValue),
      into: target.maskClass)
  }

  mutating func integersOfLanes(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    switch intrinsic {
    case .iSplat:
      guard case .integer(let known, _) = values[0] else {
        throw Unsupported("an integer in all lanes that is not known")
      }
      let bits = target.number == .float32 ? known & 0xffff_ffff : known
      return .vector(constant(bits: bits, target.element, target.width), .integers)
    case .vBits: return .vector(try vector(values[0], .lanes), .integers)
    case .vFromBits: return .vector(try vector(values[0], .integers), .lanes)
    case .vToInt:
      return try converted(values[0], .lanes, .integersFromNumbers, .integers, "truncated")
    case .vFromInt:
      return try converted(values[0], .integers, .numbersFromIntegers, .lanes, "converted")
    case .iShl: return try shifted(.laneShiftLeft, values)
    case .iShr: return try shifted(.laneShiftRight, values)
    case .iSar:
      if target == Target(.avx2, .float64) { return try library("shifted", values) }
      return try shifted(.laneShiftRightSigned, values)
    default: break
    }
    let (a, b) = (try vector(values[0], .integers), try vector(values[1], .integers))
    func made(_ operation: Operation) -> Value {
      .vector(pureVector(operation, target.integers, target.width, a, b), .integers)
    }
    switch intrinsic {
    case .iAdd: return made(.integerAdd)
    case .iSub: return made(.integerSubtract)
    case .iMul: return try multiplied(a, b)
    case .iAnd: return made(.bitAnd)
    case .iOr: return made(.bitOr)
    case .iXor: return made(.bitXor)
    case .iLt: return .vector(try compareIntegers(.less, a, b), .masks)
    case .iLe: return .vector(try compareIntegers(.lessOrEqual, a, b), .masks)
    case .iEq: return .vector(try compareIntegers(.equal, a, b), .masks)
    default: return .vector(try compareIntegers(.notEqual, a, b), .masks)
    }
  }

  /// AVX2 multiplies 32 bits only.
  private mutating func multiplied(_ a: Register, _ b: Register) throws(Unsupported) -> Value {
    if target == Target(.avx2, .float64) { throw Unsupported("products of long integers") }
    return .vector(
      pureVector(.integerMultiply, target.integers, target.width, a, b), .integers)
  }

  private mutating func converted(
    _ value: Value, _ from: VectorKind, _ operation: Operation, _ to: VectorKind, _ name: String
  ) throws(Unsupported) -> Value {
    if target == Target(.avx2, .float64) { return try library(name, [value]) }
    return .vector(
      pureVector(operation, target.element, target.width, try vector(value, from)), to)
  }

  private mutating func shifted(
    _ operation: Operation, _ values: [Value]
  ) throws(Unsupported) -> Value {
    guard case .integer(let count, _) = values[1] else {
      throw Unsupported("a shift by a variable")
    }
    return .vector(
      pureVector(
        operation, target.integers, target.width, try vector(values[0], .integers),
        immediate: count), .integers)
  }

  // Lanes of float64 beside those of float32: two vectors.

  mutating func wide(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    if target.number == .float64 { return try wideAsLanes(intrinsic, values) }
    switch intrinsic {
    case .wZero: return twice(constant(0, .float64, target.width))
    case .wSplat:
      let value = try converted(values[0], to: .scalar(.double))
      if case .number(let known, _) = value {
        return twice(constant(known, .float64, target.width))
      }
      var instruction = Instruction(.splat)
      (instruction.element, instruction.width) = (.float64, target.width)
      instruction.a = try floating(value, .double)
      return twice(builder.pure(instruction, .vector))
    case .wAdd: return try halves(.numberAdd, values)
    case .wSub: return try halves(.numberSubtract, values)
    case .wMul: return try halves(.numberMultiply, values)
    case .wDiv: return try halves(.numberDivide, values)
    case .wFma: return try halves(.fusedAdd, values)
    case .wWiden:
      let narrow = try vector(values[0], .lanes)
      let upper = pureVector(.upperHalf, .float32, target.width, narrow)
      return .parts(
        [narrow, upper].map { half in
          .vector(pureVector(.widen, .float64, target.width, half), .half)
        })
    case .wRound:
      let parts = try halfRegisters(values[0])
      let narrow = parts.map { pureVector(.narrow, .float64, target.width, $0) }
      return .vector(pureVector(.join, .float32, target.width, narrow[0], narrow[1]), .lanes)
    case .wLoad, .wStore: return try wideMemory(intrinsic, values)
    default: throw Unsupported("the operation \(intrinsic.rawValue)")
    }
  }

  func twice(_ register: Register) -> Value {
    .parts([.vector(register, .half), .vector(register, .half)])
  }

  mutating func halfRegisters(_ value: Value) throws(Unsupported) -> [Register] {
    guard case .parts(let parts) = value, parts.count == 2 else {
      throw Unsupported("wide lanes that are none")
    }
    return [try vector(parts[0], .half), try vector(parts[1], .half)]
  }

  mutating func halves(
    _ operation: Operation, _ values: [Value]
  ) throws(Unsupported) -> Value {
    var operands: [[Register]] = []
    for value in values { operands.append(try halfRegisters(value)) }
    return .parts(
      (0..<2).map { half in
        let b = operands.count > 1 ? operands[1][half] : .none
        let c = operands.count > 2 ? operands[2][half] : .none
        return .vector(
          pureVector(operation, .float64, target.width, operands[0][half], b, c), .half)
      })
  }

  private mutating func wideMemory(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    guard case .pointer(let pointer) = values[0] else { throw Unsupported("no pointer") }
    var parts: [Value] = []
    for half in 0..<2 {
      var instruction = Instruction(intrinsic == .wLoad ? .vectorLoad : .vectorStore)
      (instruction.element, instruction.width) = (.float64, target.width)
      instruction.memory = try builder.moved(
        pointer.place, bytes: Int64(half * target.vectorBytes))
      if intrinsic == .wLoad {
        parts.append(.vector(builder.emit(instruction, .vector), .half))
      } else {
        instruction.a = try halfRegisters(values[1])[half]
        builder.append(instruction)
      }
    }
    return intrinsic == .wLoad ? .parts(parts) : .undefined
  }

  private mutating func wideAsLanes(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    let all = Value.integer(Int64(target.lanes), .int32)
    switch intrinsic {
    case .wZero: return try self.intrinsic(.vZero, values)
    case .wSplat: return try self.intrinsic(.vSplat, values)
    case .wLoad: return try self.intrinsic(.vLoad, values + [all])
    case .wStore: return try self.intrinsic(.vStore, values + [all])
    case .wAdd: return try self.intrinsic(.vAdd, values)
    case .wSub: return try self.intrinsic(.vSub, values)
    case .wMul: return try self.intrinsic(.vMul, values)
    case .wDiv: return try self.intrinsic(.vDiv, values)
    case .wFma: return try self.intrinsic(.vFma, values)
    default: return values[0]
    }
  }

  // Scalar code

  mutating func scalarFunction(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    let scalar = intrinsic.scalar
    var registers: [Register] = []
    for value in values { registers.append(try floating(value, scalar)) }
    let element = scalar.element
    switch intrinsic {
    case .fma, .fmaf:
      return .floating(
        pureVector(.fusedAdd, element, .scalar, registers[0], registers[1], registers[2]), scalar)
    case .sqrt, .sqrtf, .loneSqrt, .loneSqrtf:
      return .floating(pureVector(.squareRoot, element, .scalar, registers[0]), scalar)
    case .floor, .floorf:
      return .floating(pureVector(.floor, element, .scalar, registers[0]), scalar)
    default:
      let mask = constant(bits: signMask(element), element, .scalar)
      return .floating(pureVector(.bitAndNot, element, .xmm, mask, registers[0]), scalar)
    }
  }

  mutating func scalarInteger(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    switch intrinsic {
    case .bits32, .bits64:
      let scalar: Scalar = intrinsic == .bits32 ? .float : .double
      let number = try floating(values[0], scalar)
      let bits = pureVector(.bitsToGeneral, scalar.element, .scalar, number, into: .general)
      let wide = Value.general(bits, .int64)
      return intrinsic == .bits32 ? try converted(wide, to: .scalar(.int32)) : wide
    case .fromBits32, .fromBits64:
      let scalar: Scalar = intrinsic == .fromBits32 ? .float : .double
      let bits = try general(values[0])
      return .floating(pureVector(.bitsFromGeneral, scalar.element, .scalar, bits), scalar)
    default: break
    }
    let isNarrow = intrinsic.rawValue.hasPrefix("n_")
    var left = try converted(values[0], to: .scalar(.int64))
    let right = try converted(values[1], to: .scalar(.int64))
    let result: Value
    switch intrinsic {
    case .nAdd, .lAdd: result = try arithmetic(.add, left, right)
    case .nSub, .lSub: result = try arithmetic(.subtract, left, right)
    case .nMul, .lMul: result = try arithmetic(.multiply, left, right)
    case .nAnd, .lAnd: result = try arithmetic(.bitAnd, left, right)
    case .nOr, .lOr: result = try arithmetic(.bitOr, left, right)
    case .nXor, .lXor: result = try arithmetic(.bitXor, left, right)
    case .nShl, .lShl: result = try arithmetic(.shiftLeft, left, right)
    case .nSar, .lSar: result = try arithmetic(.shiftRight, left, right)
    default:
      left = try converted(left, to: .scalar(isNarrow ? .uint32 : .size))
      result = try arithmetic(.shiftRight, left, right)
    }
    return try converted(result, to: .scalar(isNarrow ? .int32 : .int64))
  }
}
