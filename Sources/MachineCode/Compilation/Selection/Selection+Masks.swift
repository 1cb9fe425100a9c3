/// Masks, and what depends on them; conversions.
extension Selection {
  private var isEVEX: Bool { instructionSet == .avx512 }

  mutating func selectMasks(_ instruction: Instruction) {
    switch instruction.operation {
    case .compareNumbers: selectCompareNumbers(instruction)
    case .compareIntegers: selectCompareIntegers(instruction)
    case .numberComparison: selectNumberComparison(instruction)
    case .select: selectSelect(instruction)
    case .keep:
      assembler.copy(
        instruction.element.float, instruction.width, vector(instruction.result),
        vector(instruction.a), .zeroing(mask(instruction.mask)))
    case .maskOfCount:
      let count = general(instruction.a)
      let bits: GeneralRegister = count == .rax ? .rdx : .rax
      assembler.move(bits, bits: UInt64.max)
      assembler.bits(.keepLowest, .bits64, bits, .register(bits), count)
      assembler.maskMove(.bits64, mask(instruction.result), .general(bits))
    case .maskAnd, .maskOr:
      assembler.mask(
        instruction.operation == .maskAnd ? .and : .or, .bits64, mask(instruction.result),
        mask(instruction.a), mask(instruction.b))
    case .maskNot:
      assembler.maskNot(.bits64, mask(instruction.result), mask(instruction.a))
    case .maskFromGeneral:
      assembler.maskMove(.bits64, mask(instruction.result), .general(general(instruction.a)))
    default:
      assembler.maskMove(.bits64, general(instruction.result), mask(instruction.a))
    }
  }

  private func predicate(_ instruction: Instruction) -> FloatPredicate {
    FloatPredicate(rawValue: UInt8(truncatingIfNeeded: instruction.immediate)) ?? .equal
  }

  private mutating func selectCompareNumbers(_ instruction: Instruction) {
    let element = instruction.element.float
    if isEVEX {
      assembler.compare(
        predicate(instruction), element, instruction.width, mask(instruction.result),
        vector(instruction.a), operand(instruction.b))
    } else {
      assembler.compare(
        predicate(instruction), element, instruction.width, vector(instruction.result),
        vector(instruction.a), operand(instruction.b))
    }
  }

  private mutating func selectCompareIntegers(_ instruction: Instruction) {
    let number = UInt8(truncatingIfNeeded: instruction.immediate)
    let predicate = IntegerPredicate(rawValue: number) ?? .equal
    let (element, width) = (instruction.element.integer, instruction.width)
    if isEVEX {
      assembler.compare(
        predicate, .signed, element, width, mask(instruction.result), vector(instruction.a),
        operand(instruction.b))
    } else if predicate == .equal {
      assembler.compare(
        VectorIntegerPredicate.equal, element, width, vector(instruction.result),
        vector(instruction.a), operand(instruction.b))
    } else {
      assembler.compare(
        VectorIntegerPredicate.greater, element, width, vector(instruction.result),
        vector(instruction.b), operand(instruction.a))
    }
  }

  /// 1 or 0 in a general register.
  private mutating func selectNumberComparison(_ instruction: Instruction) {
    let (element, result) = (instruction.element.float, general(instruction.result))
    if isEVEX {
      // k7 is never given out.
      assembler.compare(
        predicate(instruction), element, .scalar, MaskRegister.k7, vector(instruction.a),
        operand(instruction.b))
      assembler.maskMove(.bits64, result, .k7)
      assembler.general(.and, .bits32, result, .immediate(1))
      return
    }
    let (a, b) = (vector(instruction.a), operand(instruction.b))
    switch predicate(instruction) {
    case .less: selectFlags(.above, instruction)
    case .lessOrEqual: selectFlags(.aboveOrEqual, instruction)
    case .equal:
      assembler.compareLowest(.unordered, element, a, b)
      assembler.set(if: .equal, .rax)
      assembler.set(if: .notParity, .rdx)
      assembler.general(.and, .bits32, .rax, .register(.rdx))
      assembler.zeroExtendByte(result, .rax)
    default:
      assembler.compareLowest(.unordered, element, a, b)
      assembler.set(if: .notEqual, .rax)
      assembler.set(if: .parity, .rdx)
      assembler.general(.or, .bits32, .rax, .register(.rdx))
      assembler.zeroExtendByte(result, .rax)
    }
  }

  /// 1 where the comparison of the second operand with the first sets flags so.
  private mutating func selectFlags(_ condition: Condition, _ instruction: Instruction) {
    assembler.compareLowest(
      .unordered, instruction.element.float, vector(instruction.b), operand(instruction.a))
    assembler.set(if: condition, .rax)
    assembler.zeroExtendByte(general(instruction.result), .rax)
  }

