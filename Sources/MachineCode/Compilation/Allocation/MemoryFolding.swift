extension LinearProgram {
  /// Lets instructions read and write memory themselves where nothing else needs what is loaded, or
  /// what is stored.
  ///
  ///     %x = vectorLoad memory
  ///     %y = numberMultiply %a, %x     ->     %y = numberMultiply %a, memory
  ///
  ///     %x = extractGroup %a
  ///     vectorStore %x, memory         ->     extractGroup %a, memory
  ///
  /// It is one instruction and one register less. Between a load and its use nothing is written,
  /// and no jump leads there. What is read is in the place of the second operand, or of the third
  /// of a fused one.
  mutating func foldMemory() {
    var folding = MemoryFolding(self)
    instructions = folding.run()
  }
}

private struct MemoryFolding {
  private var instructions: [Instruction]
  /// How often each register is read and written, up to 2.
  private var reads: [UInt8]
  private var writes: [UInt8]
  /// The loads that may still move down, by their places.
  private var open: [Int] = []

  init(_ program: LinearProgram) {
    instructions = program.instructions
    reads = [UInt8](repeating: 0, count: program.classes.count)
    writes = reads
    for instruction in instructions {
      instruction.forEachOperand { reads[Int($0.index)] = min(reads[Int($0.index)] + 1, 2) }
      if instruction.result.isReal {
        let index = Int(instruction.result.index)
        writes[index] = min(writes[index] + 1, 2)
      }
    }
  }

  mutating func run() -> [Instruction] {
    var isFolded = [Bool](repeating: false, count: instructions.count)
    for place in instructions.indices {
      let instruction = instructions[place]
      if let load = foldedLoad(into: place) {
        isFolded[load] = true
        if let place = open.lastIndex(of: load) { open.remove(at: place) }
      } else if foldExtraction(into: place) {
        isFolded[place - 1] = true
      }
      if isBarrier(instruction.operation) {
        if !open.isEmpty { open.removeAll(keepingCapacity: true) }
      } else if instruction.result.isReal {
        closeLoads(at: instruction.result)
        if isOpen(instruction) { open.append(place) }
      }
    }
    guard isFolded.contains(true) else { return instructions }
    return instructions.indices.filter { !isFolded[$0] }.map { instructions[$0] }
  }

  /// Lets loads move down no longer whose addresses a register is part of.
  private mutating func closeLoads(at register: Register) {
    for place in open.indices.reversed() {
      let memory = instructions[open[place]].memory
      if memory.base == register || memory.index == register { open.remove(at: place) }
    }
  }

  /// Loads do not move across it.
  private func isBarrier(_ operation: Operation) -> Bool {
    switch operation {
    case .label, .jump, .branch, .store, .vectorStore, .vectorStream, .maskStore, .call: true
    default: false
    }
  }

  private func isOpen(_ load: Instruction) -> Bool {
    load.operation == .vectorLoad && !load.mask.isReal
      && (load.element == .float32 || load.element == .float64)
      && reads[Int(load.result.index)] == 1 && writes[Int(load.result.index)] == 1
  }

  /// Lets the instruction at `place` read memory, if it can, and returns the load that it replaces.
  private mutating func foldedLoad(into place: Int) -> Int? {
    if open.isEmpty { return nil }
    var instruction = instructions[place]
    guard let width = widthOfMemory(instruction), !instruction.mask.isReal else { return nil }
    let load: Int
    if let found = openLoad(of: instruction.b, width, instruction.element) {
      load = found
      instruction.b = .none
    } else if let found = openLoad(of: instruction.c, width, instruction.element) {
      load = found
      instruction.c = .none
    } else if firstMayBeMemory(instruction),
      let found = openLoad(of: instruction.a, width, instruction.element)
    {
      load = found
      instruction.a = instruction.b
      instruction.b = .none
    } else {
      return nil
    }
    instruction.memory = instructions[load].memory
    instructions[place] = instruction
    return load
  }

  /// How much of memory an instruction can read as an operand; `nil` if none does.
  private func widthOfMemory(_ instruction: Instruction) -> VectorWidth? {
    switch instruction.operation {
    case .numberAdd, .numberSubtract, .numberMultiply, .numberDivide, .numberLesser,
      .numberGreater, .fusedAdd, .fusedNegateAdd, .fusedSubtract:
      instruction.width
    case .splat: .scalar
    case .insertGroup: .xmm
    default: nil
    }
  }

  /// `true` iff the first operand is the only one, or may change places with the second.
  private func firstMayBeMemory(_ instruction: Instruction) -> Bool {
    switch instruction.operation {
    case .numberSubtract, .numberDivide, .numberLesser, .numberGreater, .insertGroup: false
    default: true
    }
  }

  private func openLoad(of register: Register, _ width: VectorWidth, _ element: Element) -> Int? {
    guard register.isReal else { return nil }
    return open.last { place in
      let load = instructions[place]
      return load.result == register && load.width == width
        && load.element.byteCount == element.byteCount
    }
  }

  /// Lets an extraction that stands before the store at `place` write memory, if it can.
  private mutating func foldExtraction(into place: Int) -> Bool {
    let store = instructions[place]
    guard place > 0, store.operation == .vectorStore, store.width == .xmm, !store.mask.isReal,
      instructions[place - 1].operation == .extractGroup,
      instructions[place - 1].result == store.a, reads[Int(store.a.index)] == 1,
      writes[Int(store.a.index)] == 1
    else { return false }
    var extraction = instructions[place - 1]
    extraction.result = .none
    extraction.memory = store.memory
    instructions[place] = extraction
    return true
  }
}
