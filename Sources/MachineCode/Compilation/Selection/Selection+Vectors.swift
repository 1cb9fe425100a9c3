extension Element {
  /// The element as instructions on numbers name it; integers of its size are held alike.
  var float: FloatElement { byteCount == 8 ? .float64 : .float32 }
  var integer: IntegerElement { byteCount == 8 ? .int64 : .int32 }
}

/// Vectors: moves, numbers and bits.
extension Selection {
  private var isEVEX: Bool { instructionSet == .avx512 }

  mutating func selectCopy(_ instruction: Instruction) {
    switch instruction.copyClass {
    case .general: assembler.move(.bits64, general(instruction.result), general(instruction.a))
    case .vector:
      assembler.copy(
        instruction.element.float, instruction.width, vector(instruction.result),
        vector(instruction.a))
    case .mask:
      assembler.maskMove(.bits64, mask(instruction.result), .mask(mask(instruction.a)))
    }
  }

  mutating func selectMove(_ instruction: Instruction) {
    switch instruction.operation {
    case .vectorZero: assembler.clear(vector(instruction.result))
    case .vectorConstant: selectConstant(instruction)
    case .vectorCount: selectCount(instruction)
    case .vectorLoad: selectVectorLoad(instruction)
    case .vectorStore: selectVectorStore(instruction)
    case .vectorStream:
      assembler.stream(
        instruction.element == .word ? .integer : .float(instruction.element.float),
        instruction.width, address(instruction.memory),
        vector(instruction.a))
    case .splat: selectSplat(instruction)
    case .splatGeneral: selectSplatGeneral(instruction)
    case .widenBytes:
      let bytes: VectorOperand =
        instruction.a.isReal
        ? operand(instruction.a) : .memory(address(instruction.memory))
      let masking: Masking = instruction.mask.isReal ? .zeroing(mask(instruction.mask)) : .none
      assembler.convert(
        instruction.element == .int32 ? .uint8ToInt32 : .uint8ToInt64, instruction.width,
        vector(instruction.result), bytes, masking)
    case .maskLoad:
      assembler.maskMove(
        .bits64, mask(instruction.result), .memory(address(instruction.memory)))
    default: assembler.maskStore(.bits64, address(instruction.memory), mask(instruction.a))
    }
  }

  private mutating func selectConstant(_ instruction: Instruction) {
    let isWide = instruction.element.byteCount == 8
    let bits = UInt64(bitPattern: instruction.immediate)
    let constant =
      isWide
      ? assembler.constant(bits) : assembler.constant(UInt32(truncatingIfNeeded: bits))
    let result = vector(instruction.result)
    if instruction.width == .scalar {
      assembler.load(.float(instruction.element.float), .scalar, result, Address(constant))
    } else {
      assembler.broadcast(
        instruction.element.float, instruction.width, result, .memory(Address(constant)))
    }
  }

  private mutating func selectCount(_ instruction: Instruction) {
    let size = instruction.element.byteCount
    let count = (instruction.width == .zmm ? 64 : 32) / size
    let places = WordPlaces(rawValue: instruction.immediate) ?? .count
    var bytes = [UInt8](repeating: 0, count: count * size)
    for place in 0..<count {
      let element = places.element(place)
      for byte in 0..<4 {
        bytes[place * size + byte] = UInt8(truncatingIfNeeded: element >> (8 * UInt32(byte)))
      }
    }
    let constant = assembler.constant(bytes)
    assembler.load(
      .float(instruction.element.float), instruction.width, vector(instruction.result),
      Address(constant))
  }

  private mutating func selectVectorLoad(_ instruction: Instruction) {
    let (element, result) = (instruction.element.float, vector(instruction.result))
    let place = address(instruction.memory)
    if !instruction.mask.isReal {
      assembler.load(.float(element), instruction.width, result, place)
    } else if instruction.element == .word {
      assembler.load(
        .words, instruction.width, result, place, .zeroing(mask(instruction.mask)))
    } else if isEVEX {
      assembler.load(
        .float(element), instruction.width, result, place, .zeroing(mask(instruction.mask)))
    } else {
      assembler.load(
        element, instruction.width, result, place, whereSignOf: vector(instruction.mask))
    }
  }

