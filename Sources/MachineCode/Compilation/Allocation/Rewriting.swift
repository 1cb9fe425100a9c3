/// Puts the registers of the processor into a program, with loads and stores of what has none.
struct Rewriting {
  private let source: LinearProgram
  private let scan: LinearScan
  private let instructionSet: Target.InstructionSet
  private let slotStart: Int
  private var instructions: [Instruction] = []
  private var definitions: [Int32: Instruction] = [:]
  /// The slots whose values the scratch registers of `general` hold; -1 for none.
  private var held = SIMD2<Int>(repeating: -1)
  /// The place of the scratch register that was taken last.
  private var lastTaken = 0
  /// `true` iff the result of the instruction goes to memory by way of a general register.
  private var storesGeneral = false

  /// What serves for values in memory.
  private enum Scratch {
    static let general: [UInt8] = [0, 2]
    static let mask: [UInt8] = [6, 7]
  }

  init(_ program: LinearProgram, _ scan: LinearScan, _ instructionSet: Target.InstructionSet) {
    source = program
    self.scan = scan
    self.instructionSet = instructionSet
    slotStart = (program.frameBytes + 63) / 64 * 64
    instructions.reserveCapacity(program.instructions.count + 64)
    for instruction in program.instructions where instruction.result.isReal {
      if case .remade = scan.locations[Int(instruction.result.index)] {
        definitions[instruction.result.index] = instruction
      }
    }
    for instruction in program.instructions { rewrite(instruction) }
  }

  var program: AllocatedProgram {
    AllocatedProgram(
      instructions: instructions, labels: source.labels,
      arguments: source.arguments.map { scan.locations[Int($0.index)] },
      frameBytes: slotStart + scan.slots * 64, slotStart: slotStart)
  }

  private func vectorScratch(_ place: Int) -> UInt8 {
    UInt8(truncatingIfNeeded: (instructionSet == .avx512 ? 29 : 13) + place)
  }

  private mutating func rewrite(_ instruction: Instruction) {
    if instruction.result.isReal,
      case .remade = scan.locations[Int(instruction.result.index)]
    {
      return
    }
    if instruction.operation == .copy, isDone(instruction) { return }
    var rewritten = instruction
    var usedGeneral = 0
    storesGeneral = isStored(instruction.result, .general)
    rewriteAddress(&rewritten, &usedGeneral)
    switch instruction.operation {
    case .choice: return rewriteChoice(rewritten, instruction)
    case .argument, .call: return rewriteCall(instruction)
    case .branch, .comparison: rewriteComparison(&rewritten, instruction)
    case .divide, .remainder:
      var usedMasks = 0
      rewritten.a = operand(instruction.a, 0, &usedGeneral, &usedMasks)
      if let slot = slot(of: instruction.b) {
        (rewritten.b, rewritten.memory) = (.none, place(of: slot))
      } else {
        rewritten.b = operand(instruction.b, 1, &usedGeneral, &usedMasks)
      }
    default:
      var usedMasks = 0
      rewritten.a = operand(instruction.a, 0, &usedGeneral, &usedMasks)
      rewritten.b = operand(instruction.b, 1, &usedGeneral, &usedMasks)
      rewritten.c = operand(instruction.c, 2, &usedGeneral, &usedMasks)
      rewritten.mask = operand(instruction.mask, 2, &usedGeneral, &usedMasks)
    }
    if instruction.operation.usesScratch { held = SIMD2(repeating: -1) }
    appendWithResult(rewritten, instruction)
  }

  /// `true` iff a copy needs no move, or has been made: what is made again may be made in place.
  private mutating func isDone(_ copy: Instruction) -> Bool {
    if copy.a == copy.result { return true }
    guard var definition = definitions[copy.a.index],
      case .register(let number) = scan.locations[Int(copy.result.index)]
    else { return false }
    definition.result = Register(Int(number))
    instructions.append(definition)
    return true
  }

  private func isStored(_ register: Register, _ registerClass: RegisterClass) -> Bool {
    guard register.isReal, source.classes[Int(register.index)] == registerClass else {
      return false
    }
    return slot(of: register) != nil
  }

