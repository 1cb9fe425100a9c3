/// Turns an allocated program into machine code.
struct Selection {
  var assembler = Assembler()
  let instructionSet: Target.InstructionSet
  private let program: AllocatedProgram
  private var labels: [Label] = []

  /// The code of a function of C's calling convention.
  static func code(
    _ program: AllocatedProgram, _ instructionSet: Target.InstructionSet
  ) -> [UInt8] {
    var selection = Selection(program, instructionSet)
    selection.write()
    return selection.assembler.finish()
  }

  private init(_ program: AllocatedProgram, _ instructionSet: Target.InstructionSet) {
    self.program = program
    self.instructionSet = instructionSet
    for _ in 0..<program.labels { labels.append(assembler.label()) }
  }

  /// The registers that a function must give back as it found them.
  private static let preserved: [GeneralRegister] = [.rbx, .rbp, .r12, .r13, .r14, .r15]

  private mutating func write() {
    let used = program.usedGeneral
    let saved = Self.preserved.filter { used >> UInt32($0.rawValue) & 1 == 1 }
    for register in saved { assembler.push(register) }
    // Above the frame stands where the stack was.
    let bytes = Int32(truncatingIfNeeded: program.frameBytes)
    if bytes > 0 {
      assembler.move(.bits64, .rax, .rsp)
      assembler.general(.subtract, .bits64, .rsp, .immediate(bytes + 64))
      assembler.general(.and, .bits64, .rsp, .immediate(-64))
      assembler.store(.quadWord, Address(.rsp, displacement: bytes), .rax)
    }
    placeArguments()
    for instruction in program.instructions { select(instruction) }
    if bytes > 0 { assembler.load(.bits64, .rsp, Address(.rsp, displacement: bytes)) }
    for register in saved.reversed() { assembler.pop(register) }
    assembler.zeroUpper()
    assembler.return()
  }

  /// Moves the arguments from where C passes them.
  private mutating func placeArguments() {
    var moves: [(source: GeneralRegister, target: GeneralRegister)] = []
    for (source, location) in zip(GeneralRegister.passed, program.arguments) {
      switch location {
      case .register(let number):
        let target = general(Register(Int(number)))
        if target != source { moves.append((source, target)) }
      case .slot(let slot):
        let offset = Int32(truncatingIfNeeded: program.slotStart + slot * 64)
        assembler.store(.quadWord, Address(.rsp, displacement: offset), source)
      case .remade, .passing, .unused: break
      }
    }
    while let first = moves.first {
      if let place = moves.firstIndex(where: { move in
        !moves.contains { $0.source == move.target }
      }) {
        assembler.move(.bits64, moves[place].target, moves[place].source)
        moves.remove(at: place)
      } else {
        // A ring: rax holds one of them until the others have moved.
        assembler.move(.bits64, .rax, first.source)
        moves[0].source = .rax
      }
    }
  }

  // Operands

  func general(_ register: Register) -> GeneralRegister {
    guard let found = GeneralRegister(rawValue: UInt8(truncatingIfNeeded: register.index)) else {
      preconditionFailure("machine code: no such general register")
    }
    return found
  }

  func vector(_ register: Register) -> VectorRegister { VectorRegister(Int(register.index)) }

  func operand(_ register: Register) -> VectorOperand { .register(vector(register)) }

  func mask(_ register: Register) -> MaskRegister {
    guard let found = MaskRegister(rawValue: UInt8(truncatingIfNeeded: register.index)) else {
      preconditionFailure("machine code: no such mask register")
    }
    return found
  }

  func address(_ place: MemoryPlace) -> Address {
    let scale: Address.Scale =
      switch place.scale {
      case 2: .two
      case 4: .four
      case 8: .eight
      default: .one
      }
    let index = place.index.isReal ? general(place.index) : nil
    if place.base == .frame {
      return Address(.rsp, index: index, scale: scale, displacement: place.displacement)
    }
    if place.base.isReal {
      return Address(
        general(place.base), index: index, scale: scale, displacement: place.displacement)
    }
    return Address(index: index ?? .rax, scale: scale, displacement: place.displacement)
  }

  func label(_ number: Int64) -> Label { labels[Int(number)] }

  // Instructions

  private mutating func select(_ instruction: Instruction) {
    switch instruction.operation {
    case .label: assembler.place(label(instruction.immediate))
    case .jump: assembler.jump(label(instruction.immediate))
    case .branch, .compareFlags, .chooseByFlags, .comparison, .choice:
      selectComparison(instruction)
    case .copy: selectCopy(instruction)
    case .constant, .add, .subtract, .multiply, .and, .or, .xor, .shiftLeft, .shiftRight,
      .shiftRightSigned, .divide, .remainder, .negate, .not, .signExtend32, .zeroExtend32,
      .address, .load, .store, .prefetch, .prefetchWrite, .storeFence:
      selectGeneral(instruction)
    case .argument, .call, .result, .saveFloatMode, .loadFloatMode: selectCall(instruction)
    case .vectorZero, .vectorConstant, .vectorCount, .vectorLoad, .vectorStore, .vectorStream,
      .splat, .splatGeneral, .widenBytes, .maskLoad, .maskStore:
      selectMove(instruction)
    case .numberAdd, .numberSubtract, .numberMultiply, .numberDivide, .numberLesser,
      .numberGreater, .numberScale, .squareRoot, .floor, .truncate, .fusedAdd, .fusedNegateAdd,
      .fusedSubtract:
      selectNumbers(instruction)
    case .bitAnd, .bitOr, .bitXor, .bitAndNot, .integerAdd, .integerSubtract, .integerMultiply,
      .laneShiftLeft, .laneShiftRight, .laneShiftRightSigned, .permuteWords:
      selectBits(instruction)
    case .compareNumbers, .compareIntegers, .numberComparison, .select, .keep, .maskOfCount,
      .maskAnd, .maskOr, .maskNot, .maskFromGeneral, .maskToGeneral:
      selectMasks(instruction)
    case .insertGroup, .extractGroup, .mixLow, .mixHigh, .shufflePairs, .shuffleGroups:
      selectGroups(instruction)
    case .upperHalf, .join, .permute, .widen, .narrow, .numbersFromIntegers,
      .integersFromNumbers, .widenWords, .narrowWords, .widenHalves, .narrowHalves,
      .numberFromGeneral, .generalFromNumber, .bitsToGeneral,
      .bitsFromGeneral:
      selectConversion(instruction)
    }
  }
}

extension GeneralRegister {
  /// Where C passes integers and pointers, in order.
  static let passed: [GeneralRegister] = [.rdi, .rsi, .rdx, .rcx, .r8, .r9]
}

extension AllocatedProgram {
  /// A bit for each number of a register that anything writes, whatever its class.
  fileprivate var usedGeneral: UInt32 {
    var used: UInt32 = 0
    for instruction in instructions where instruction.result.isReal {
      used |= 1 << UInt32(truncatingIfNeeded: instruction.result.index)
    }
    for case .register(let number) in arguments { used |= 1 << UInt32(number) }
    return used
  }
}
