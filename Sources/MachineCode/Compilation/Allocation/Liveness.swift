/// A stretch of a program in which a register holds a value: from the place `start`, up to `end`.
///
/// Instruction `i` reads at place `2 i` and writes at `2 i + 1`.
struct LiveRange: Hashable {
  var start: Int32
  var end: Int32
}

/// Where the registers of a program hold values, and how deep in loops its instructions stand.
struct Liveness {
  /// By register, in order and apart from each other.
  private(set) var ranges: [[LiveRange]]
  /// By instruction.
  private(set) var loopDepths: [UInt8]

  /// Instructions that are run one after the other.
  private struct Block {
    var first: Int
    var end: Int
    var successors: [Int] = []
  }

  init(_ program: LinearProgram) {
    ranges = Array(repeating: [], count: program.classes.count)
    loopDepths = Self.depths(program)
    let blocks = Self.blocks(program)
    let liveOut = Self.liveOut(program, blocks)
    var ends = [Int32](repeating: -1, count: program.classes.count)
    for (place, block) in blocks.enumerated().reversed() {
      addRanges(of: block, in: program, liveOut: liveOut[place], &ends)
    }
    for register in ranges.indices where ranges[register].count > 1 {
      ranges[register] = Self.joined(ranges[register].reversed())
    }
  }

  private static func depths(_ program: LinearProgram) -> [UInt8] {
    var places = [Int](repeating: 0, count: program.labels)
    for (place, instruction) in program.instructions.enumerated()
    where instruction.operation == .label {
      places[Int(instruction.immediate)] = place
    }
    var changes = [Int](repeating: 0, count: program.instructions.count + 1)
    for (place, instruction) in program.instructions.enumerated()
    where instruction.operation == .branch || instruction.operation == .jump {
      let target = places[Int(instruction.immediate)]
      guard target < place else { continue }
      changes[target] += 1
      changes[place + 1] -= 1
    }
    var depth = 0
    return program.instructions.indices.map { place in
      depth += changes[place]
      return UInt8(clamping: depth)
    }
  }

  private static func blocks(_ program: LinearProgram) -> [Block] {
    let instructions = program.instructions
    var blocks: [Block] = []
    var ofLabel = [Int](repeating: 0, count: program.labels)
    var first = 0
    func close(_ end: Int) {
      if end > first { blocks.append(Block(first: first, end: end)) }
      first = end
    }
    for (place, instruction) in instructions.enumerated() {
      switch instruction.operation {
      case .label:
        close(place)
        ofLabel[Int(instruction.immediate)] = blocks.count
      case .jump, .branch: close(place + 1)
      default: break
      }
    }
    close(instructions.count)
    for place in blocks.indices {
      let last = instructions[blocks[place].end - 1]
      if last.operation == .jump || last.operation == .branch {
        blocks[place].successors.append(ofLabel[Int(last.immediate)])
      }
      if last.operation != .jump, place + 1 < blocks.count {
        blocks[place].successors.append(place + 1)
      }
    }
    return blocks
  }

  /// The registers that are read after each block before they are written.
  private static func liveOut(_ program: LinearProgram, _ blocks: [Block]) -> [BitSet] {
    let count = program.classes.count
    var reads = Array(repeating: BitSet(count), count: blocks.count)
    var writes = reads
    for (place, block) in blocks.enumerated() {
      for instruction in program.instructions[block.first..<block.end] {
        instruction.forEachOperand { register in
          let index = Int(register.index)
          if !writes[place].contains(index) { reads[place].insert(index) }
        }
        if instruction.result.isReal { writes[place].insert(Int(instruction.result.index)) }
      }
    }
    var liveIn = reads
    var liveOut = Array(repeating: BitSet(count), count: blocks.count)
    var isStable = false
    while !isStable {
      isStable = true
      for place in blocks.indices.reversed() {
        for successor in blocks[place].successors { liveOut[place].formUnion(liveIn[successor]) }
        if liveIn[place].formUnion(liveOut[place], without: writes[place]) { isStable = false }
      }
    }
    return liveOut
  }

  /// Prepends the ranges of a block, which stand in reverse until the end.
  ///
  /// - Parameter ends: by register, where the range that is being made ends; -1 for none. It is
  ///   left as it was found.
  private mutating func addRanges(
    of block: Block, in program: LinearProgram, liveOut: BitSet, _ ends: inout [Int32]
  ) {
    var open: [Int32] = []
    let blockEnd = Int32(2 * block.end)
    liveOut.forEachElement { register in
      ends[register] = blockEnd
      open.append(Int32(register))
    }
    for place in (block.first..<block.end).reversed() {
      let instruction = program.instructions[place]
      if instruction.result.isReal {
        let register = Int(instruction.result.index)
        let start = Int32(2 * place + 1)
        let end = ends[register] < 0 ? start + 1 : ends[register]
        ends[register] = -1
        ranges[register].append(LiveRange(start: start, end: end))
      }
      let late = instruction.lateOperands
      instruction.forEachOperand { register in
        if ends[Int(register.index)] < 0 {
          let isLate = register == late.0 || register == late.1
          ends[Int(register.index)] = Int32(2 * place + (isLate ? 2 : 1))
          open.append(register.index)
        }
      }
    }
    for register in open where ends[Int(register)] >= 0 {
      ranges[Int(register)].append(
        LiveRange(start: Int32(2 * block.first), end: ends[Int(register)]))
      ends[Int(register)] = -1
    }
  }

  private static func joined(_ ranges: [LiveRange]) -> [LiveRange] {
    var result: [LiveRange] = []
    for range in ranges {
      if let last = result.last, last.end >= range.start {
        result[result.count - 1].end = max(last.end, range.end)
      } else {
        result.append(range)
      }
    }
    return result
  }
}

extension Instruction {
  /// The operands that must not share a register with the result: it is written before they are
  /// read.
  fileprivate var lateOperands: (Register, Register) {
    switch operation {
    case .fusedAdd, .fusedNegateAdd, .fusedSubtract: (a, b)
    case .subtract, .multiply: (b, .none)
    default: (.none, .none)
    }
  }
}

/// `true` iff two lists of ranges have a place in common.
func intersect(_ a: [LiveRange], _ b: [LiveRange]) -> Bool {
  var (i, j) = (0, 0)
  while i < a.count, j < b.count {
    if a[i].end <= b[j].start {
      i += 1
    } else if b[j].end <= a[i].start {
      j += 1
    } else {
      return true
    }
  }
  return false
}

/// A set of small numbers.
struct BitSet {
  private var words: [UInt64]

  init(_ count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  func contains(_ element: Int) -> Bool { words[element >> 6] >> UInt64(element & 63) & 1 != 0 }

  mutating func insert(_ element: Int) { words[element >> 6] |= 1 << UInt64(element & 63) }

  mutating func formUnion(_ other: BitSet) {
    for place in words.indices { words[place] |= other.words[place] }
  }

  /// Adds what `other` has and `excluded` has not; `true` iff that was anything new.
  mutating func formUnion(_ other: BitSet, without excluded: BitSet) -> Bool {
    var isNew = false
    for place in words.indices {
      let word = words[place] | other.words[place] & ~excluded.words[place]
      if word != words[place] {
        words[place] = word
        isNew = true
      }
    }
    return isNew
  }

  func forEachElement(_ body: (Int) -> Void) {
    for (place, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        body(place << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
  }
}