  private func slot(of register: Register) -> Int? {
    guard register.isReal, case .slot(let slot) = scan.locations[Int(register.index)] else {
      return nil
    }
    return slot
  }

  private mutating func appendWithResult(_ rewritten: Instruction, _ instruction: Instruction) {
    var rewritten = rewritten
    guard instruction.result.isReal else {
      instructions.append(rewritten)
      return
    }
    let registerClass = source.classes[Int(instruction.result.index)]
    switch scan.locations[Int(instruction.result.index)] {
    case .register(let number):
      rewritten.result = Register(Int(number))
      instructions.append(rewritten)
    case .slot(let slot):
      let scratch: UInt8 =
        switch registerClass {
        case .general: Scratch.general[0]
        case .vector: vectorScratch(2)
        case .mask: Scratch.mask[0]
        }
      rewritten.result = Register(Int(scratch))
      instructions.append(rewritten)
      instructions.append(move(to: slot, scratch, registerClass))
      if registerClass == .general { held = SIMD2(slot, held[1] == slot ? -1 : held[1]) }
    case .passing:
      rewritten.result = Register(Int(Scratch.general[0]))
      instructions.append(rewritten)
      held[0] = -1
    case .remade, .unused: break
    }
  }

  /// The registers of an address; if both are in memory, their sum is made first.
  private mutating func rewriteAddress(_ rewritten: inout Instruction, _ used: inout Int) {
    var none = 0
    let place = rewritten.memory
    var inMemory = 0
    if isInMemory(place.base) { inMemory += 1 }
    if isInMemory(place.index) { inMemory += 1 }
    rewritten.memory.base = operand(place.base, 0, &used, &none)
    rewritten.memory.index = operand(place.index, 1, &used, &none)
    if inMemory == 2, rewritten.a.isReal || rewritten.operation == .choice {
      var sum = Instruction(.address)
      sum.memory = rewritten.memory
      sum.result = Register(Int(Scratch.general[0]))
      instructions.append(sum)
      held[0] = -1
      rewritten.memory = MemoryPlace(base: sum.result)
      used = 1
    }
  }

  private func isInMemory(_ register: Register) -> Bool {
    guard register.isReal else { return false }
    switch scan.locations[Int(register.index)] {
    case .register, .passing: return false
    case .slot, .remade, .unused: return true
    }
  }

  /// The comparison, then the choice: their operands need not be in registers at once.
  private mutating func rewriteChoice(_ rewritten: Instruction, _ instruction: Instruction) {
    var compare = Instruction(.compareFlags)
    compare.immediate = instruction.immediate
    rewriteComparison(&compare, instruction)
    instructions.append(compare)
    var (used, none) = (0, 0)
    var choice = Instruction(.chooseByFlags)
    choice.condition = instruction.condition
    choice.a = operand(instruction.c, 0, &used, &none)
    choice.b = operand(instruction.mask, 1, &used, &none)
    appendWithResult(choice, instruction)
  }

  /// What a call takes goes from memory straight to where it is passed: the scratch registers may
  /// hold other arguments.
  private mutating func rewriteCall(_ instruction: Instruction) {
    let isArgument = instruction.operation == .argument
    var passed = instruction
    held = SIMD2(repeating: -1)
    if let slot = slot(of: instruction.a) {
      (passed.a, passed.memory) = (.none, place(of: slot))
    } else if case .register(let number) = scan.locations[Int(instruction.a.index)] {
      passed.a = Register(Int(number))
    } else if var definition = definitions[instruction.a.index] {
      let target: GeneralRegister = isArgument ? .passed[Int(instruction.immediate)] : .rax
      definition.result = Register(Int(target.rawValue))
      instructions.append(definition)
      passed.a = definition.result
    }
    instructions.append(passed)
  }

