import Testing

@testable import MachineCode

/// Arithmetic reads memory itself where that changes nothing.
@Suite struct FoldedLoadsTests {
  private static let (base, index, a, x, y) = (
    Register(0), Register(1), Register(2), Register(3), Register(4)
  )
  private static let place = MemoryPlace(base: base, index: index, scale: 4, displacement: 64)

  private static func load(_ register: Register = x) -> Instruction {
    vector(.vectorLoad, register) { $0.memory = place }
  }

  private static func vector(
    _ operation: Operation, _ result: Register, _ change: (inout Instruction) -> Void
  ) -> Instruction {
    var instruction = Instruction(operation)
    instruction.element = .float32
    instruction.width = .zmm
    instruction.result = result
    change(&instruction)
    return instruction
  }

  private static func binary(_ operation: Operation, _ a: Register, _ b: Register) -> Instruction {
    vector(operation, y) { ($0.a, $0.b) = (a, b) }
  }

  private static func fused(_ a: Register, _ b: Register, _ c: Register) -> Instruction {
    vector(.fusedAdd, y) { ($0.a, $0.b, $0.c) = (a, b, c) }
  }

  private static let store = vector(.vectorStore, .none) {
    ($0.a, $0.memory) = (a, MemoryPlace(base: base))
  }

  private func folded(_ instructions: [Instruction]) -> [Instruction] {
    var program = LinearProgram(
      instructions: instructions,
      classes: [.general, .general, .vector, .vector, .vector], labels: 1, arguments: [],
      frameBytes: 0)
    program.foldLoads()
    return program.instructions
  }

  @Test(arguments: [
    binary(.numberSubtract, a, x), binary(.numberMultiply, x, a), fused(a, x, a), fused(x, a, a),
    fused(a, a, x),
  ])
  func oneInstructionDoesBoth(_ user: Instruction) {
    let result = folded([Self.load(), user])
    #expect(result.count == 1)
    #expect(result.first?.memory == Self.place && result.first?.result == Self.y)
    let operands = [result[0].a, result[0].b, result[0].c]
    #expect(!operands.contains(Self.x) && result[0].a == Self.a)
  }

  @Test(arguments: [
    // The first operand of a difference is a register.
    [load(), binary(.numberSubtract, x, a)],
    // What is loaded is needed twice.
    [load(), binary(.numberMultiply, x, x)],
    [load(), binary(.numberMultiply, a, x), binary(.numberAdd, a, x)],
    // Something is written in between.
    [load(), store, binary(.numberMultiply, a, x)],
    // A jump may lead in between.
    [load(), Instruction(.label), binary(.numberMultiply, a, x)],
    // The address changes in between.
    [load(), vector(.add, index) { ($0.a, $0.b) = (index, base) }, binary(.numberMultiply, a, x)],
    // Lanes that a mask leaves out are not read.
    [vector(.vectorLoad, x) { ($0.memory, $0.mask) = (place, a) }, binary(.numberMultiply, a, x)],
    // Another register is assigned twice.
    [load(), load(), binary(.numberMultiply, a, x)],
  ])
  func whatMustStayStays(_ instructions: [Instruction]) {
    #expect(folded(instructions) == instructions)
  }

  @Test func aLoadOfAnotherWidthStays() {
    var load = Self.load()
    load.width = .ymm
    let instructions = [load, Self.binary(.numberMultiply, Self.a, Self.x)]
    #expect(folded(instructions) == instructions)
  }

  @Test func bothOperandsOfOneInstructionAreNotRead() {
    let result = folded([
      Self.load(), Self.load(Self.a), Self.binary(.numberMultiply, Self.a, Self.x),
    ])
    #expect(result.count == 2 && result[0].operation == .vectorLoad)
  }
}
