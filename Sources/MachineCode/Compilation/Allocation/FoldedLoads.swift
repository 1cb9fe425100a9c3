extension LinearProgram {
  /// Lets arithmetic read memory itself where nothing else needs what is loaded.
  ///
  ///     %x = vectorLoad memory
  ///     %y = numberMultiply %a, %x     ->     %y = numberMultiply %a, memory
  ///
  /// It is one instruction and one register less. Nothing is written in between, and no jump leads
  /// there. What is read is in the place of the second operand, or of the third of a fused one.
  mutating func foldLoads() {
    var folding = LoadFolding(self)
    instructions = folding.run()
  }
}

private struct LoadFolding {
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
      if let load = foldedLoad(into: place) {
        isFolded[load] = true
        open.removeAll { $0 == load }
      }
      let instruction = instructions[place]
      if isBarrier(instruction.operation) {
        open.removeAll(keepingCapacity: true)
      } else if instruction.result.isReal {
        let result = instruction.result
        open.removeAll {
          instructions[$0].memory.base == result || instructions[$0].memory.index == result
        }
        if isOpen(instruction) { open.append(place) }
      }
    }
    guard isFolded.contains(true) else { return instructions }
    return instructions.indices.filter { !isFolded[$0] }.map { instructions[$0] }
  }

  /// Loads do not move across it.
  private func isBarrier(_ operation: Operation) -> Bool {
    switch operation {
    case .label, .jump, .branch, .store, .vectorStore, .vectorStream, .maskStore: true
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
    let isFused: Bool
    switch instruction.operation {
    case .numberAdd, .numberSubtract, .numberMultiply, .numberDivide: isFused = false
    case .fusedAdd, .fusedNegateAdd, .fusedSubtract: isFused = true
    default: return nil
    }
    guard !instruction.mask.isReal else { return nil }
    let load: Int
    if let found = openLoad(of: instruction.b, for: instruction) {
      load = found
      instruction.b = .none
    } else if isFused, let found = openLoad(of: instruction.c, for: instruction) {
      load = found
      instruction.c = .none
    } else if commutes(instruction), let found = openLoad(of: instruction.a, for: instruction) {
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

  /// `true` iff the first two operands may change places.
  private func commutes(_ instruction: Instruction) -> Bool {
    switch instruction.operation {
    case .numberSubtract, .numberDivide: false
    default: true
    }
  }

  private func openLoad(of register: Register, for instruction: Instruction) -> Int? {
    open.last { place in
      let load = instructions[place]
      return load.result == register && load.width == instruction.width
        && load.element.byteCount == instruction.element.byteCount
    }
  }
}
