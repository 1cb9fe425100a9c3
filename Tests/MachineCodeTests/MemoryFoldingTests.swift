import Testing

@testable import MachineCode

/// Instructions read and write memory themselves where that changes nothing.
@Suite struct MemoryFoldingTests {
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
    program.foldMemory()
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

  @Test func aNumberIsSpreadFromMemory() {
    var load = Self.load()
    load.width = .scalar
    let result = folded([load, Self.vector(.splat, Self.y) { $0.a = Self.x }])
    #expect(result.count == 1 && !result[0].a.isReal && result[0].memory == Self.place)
    // A whole vector is not what is spread.
    let whole = [Self.load(), Self.vector(.splat, Self.y) { $0.a = Self.x }]
    #expect(folded(whole) == whole)
  }

  @Test func groupsGoFromMemoryAndToIt() {
    var load = Self.load()
    load.width = .xmm
    let insertion = Self.vector(.insertGroup, Self.y) { ($0.a, $0.b) = (Self.a, Self.x) }
    #expect(folded([load, insertion]).map(\.operation) == [.insertGroup])
    let extraction = Self.vector(.extractGroup, Self.x) { $0.a = Self.a }
    var store = Self.store
    (store.a, store.width, store.memory) = (Self.x, .xmm, Self.place)
    let result = folded([extraction, store])
    #expect(result.count == 1 && result[0].memory == Self.place && !result[0].result.isReal)
    // Something else needs the group.
    let other = [extraction, store, Self.binary(.numberAdd, Self.a, Self.x)]
    #expect(folded(other) == other)
  }

  @Test func bothOperandsOfOneInstructionAreNotRead() {
    let result = folded([
      Self.load(), Self.load(Self.a), Self.binary(.numberMultiply, Self.a, Self.x),
    ])
    #expect(result.count == 2 && result[0].operation == .vectorLoad)
  }
}