  private mutating func selectVectorStore(_ instruction: Instruction) {
    let (element, source) = (instruction.element.float, vector(instruction.a))
    let place = address(instruction.memory)
    if !instruction.mask.isReal {
      assembler.store(.float(element), instruction.width, place, source)
    } else if instruction.element == .word {
      assembler.store(
        .words, instruction.width, place, source, .merging(mask(instruction.mask)))
    } else if isEVEX {
      assembler.store(
        .float(element), instruction.width, place, source, .merging(mask(instruction.mask)))
    } else {
      assembler.store(
        element, instruction.width, place, source, whereSignOf: vector(instruction.mask))
    }
  }

  private mutating func selectSplat(_ instruction: Instruction) {
    assembler.broadcast(
      instruction.element.float, instruction.width, vector(instruction.result),
      place(instruction.a, instruction))
  }

  /// A register, or where it is absent the memory of the instruction.
  func place(_ register: Register, _ instruction: Instruction) -> VectorPlace {
    register.isReal ? .register(vector(register)) : .memory(address(instruction.memory))
  }

  private mutating func selectSplatGeneral(_ instruction: Instruction) {
    let (element, result) = (instruction.element.integer, vector(instruction.result))
    if isEVEX {
      assembler.broadcast(element, instruction.width, result, general(instruction.a))
    } else {
      assembler.moveBits(.bits64, result, general(instruction.a))
      assembler.broadcast(element, instruction.width, result, .register(result))
    }
  }

  // Numbers

  mutating func selectNumbers(_ instruction: Instruction) {
    switch instruction.operation {
    case .numberAdd: selectFloat(.add, instruction)
    case .numberSubtract: selectFloat(.subtract, instruction)
    case .numberMultiply: selectFloat(.multiply, instruction)
    case .numberDivide: selectFloat(.divide, instruction)
    case .numberLesser: selectFloat(.minimum, instruction)
    case .numberGreater: selectFloat(.maximum, instruction)
    case .numberScale: selectFloat(.scale, instruction)
    case .squareRoot:
      let (element, result) = (instruction.element.float, vector(instruction.result))
      if instruction.width == .scalar {
        assembler.float(
          .squareRoot, element, result, upper: vector(instruction.a), operand(instruction.a))
      } else {
        assembler.float(.squareRoot, element, instruction.width, result, operand(instruction.a))
      }
    case .floor: selectRound(.down, instruction)
    case .truncate: selectRound(.towardZero, instruction)
    case .fusedAdd: selectFused(.fmadd132, .fmadd213, .fmadd231, instruction)
    case .fusedNegateAdd: selectFused(.fnmadd132, .fnmadd213, .fnmadd231, instruction)
    default: selectFused(.fmsub132, .fmsub213, .fmsub231, instruction)
    }
  }

  private mutating func selectFloat(_ operation: FloatBinary, _ instruction: Instruction) {
    let (element, result) = (instruction.element.float, vector(instruction.result))
    if instruction.mask.isReal { copyUnmasked(instruction) }
    assembler.float(
      operation, element, instruction.width, result, vector(instruction.a),
      operandOrMemory(instruction.b, instruction), masking(instruction))
  }

  /// An operand that memory takes the place of where it is absent.
  private func operandOrMemory(_ register: Register, _ instruction: Instruction) -> VectorOperand {
    register.isReal ? operand(register) : .memory(address(instruction.memory))
  }

  /// Puts what the lanes hold that a mask leaves out into the result.
  private mutating func copyUnmasked(_ instruction: Instruction) {
    if instruction.result != instruction.c { copy(instruction.c, instruction) }
  }

