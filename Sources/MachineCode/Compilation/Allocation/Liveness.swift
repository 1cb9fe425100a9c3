/// Where the registers of a program hold values, and how deep in loops its instructions stand.
struct Liveness {
  private(set) var ranges: LiveRanges
  /// By instruction.
  private(set) var loopDepths: [UInt8]
  /// By instruction, how often it is run, by a rough guess: loops run eight times, and each second
  /// branch is taken.
  private(set) var frequencies: [Float]

  /// Instructions that are run one after the other.
  private struct Block {
    var first: Int
    var end: Int
    /// The blocks that may follow; -1 for none.
    var next = -1
    var target = -1
  }

  init(_ program: LinearProgram) {
    ranges = LiveRanges(
      registers: program.classes.count, instructions: program.instructions.count)
    (loopDepths, frequencies) = Self.depths(program)
    let blocks = Self.blocks(program)
    let liveOut = Self.liveOut(program, blocks)
    var open = OpenRanges(registers: program.classes.count)
    for (place, block) in blocks.enumerated().reversed() {
      let end = Int32(2 * block.end)
      // What lives on from one block to the next goes on.
      for word in 0..<liveOut.wordsOfSet {
        let live = liveOut[word, of: place]
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

  private static func depths(_ program: LinearProgram) -> ([UInt8], [Float]) {
    var places = [Int](repeating: 0, count: program.labels)
    for (place, instruction) in program.instructions.enumerated()
    where instruction.operation == .label {
      places[Int(instruction.immediate)] = place
    }
    // How many more surround an instruction than the one before.
    var loops = [Int32](repeating: 0, count: program.instructions.count + 1)
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
    var depths = [UInt8](repeating: 0, count: program.instructions.count)
    var frequencies = [Float](repeating: 0, count: program.instructions.count)
    var (loopDepth, branchDepth): (Int32, Int32) = (0, 0)
    for place in program.instructions.indices {
      loopDepth += loops[place]
      branchDepth += branches[place]
      depths[place] = UInt8(truncatingIfNeeded: min(loopDepth, 255))
      // 8 to the power of the one, by 2 to that of the other.
      let exponent = 3 * min(loopDepth, 6) - min(branchDepth, 8)
      frequencies[place] = Float(bitPattern: UInt32(127 + exponent) << 23)
    }
    return (depths, frequencies)
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
    // By register, the last block that writes it.
    var writers = [Int32](repeating: -1, count: program.classes.count)
    for (place, block) in blocks.enumerated() {
      let number = Int32(truncatingIfNeeded: place)
      for index in block.first..<block.end {
        let instruction = program.instructions[index]
        instruction.forEachOperand { register in
          let element = Int(register.index)
          if writers[element] != number { liveIn.insert(element, into: place) }
        }
        guard instruction.result.isReal else { continue }
        let element = Int(instruction.result.index)
        if writers[element] != number {
          writers[element] = number
          writes.insert(element, into: place)
        }
      }
    }
    var liveOut = BitSets(sets: blocks.count, elements: program.classes.count)
    for word in 0..<liveOut.wordsOfSet {
      var isStable = false
      while !isStable {
        isStable = true
        for place in blocks.indices.reversed() {
          var live: UInt64 = 0
          if blocks[place].next >= 0 { live |= liveIn[word, of: blocks[place].next] }
          if blocks[place].target >= 0 { live |= liveIn[word, of: blocks[place].target] }
          liveOut[word, of: place] = live
          let before = liveIn[word, of: place]
          let after = before | live & ~writes[word, of: place]
          if after != before {
            liveIn[word, of: place] = after
            isStable = false
          }
        }
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

/// Sets of small numbers, of each 64 of which there is a word a set.
private struct BitSets {
  private let sets: Int
  private var words: [UInt64]
  let wordsOfSet: Int

  init(sets: Int, elements: Int) {
    self.sets = sets
    wordsOfSet = (elements + 63) / 64
    words = Array(repeating: 0, count: sets * wordsOfSet)
  }

  subscript(word: Int, of set: Int) -> UInt64 {
    get { words[word * sets + set] }
    set { words[word * sets + set] = newValue }
  }

  mutating func insert(_ element: Int, into set: Int) {
    self[element >> 6, of: set] |= 1 << UInt64(element & 63)
  }
}

private func forEachBit(of word: UInt64, _ body: (Int) -> Void) {
  var rest = word
  while rest != 0 {
    body(rest.trailingZeroBitCount)
    rest &= rest - 1
  }
}
