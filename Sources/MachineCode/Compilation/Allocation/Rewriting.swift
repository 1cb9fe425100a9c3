/// Puts the registers of the processor into a program, with loads and stores of what has none.
struct Rewriting {
  private let source: LinearProgram
  private let scan: LinearScan
  private let instructionSet: Target.InstructionSet
  private let slotStart: Int
  private var instructions: [Instruction] = []
  private var definitions: [Int32: Instruction] = [:]

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
    if instruction.operation == .copy, instruction.a == instruction.result { return }
    var rewritten = instruction
    var usedGeneral = 0
    rewriteAddress(&rewritten, &usedGeneral)
    if instruction.operation == .choice { return rewriteChoice(rewritten, instruction) }
    var usedMasks = 0
    rewritten.a = operand(instruction.a, 0, &usedGeneral, &usedMasks)
    rewritten.b = operand(instruction.b, 1, &usedGeneral, &usedMasks)
    rewritten.c = operand(instruction.c, 2, &usedGeneral, &usedMasks)
    rewritten.mask = operand(instruction.mask, 2, &usedGeneral, &usedMasks)
    appendWithResult(rewritten, instruction)
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
      rewritten.memory = MemoryPlace(base: sum.result)
      used = 1
    }
  }

  private func isInMemory(_ register: Register) -> Bool {
    guard register.isReal else { return false }
    if case .register = scan.locations[Int(register.index)] { return false }
    return true
  }

  /// The comparison, then the choice: their operands need not be in registers at once.
  private mutating func rewriteChoice(_ rewritten: Instruction, _ instruction: Instruction) {
    var (used, none) = (0, 0)
    var compare = Instruction(.compareFlags)
    compare.immediate = instruction.immediate
    compare.a = operand(instruction.a, 0, &used, &none)
    compare.b = operand(instruction.b, 1, &used, &none)
    instructions.append(compare)
    (used, none) = (0, 0)
    var choice = Instruction(.chooseByFlags)
    choice.condition = instruction.condition
    choice.a = operand(instruction.c, 0, &used, &none)
    choice.b = operand(instruction.mask, 1, &used, &none)
    appendWithResult(choice, instruction)
  }

  private mutating func operand(
    _ register: Register, _ place: Int, _ usedGeneral: inout Int, _ usedMasks: inout Int
  ) -> Register {
    guard register.isReal else { return register }
    let location = scan.locations[Int(register.index)]
    if case .register(let number) = location { return Register(Int(number)) }
    let registerClass = source.classes[Int(register.index)]
    let scratch: UInt8
    switch registerClass {
    case .general:
      // The second operand stands apart from the result, which takes the place of the first.
      let preferred = place == 1 ? 1 : 0
      let chosen = usedGeneral & (1 << preferred) == 0 ? preferred : 1 - preferred
      scratch = Scratch.general[chosen]
      usedGeneral |= 1 << chosen
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
    instruction.memory = MemoryPlace(
      base: .frame, displacement: Int32(truncatingIfNeeded: slotStart + slot * 64))
    return instruction
  }
}