  private mutating func selectSelect(_ instruction: Instruction) {
    let (element, result) = (instruction.element.float, vector(instruction.result))
    if isEVEX {
      assembler.blend(
        element, instruction.width, result, vector(instruction.b), operand(instruction.a),
        .merging(mask(instruction.mask)))
    } else {
      assembler.blend(
        element, instruction.width, result, vector(instruction.b), operand(instruction.a),
        whereSignOf: vector(instruction.mask))
    }
  }

  // Conversions

  mutating func selectConversion(_ instruction: Instruction) {
    let (element, width) = (instruction.element, instruction.width)
    switch instruction.operation {
    case .upperHalf:
      assembler.extract(
        width == .zmm ? .ymm : .xmm, at: 1, width, .register(vector(instruction.result)),
        vector(instruction.a))
    case .join:
      assembler.insert(
        width == .zmm ? .ymm : .xmm, at: 1, width, vector(instruction.result),
        vector(instruction.a), .register(vector(instruction.b)))
    case .permute:
      assembler.shuffle(
        element.float == .float32 ? .permuteFloat32InGroups : .permuteFloat64InGroups, width,
        vector(instruction.result), operand(instruction.a),
        UInt8(truncatingIfNeeded: instruction.immediate))
    case .widen, .narrow: selectWidth(instruction)
    case .widenWords, .narrowWords, .widenHalves, .narrowHalves: selectShorts(instruction)
    case .numbersFromIntegers:
      assembler.convert(
        element.float == .float32 ? .int32ToFloat32 : .int64ToFloat64, width,
        vector(instruction.result), operand(instruction.a))
    case .integersFromNumbers:
      assembler.convert(
        element.float == .float32 ? .float32ToInt32Truncated : .float64ToInt64Truncated, width,
        vector(instruction.result), operand(instruction.a))
    default: selectLowest(instruction)
    }
  }

  mutating func selectGroups(_ instruction: Instruction) {
    let (element, width) = (instruction.element.float, instruction.width)
    let a = vector(instruction.a)
    let number = UInt8(truncatingIfNeeded: instruction.immediate)
    if instruction.operation == .extractGroup {
      return assembler.extract(
        .xmm, at: number, width, place(instruction.result, instruction), a)
    }
    let result = vector(instruction.result)
    switch instruction.operation {
    case .insertGroup:
      assembler.insert(.xmm, at: number, width, result, a, place(instruction.b, instruction))
    case .mixLow: assembler.packed(.unpackLow, element, width, result, a, operand(instruction.b))
    case .mixHigh: assembler.packed(.unpackHigh, element, width, result, a, operand(instruction.b))
    case .shufflePairs:
      assembler.shuffle(.shuffleFloat32, width, result, a, operand(instruction.b), number)
    default:
      assembler.shuffle(
        isEVEX ? .shuffleGroupsFloat32 : .permuteGroups, width, result, a, operand(instruction.b),
        number)
    }
  }

  private mutating func selectShorts(_ instruction: Instruction) {
    let (result, a) = (vector(instruction.result), vector(instruction.a))
    switch instruction.operation {
    case .widenWords:
      assembler.convert(.uint16ToInt32, instruction.width, result, .register(a))
    case .widenHalves:
      assembler.convert(.float16ToFloat32, instruction.width, result, .register(a))
    case .narrowHalves:
      assembler.convertToFloat16(instruction.width, .register(result), a)
    default:
      if isEVEX {
        assembler.convert(.int32ToInt16, instruction.width, .register(result), a)
      } else {
        // Each half of the words comes to stand twice in its 16 bytes.
        assembler.mixed(.packUnsigned, .ymm, result, a, .register(a))
        assembler.shuffle(.permuteInt64, .ymm, result, .register(result), 0b1000)
      }
    }
  }

  private mutating func selectWidth(_ instruction: Instruction) {
    let isWidening = instruction.operation == .widen
    let (result, a) = (vector(instruction.result), vector(instruction.a))
    if instruction.width == .scalar {
      assembler.convertLowest(
        from: isWidening ? .float32 : .float64, result, upper: a, .register(a))
    } else {
      assembler.convert(
        isWidening ? .float32ToFloat64 : .float64ToFloat32, instruction.width, result,
        .register(a))
    }
  }

  private mutating func selectLowest(_ instruction: Instruction) {
    let element = instruction.element.float
    let width: GeneralWidth = element == .float32 ? .bits32 : .bits64
    switch instruction.operation {
    case .numberFromGeneral:
      // The clear breaks the dependence on what the register held.
      let result = vector(instruction.result)
      assembler.clear(result)
      assembler.convertLowest(
        to: element, result, upper: result, .bits64, .register(general(instruction.a)))
    case .generalFromNumber:
      assembler.convertLowest(
        .towardZero, from: element, .bits64, general(instruction.result), operand(instruction.a))
    case .bitsToGeneral:
      assembler.moveBits(width, general(instruction.result), vector(instruction.a))
    default:
      assembler.moveBits(width, vector(instruction.result), general(instruction.a))
    }
  }
}
