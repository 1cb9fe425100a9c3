/// Calls, and what a function needs for them.
extension Selection {
  mutating func selectCall(_ instruction: Instruction) {
    switch instruction.operation {
    case .argument:
      place(instruction, in: GeneralRegister.passed[Int(instruction.immediate)])
    case .call:
      assembler.call(
        instruction.a.isReal
          ? .register(general(instruction.a)) : .memory(address(instruction.memory)))
    case .result: place(instruction, in: .rax)
    case .saveFloatMode: assembler.saveFloatMode(address(instruction.memory))
    default: assembler.loadFloatMode(address(instruction.memory))
    }
  }

  /// Moves `a`, or what is in memory where that is absent, to a register.
  private mutating func place(_ instruction: Instruction, in target: GeneralRegister) {
    if !instruction.a.isReal {
      assembler.load(.bits64, target, address(instruction.memory))
    } else if general(instruction.a) != target {
      assembler.move(.bits64, target, general(instruction.a))
    }
  }
}