  private func masking(_ instruction: Instruction) -> Masking {
    instruction.mask.isReal ? .merging(mask(instruction.mask)) : .none
  }

  private mutating func selectRound(_ rounding: Rounding, _ instruction: Instruction) {
    let (element, result) = (instruction.element.float, vector(instruction.result))
    if instruction.width == .scalar {
      assembler.round(
        rounding, element, result, upper: vector(instruction.a), operand(instruction.a))
    } else {
      assembler.round(rounding, element, instruction.width, result, operand(instruction.a))
    }
  }

  /// The result takes the place of one of the operands: of the one that is there already.
  private mutating func selectFused(
    _ form132: FloatBinary, _ form213: FloatBinary, _ form231: FloatBinary,
    _ instruction: Instruction
  ) {
    let (result, a) = (instruction.result, instruction.a)
    let (b, c) = (instruction.b, instruction.c)
    if instruction.mask.isReal {
      copyUnmasked(instruction)
      fuse(form231, a, b, instruction)
    } else if result == c {
      fuse(form231, a, b, instruction)
    } else if result == a, b.isReal {
      fuse(form213, b, c, instruction)
    } else if result == a {
      fuse(form132, c, b, instruction)
    } else if result == b {
      fuse(form213, a, c, instruction)
    } else if c.isReal {
      copy(c, instruction)
      fuse(form231, a, b, instruction)
    } else {
      copy(a, instruction)
      fuse(form213, b, c, instruction)
    }
  }

  private mutating func fuse(
    _ form: FloatBinary, _ second: Register, _ third: Register, _ instruction: Instruction
  ) {
    assembler.float(
      form, instruction.element.float, instruction.width, vector(instruction.result),
      vector(second), operandOrMemory(third, instruction), masking(instruction))
  }

  private mutating func copy(_ register: Register, _ instruction: Instruction) {
    assembler.copy(
      instruction.element.float, instruction.width, vector(instruction.result), vector(register))
  }

  // Bits and integers

  mutating func selectBits(_ instruction: Instruction) {
    switch instruction.operation {
    case .bitAnd: selectPacked(.and, instruction)
    case .bitOr: selectPacked(.or, instruction)
    case .bitXor: selectPacked(.xor, instruction)
    case .bitAndNot: selectPacked(.andNot, instruction)
    case .integerAdd: selectInteger(.add, instruction)
    case .integerSubtract: selectInteger(.subtract, instruction)
    case .integerMultiply: selectInteger(.multiply, instruction)
    case .laneShiftLeft: selectShift(.left, instruction)
    case .laneShiftRight: selectShift(.right, instruction)
    case .permuteWords:
      assembler.mixed(
        .permuteWords, instruction.width, vector(instruction.result), vector(instruction.a),
        operand(instruction.b))
    default: selectShift(.arithmeticRight, instruction)
    }
  }

  private mutating func selectPacked(_ operation: PackedBinary, _ instruction: Instruction) {
    let width = instruction.width == .scalar ? .xmm : instruction.width
    if instruction.mask.isReal { copyUnmasked(instruction) }
    assembler.packed(
      operation, instruction.element.float, width, vector(instruction.result),
      vector(instruction.a), operand(instruction.b), masking(instruction))
  }

  private mutating func selectInteger(_ operation: IntegerBinary, _ instruction: Instruction) {
    if instruction.mask.isReal { copyUnmasked(instruction) }
    assembler.integer(
      operation, instruction.element.integer, instruction.width, vector(instruction.result),
      vector(instruction.a), operand(instruction.b), masking(instruction))
  }

  private mutating func selectShift(_ shift: VectorShift, _ instruction: Instruction) {
    assembler.shift(
      shift, instruction.element.integer, instruction.width, vector(instruction.result),
      vector(instruction.a), by: UInt8(truncatingIfNeeded: instruction.immediate))
  }
}
