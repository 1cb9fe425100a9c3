/// Where the registers of a program hold values, and how deep in loops its instructions stand.
struct Liveness {
  private(set) var ranges: LiveRanges
  /// By instruction.
  private(set) var loopDepths: [UInt8]
  /// By instruction, how many branches may leave it out.
  private(set) var branchDepths: [UInt8]

  /// Instructions that are run one after the other.
  private struct Block {
    var first: Int
    var end: Int
    /// The blocks that may follow; -1 for none.
    var next = -1
    var target = -1
  }

  init(_ program: LinearProgram) {
    ranges = LiveRanges(registers: program.classes.count)
    (loopDepths, branchDepths) = Self.depths(program)
    let blocks = Self.blocks(program)
    let liveOut = Self.liveOut(program, blocks)
    var open = OpenRanges(registers: program.classes.count)
    for (place, block) in blocks.enumerated().reversed() {
      let end = Int32(2 * block.end)
      // What lives on from one block to the next goes on.
      for word in 0..<liveOut.wordsOfSet {
        let live = liveOut.word(word, of: place)
        forEachBit(of: open.registers[word] & ~live) { bit in
          open.close(word << 6 + bit, at: end, into: &ranges)
        }
        forEachBit(of: live & ~open.registers[word]) { bit in open.open(word << 6 + bit, at: end) }
      }
      addRanges(of: block, in: program, &open)
    }
    for word in open.registers.indices {
      forEachBit(of: open.registers[word]) { bit in
        open.close(word << 6 + bit, at: 0, into: &ranges)
      }
    }
  }

  private static func depths(_ program: LinearProgram) -> ([UInt8], [UInt8]) {
    var places = [Int](repeating: 0, count: program.labels)
    for (place, instruction) in program.instructions.enumerated()
    where instruction.operation == .label {
      places[Int(instruction.immediate)] = place
    }
    var loops = [Int](repeating: 0, count: program.instructions.count + 1)
    var branches = loops
    for (place, instruction) in program.instructions.enumerated()
    where instruction.operation == .branch || instruction.operation == .jump {
      let target = places[Int(instruction.immediate)]
      if target < place {
        loops[target] += 1
        loops[place + 1] -= 1
      } else {
        branches[place + 1] += 1
        branches[target] -= 1
      }
    }
    return (sums(loops), sums(branches))
  }

  /// The sums of all changes up to each place.
  private static func sums(_ changes: [Int]) -> [UInt8] {
    var sum = 0
    return changes.dropLast().map { change in
      sum += change
      return UInt8(clamping: sum)
    }
  }

  private static func blocks(_ program: LinearProgram) -> [Block] {
    var blocks: [Block] = []
    var ofLabel = [Int](repeating: 0, count: program.labels)
    var first = 0
    func close(_ end: Int) {
      if end > first { blocks.append(Block(first: first, end: end)) }
      first = end
    }
    for (place, instruction) in program.instructions.enumerated() {
      switch instruction.operation {
      case .label:
        close(place)
        ofLabel[Int(instruction.immediate)] = blocks.count
      case .jump, .branch: close(place + 1)
      default: break
      }
    }
    close(program.instructions.count)
    for place in blocks.indices {
      let last = program.instructions[blocks[place].end - 1]
      if last.operation == .jump || last.operation == .branch {
        // A label at the very end begins no block.
        let target = ofLabel[Int(last.immediate)]
        if target < blocks.count { blocks[place].target = target }
      }
      if last.operation != .jump, place + 1 < blocks.count { blocks[place].next = place + 1 }
    }
    return blocks
  }

  /// The registers that are read after each block before they are written.
  private static func liveOut(_ program: LinearProgram, _ blocks: [Block]) -> BitSets {
    var liveIn = BitSets(sets: blocks.count, elements: program.classes.count)
    var writes = liveIn
    for (place, block) in blocks.enumerated() {
      for index in block.first..<block.end {
        let instruction = program.instructions[index]
        instruction.forEachOperand { register in
          let element = Int(register.index)
          if !writes.contains(element, in: place) { liveIn.insert(element, into: place) }
        }
        if instruction.result.isReal {
          writes.insert(Int(instruction.result.index), into: place)
        }
      }
    }
    var liveOut = BitSets(sets: blocks.count, elements: program.classes.count)
    var isStable = false
    while !isStable {
      isStable = true
      for place in blocks.indices.reversed() {
        let block = blocks[place]
        if block.next >= 0 { liveOut.formUnion(place, with: block.next, of: liveIn) }
        if block.target >= 0 { liveOut.formUnion(place, with: block.target, of: liveIn) }
        if liveIn.formUnion(place, with: liveOut, without: writes) { isStable = false }
      }
    }
    return liveOut
  }