  /// One of the numbers that are compared may stay in memory, unless a register holds it.
  private mutating func rewriteComparison(
    _ rewritten: inout Instruction, _ instruction: Instruction
  ) {
    var (used, none) = (0, 0)
    func inMemory(_ register: Register) -> MemoryPlace? {
      guard let slot = slot(of: register), held[0] != slot, held[1] != slot else { return nil }
      return place(of: slot)
    }
    if let place = inMemory(instruction.a) {
      rewritten.b = operand(instruction.b, 1, &used, &none)
      (rewritten.a, rewritten.memory) = (.none, place)
    } else if let place = inMemory(instruction.b) {
      rewritten.a = operand(instruction.a, 0, &used, &none)
      (rewritten.b, rewritten.memory) = (.none, place)
    } else {
      rewritten.a = operand(instruction.a, 0, &used, &none)
      rewritten.b = operand(instruction.b, 1, &used, &none)
    }
  }

  private mutating func operand(
    _ register: Register, _ place: Int, _ usedGeneral: inout Int, _ usedMasks: inout Int
  ) -> Register {
    guard register.isReal else { return register }
    let location = scan.locations[Int(register.index)]
    switch location {
    case .register(let number): return Register(Int(number))
    case .passing:
      usedGeneral |= 1
      return Register(Int(Scratch.general[0]))
    case .slot, .remade, .unused: break
    }
    let registerClass = source.classes[Int(register.index)]
    let scratch: UInt8
    switch registerClass {
    case .general:
      let (chosen, isThere) = chosenScratch(location, place, usedGeneral)
      scratch = Scratch.general[chosen]
      usedGeneral |= 1 << chosen
      lastTaken = chosen
      if isThere { return Register(Int(scratch)) }
      if case .slot(let slot) = location { held[chosen] = slot } else { held[chosen] = -1 }
    case .vector: scratch = vectorScratch(place)
    case .mask:
      scratch = Scratch.mask[min(usedMasks, 1)]
      usedMasks += 1
    }
    if case .slot(let slot) = location {
      instructions.append(move(from: slot, scratch, registerClass))
    } else if var definition = definitions[register.index] {
      definition.result = Register(Int(scratch))
      instructions.append(definition)
    }
    return Register(Int(scratch))
  }

  /// Which scratch register an operand takes, and whether it holds the value already.
  ///
  /// Where the result goes to memory, the second operand stands apart from it, which takes the
  /// place of the first; else an operand takes the one that was not taken last.
  private func chosenScratch(
    _ location: Location, _ place: Int, _ used: Int
  ) -> (chosen: Int, isThere: Bool) {
    var preferred = place == 1 ? 1 : 0
    if !storesGeneral { preferred = 1 - lastTaken }
    if case .slot(let slot) = location {
      if held[preferred] == slot { return (preferred, true) }
      if !storesGeneral, held[1 - preferred] == slot { return (1 - preferred, true) }
    }
    return (used & (1 << preferred) == 0 ? preferred : 1 - preferred, false)
  }

  private func move(
    from slot: Int, _ number: UInt8, _ registerClass: RegisterClass
  ) -> Instruction {
    let operation: Operation =
      switch registerClass {
      case .general: .load
      case .vector: .vectorLoad
      case .mask: .maskLoad
      }
    var instruction = access(operation, slot, registerClass)
    instruction.result = Register(Int(number))
    return instruction
  }

  private func move(
    to slot: Int, _ number: UInt8, _ registerClass: RegisterClass
  ) -> Instruction {
    let operation: Operation =
      switch registerClass {
      case .general: .store
      case .vector: .vectorStore
      case .mask: .maskStore
      }
    var instruction = access(operation, slot, registerClass)
    instruction.a = Register(Int(number))
    return instruction
  }

  /// An instruction that reads or writes all of a slot.
  private func access(
    _ operation: Operation, _ slot: Int, _ registerClass: RegisterClass
  ) -> Instruction {
    var instruction = Instruction(operation)
    instruction.element = registerClass == .vector ? .float32 : .int64
    instruction.width = instructionSet == .avx512 ? .zmm : .ymm
    instruction.memory = place(of: slot)
    return instruction
  }

  private func place(of slot: Int) -> MemoryPlace {
    MemoryPlace(base: .frame, displacement: Int32(truncatingIfNeeded: slotStart + slot * 64))
  }
}

extension Operation {
  /// `true` iff it changes the scratch registers, or is come to from elsewhere.
  fileprivate var usesScratch: Bool {
    switch self {
    case .label, .comparison, .numberComparison, .divide, .remainder, .maskOfCount: true
    default: false
    }
  }
}
