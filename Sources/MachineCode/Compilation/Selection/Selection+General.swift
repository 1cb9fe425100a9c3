/// Integers, addresses and jumps.
extension Selection {
  mutating func selectComparison(_ instruction: Instruction) {
    switch instruction.operation {
    case .branch:
      compare(instruction, Int64(instruction.compared))
      assembler.jump(if: instruction.condition, label(instruction.immediate))
    case .compareFlags: compare(instruction, instruction.immediate)
    case .comparison:
      compare(instruction, instruction.immediate)
      assembler.set(if: instruction.condition, .rax)
      assembler.zeroExtendByte(general(instruction.result), .rax)
    default:
      // A choice by flags: moves leave them alone.
      let (result, a, b) = (
        general(instruction.result), general(instruction.a), general(instruction.b)
      )
      if result == a {
        assembler.move(if: instruction.condition.negated, .bits64, result, .register(b))
      } else {
        if result != b { assembler.move(.bits64, result, b) }
        assembler.move(if: instruction.condition, .bits64, result, .register(a))
      }
    }
  }

  /// One of the two may be in memory; it is then absent.
  private mutating func compare(_ instruction: Instruction, _ immediate: Int64) {
    guard instruction.a.isReal else {
      let place = address(instruction.memory)
      if instruction.b.isReal {
        return assembler.general(.compare, .bits64, memory: place, general(instruction.b))
      }
      return assembler.general(
        .compare, .bits64, memory: place, Int32(truncatingIfNeeded: immediate))
    }
    let a = general(instruction.a)
    if instruction.memory.base == .frame {
      assembler.general(.compare, .bits64, a, .memory(address(instruction.memory)))
    } else if instruction.b.isReal {
      assembler.general(.compare, .bits64, a, .register(general(instruction.b)))
    } else if immediate == 0 {
      assembler.test(.bits64, a, a)
    } else {
      assembler.general(.compare, .bits64, a, .immediate(Int32(truncatingIfNeeded: immediate)))
    }
  }

  mutating func selectGeneral(_ instruction: Instruction) {
    switch instruction.operation {
    case .constant:
      assembler.move(
        general(instruction.result), bits: UInt64(bitPattern: instruction.immediate))
    case .add: selectAdd(instruction)
    case .subtract: selectBinary(instruction, .subtract)
    case .and: selectBinary(instruction, .and)
    case .or: selectBinary(instruction, .or)
    case .xor: selectBinary(instruction, .xor)
    case .multiply: selectMultiply(instruction)
    case .shiftLeft: selectShift(instruction, .left)
    case .shiftRight: selectShift(instruction, .right)
    case .shiftRightSigned: selectShift(instruction, .arithmeticRight)
    case .divide, .remainder: selectDivide(instruction)
    case .negate, .not:
      moveOperand(instruction)
      assembler.general(
        instruction.operation == .negate ? .negate : .not, .bits64,
        .register(general(instruction.result)))
    case .signExtend32: assembler.signExtend(general(instruction.result), general(instruction.a))
    case .zeroExtend32:
      assembler.move(.bits32, general(instruction.result), general(instruction.a))
    case .address:
      assembler.loadAddress(.bits64, general(instruction.result), address(instruction.memory))
    case .load: selectLoad(instruction)
    case .store: selectStore(instruction)
    case .prefetch: assembler.prefetch(.nearest, address(instruction.memory))
    case .prefetchWrite: assembler.prefetchForWriting(address(instruction.memory))
    default: assembler.storeFence()
    }
  }

  /// Moves `a` to the result, which the instruction then changes.
  private mutating func moveOperand(_ instruction: Instruction) {
    if instruction.result != instruction.a {
      assembler.move(.bits64, general(instruction.result), general(instruction.a))
    }
  }

  private mutating func selectAdd(_ instruction: Instruction) {
    let (result, a) = (general(instruction.result), general(instruction.a))
    let immediate = Int32(truncatingIfNeeded: instruction.immediate)
    if !instruction.b.isReal {
      if result == a {
        assembler.general(.add, .bits64, result, .immediate(immediate))
      } else {
        assembler.loadAddress(.bits64, result, Address(a, displacement: immediate))
      }
      return
    }
    let b = general(instruction.b)
    if result == a {
      assembler.general(.add, .bits64, result, .register(b))
    } else if result == b {
      assembler.general(.add, .bits64, result, .register(a))
    } else {
      assembler.loadAddress(.bits64, result, Address(a, index: b))
    }
  }

  private mutating func selectBinary(_ instruction: Instruction, _ operation: GeneralBinary) {
    let result = general(instruction.result)
    guard instruction.b.isReal else {
      moveOperand(instruction)
      assembler.general(
        operation, .bits64, result,
        .immediate(Int32(truncatingIfNeeded: instruction.immediate)))
      return
    }
    if instruction.result == instruction.b, operation != .subtract {
      assembler.general(operation, .bits64, result, .register(general(instruction.a)))
    } else {
      moveOperand(instruction)
      assembler.general(operation, .bits64, result, .register(general(instruction.b)))
    }
  }

  private mutating func selectMultiply(_ instruction: Instruction) {
    let (result, a) = (general(instruction.result), general(instruction.a))
    guard instruction.b.isReal else {
      assembler.multiply(
        .bits64, result, .register(a), Int32(truncatingIfNeeded: instruction.immediate))
      return
    }
    moveOperand(instruction)
    assembler.multiply(.bits64, result, .register(general(instruction.b)))
  }

  private mutating func selectShift(_ instruction: Instruction, _ shift: GeneralShift) {
    moveOperand(instruction)
    assembler.shift(
      shift, .bits64, .register(general(instruction.result)),
      by: .immediate(UInt8(truncatingIfNeeded: instruction.immediate)))
  }

  /// rax and rdx are never given out.
  private mutating func selectDivide(_ instruction: Instruction) {
    let a = general(instruction.a)
    if a != .rax { assembler.move(.bits64, .rax, a) }
    assembler.general(.xor, .bits32, .rdx, .register(.rdx))
    assembler.general(
      .divide, .bits64,
      instruction.b.isReal
        ? .register(general(instruction.b)) : .memory(address(instruction.memory)))
    let source: GeneralRegister = instruction.operation == .divide ? .rax : .rdx
    let result = general(instruction.result)
    if result != source { assembler.move(.bits64, result, source) }
  }

  private mutating func selectLoad(_ instruction: Instruction) {
    let (result, place) = (general(instruction.result), address(instruction.memory))
    switch instruction.element {
    case .byte: assembler.load(.bits32, result, place, .zeroExtendedByte)
    case .word: assembler.load(.bits32, result, place, .zeroExtendedWord)
    case .int32, .float32: assembler.loadSignExtended(result, place)
    case .int64, .float64: assembler.load(.bits64, result, place)
    }
  }

  private mutating func selectStore(_ instruction: Instruction) {
    let width: StoreWidth =
      switch instruction.element {
      case .byte: .byte
      case .word: .word
      case .int32, .float32: .doubleWord
      case .int64, .float64: .quadWord
      }
    assembler.store(width, address(instruction.memory), general(instruction.a))
  }
}