  /// Prepends the ranges that begin in a block, and opens those that end in it.
  private mutating func addRanges(
    of block: Block, in program: LinearProgram, _ open: inout OpenRanges
  ) {
    for place in (block.first..<block.end).reversed() {
      let instruction = program.instructions[place]
      if instruction.result.isReal {
        let register = Int(instruction.result.index)
        let start = Int32(2 * place + 1)
        if !open.contains(register) { open.open(register, at: start + 1) }
        open.close(register, at: start, into: &ranges)
      }
      let late = instruction.lateOperands
      instruction.forEachOperand { register in
        if !open.contains(Int(register.index)) {
          let isLate = register == late.0 || register == late.1
          open.open(Int(register.index), at: Int32(2 * place + (isLate ? 2 : 1)))
        }
      }
    }
  }
}

/// The ranges whose ends are known and whose beginnings are not.
private struct OpenRanges {
  /// A bit for each register.
  private(set) var registers: [UInt64]
  private var ends: [Int32]

  init(registers count: Int) {
    registers = Array(repeating: 0, count: (count + 63) / 64)
    ends = Array(repeating: 0, count: count)
  }

  func contains(_ register: Int) -> Bool {
    registers[register >> 6] >> UInt64(register & 63) & 1 != 0
  }

  mutating func open(_ register: Int, at end: Int32) {
    registers[register >> 6] |= 1 << UInt64(register & 63)
    ends[register] = end
  }

  mutating func close(_ register: Int, at start: Int32, into ranges: inout LiveRanges) {
    registers[register >> 6] &= ~(1 << UInt64(register & 63))
    ranges.prepend(LiveRange(start: start, end: ends[register]), to: register)
  }
}

extension Instruction {
  /// The operands that must not share a register with the result: it is written before they are
  /// read.
  fileprivate var lateOperands: (Register, Register) {
    switch operation {
    case .fusedAdd, .fusedNegateAdd, .fusedSubtract: mask.isReal ? (a, b) : (.none, .none)
    case .subtract, .multiply: (b, .none)
    case .numberAdd, .numberSubtract, .numberMultiply, .integerAdd, .bitOr:
      // What is left out by a mask is there before.
      mask.isReal ? (b, a == c ? .none : a) : (.none, .none)
    default: (.none, .none)
    }
  }
}

/// Sets of small numbers, side by side.
private struct BitSets {
  private var words: [UInt64]
  let wordsOfSet: Int

  init(sets: Int, elements: Int) {
    wordsOfSet = (elements + 63) / 64
    words = Array(repeating: 0, count: sets * wordsOfSet)
  }

  func contains(_ element: Int, in set: Int) -> Bool {
    words[set * wordsOfSet + element >> 6] >> UInt64(element & 63) & 1 != 0
  }

  mutating func insert(_ element: Int, into set: Int) {
    words[set * wordsOfSet + element >> 6] |= 1 << UInt64(element & 63)
  }

  /// Adds what a set of `others` has.
  mutating func formUnion(_ set: Int, with other: Int, of others: BitSets) {
    let (to, from) = (set * wordsOfSet, other * wordsOfSet)
    for place in 0..<wordsOfSet { words[to + place] |= others.words[from + place] }
  }

  /// Adds what the same set of `others` has and that of `excluded` has not; `true` iff that was
  /// anything new.
  mutating func formUnion(_ set: Int, with others: BitSets, without excluded: BitSets) -> Bool {
    var isNew = false
    for place in set * wordsOfSet..<(set + 1) * wordsOfSet {
      let word = words[place] | others.words[place] & ~excluded.words[place]
      if word != words[place] {
        words[place] = word
        isNew = true
      }
    }
    return isNew
  }

  func word(_ word: Int, of set: Int) -> UInt64 { words[set * wordsOfSet + word] }
}

private func forEachBit(of word: UInt64, _ body: (Int) -> Void) {
  var rest = word
  while rest != 0 {
    body(rest.trailingZeroBitCount)
    rest &= rest - 1
  }
}
