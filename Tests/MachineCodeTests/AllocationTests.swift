import Testing

@testable import MachineCode

/// Which values loops find in registers.
@Suite struct AllocationTests {
  /// A counter, a limit and what a jump compares with leave room for so many pointers, for rsp, rax
  /// and rdx serve other ends.
  private static let most = 10

  @Test(arguments: Target.InstructionSet.allCases)
  func aLoopOverTenArraysReadsNoFrame(_ instructionSet: Target.InstructionSet) {
    let reads = framesRead(by: program(arrays: Self.most), instructionSet)
    #expect(reads.isEmpty, "\(reads)")
  }

  @Test(arguments: Target.InstructionSet.allCases)
  func onlyAJumpReadsTheFrameWhereOneRegisterIsMissing(
    _ instructionSet: Target.InstructionSet
  ) {
    let reads = framesRead(by: program(arrays: Self.most + 1), instructionSet)
    #expect(reads.map(\.operation) == [.branch])
  }

  /// What the loop of a program reads from the frame.
  private func framesRead(
    by program: LinearProgram, _ instructionSet: Target.InstructionSet
  ) -> [Instruction] {
    let instructions = program.allocated(instructionSet).instructions
    let places = instructions.indices.filter { place in
      instructions[place].immediate == 0
        && (instructions[place].operation == .label || instructions[place].operation == .branch)
    }
    guard places.count == 2 else { return instructions }
    return instructions[places[0]...places[1]].filter { $0.memory.base == .frame }
  }

  /// A sweep that adds 1 to so many arrays, the last of which may be missing:
  ///
  ///     for (j = 0; j + 64 <= limit; j += 64) { a[j]++; b[j]++; if (guard) c[j]++; }
  private func program(arrays count: Int) -> LinearProgram {
    var builder = Builder()
    let call = builder.register(.general)
    let pointers = (0..<count + 2).map { place in
      var load = Instruction(.load)
      load.memory = MemoryPlace(base: call, displacement: Int32(8 * place))
      return builder.emit(load, .general)
    }
    let (limit, guardRegister) = (pointers[count], pointers[count + 1])
    let counter = builder.emit(Instruction(.constant), .general)
    let (top, skip) = (builder.label(), builder.label())
    builder.append(labelled(top))
    for pointer in pointers[..<count] {
      if pointer == pointers[count - 1] {
        builder.append(jump(to: skip, if: Test(.equal, guardRegister, .none, 0)))
      }
      increment(MemoryPlace(base: pointer, index: counter, scale: 4), &builder)
    }
    builder.append(labelled(skip))
    let next = builder.emit(sum(counter), .general)
    let end = builder.emit(sum(next), .general)
    var copy = Instruction(.copy)
    (copy.a, copy.result) = (next, counter)
    builder.append(copy)
    builder.append(jump(to: top, if: Test(.belowOrEqual, end, limit, 0)))
    return LinearProgram(
      instructions: builder.whole, classes: builder.classes, labels: builder.labels,
      arguments: [call], frameBytes: 0)
  }

  private func sum(_ register: Register) -> Instruction {
    var sum = Instruction(.add)
    (sum.a, sum.immediate) = (register, 64)
    return sum
  }

  private func increment(_ place: MemoryPlace, _ builder: inout Builder) {
    var load = Instruction(.vectorLoad)
    (load.element, load.width, load.memory) = (.float32, .ymm, place)
    let number = builder.emit(load, .vector)
    var add = Instruction(.numberAdd)
    (add.element, add.width, add.a, add.b) = (.float32, .ymm, number, number)
    var store = Instruction(.vectorStore)
    (store.element, store.width, store.memory) = (.float32, .ymm, place)
    store.a = builder.emit(add, .vector)
    builder.append(store)
  }
}
