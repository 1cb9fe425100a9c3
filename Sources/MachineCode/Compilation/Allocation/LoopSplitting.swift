extension LinearProgram {
  /// The program with registers of their own for what innermost loops only read, in those loops
  /// that read anything from memory; `nil` if there is none.
  ///
  ///                               copy %v' = %v
  ///     top:                      top:
  ///       … = f(%v)         ->      … = f(%v')
  ///       branch top                branch top
  ///
  /// What lives long, and so in memory, is then in a register while a loop needs it.
  ///
  /// - Parameter locations: where the registers live now.
  func splitAroundLoops(
    _ locations: [Location], _ instructionSet: Target.InstructionSet
  ) -> LinearProgram? {
    let loops = innermostLoops.filter { loop in
      loop.contains { place in
        var isInMemory = false
        instructions[place].forEachOperand { register in
          switch locations[Int(register.index)] {
          case .slot, .remade: isInMemory = true
          case .register, .passing, .unused: break
          }
        }
        return isInMemory
      }
    }
    guard !loops.isEmpty else { return nil }
    var split = self
    split.instructions = []
    split.instructions.reserveCapacity(instructions.count + 16 * loops.count)
    var next = 0
    for loop in loops {
      split.instructions += instructions[next..<loop.lowerBound]
      split.appendSplit(instructions[loop], instructionSet)
      next = loop.upperBound
    }
    split.instructions += instructions[next...]
    return split
  }

  /// The places of the loops in which no other loop stands, in order, each from its label to its
  /// branch.
  private var innermostLoops: [Range<Int>] {
    var places = [Int](repeating: Int.max, count: labels)
    var loops: [Range<Int>] = []
    for (place, instruction) in instructions.enumerated() {
      switch instruction.operation {
      case .label: places[Int(instruction.immediate)] = place
      case .jump, .branch:
        let target = places[Int(instruction.immediate)]
        // A loop that ends later and begins earlier than the last one holds it.
        guard target < place, loops.last.map({ $0.upperBound <= target }) ?? true else { continue }
        loops.append(target..<place + 1)
      default: break
      }
    }
    return loops
  }

  /// Appends a loop, with a copy before it of each register that it only reads.
  private mutating func appendSplit(
    _ loop: ArraySlice<Instruction>, _ instructionSet: Target.InstructionSet
  ) {
    var isWritten = [Bool](repeating: false, count: classes.count)
    for instruction in loop where instruction.result.isReal {
      isWritten[Int(instruction.result.index)] = true
    }
    // What is written stays as it is, and each register that is copied has a copy of its own.
    var copies = classes.indices.map { Register($0) }
    for instruction in loop {
      instruction.forEachOperand { register in
        let place = Int(register.index)
        guard !isWritten[place], copies[place] == register else { return }
        let registerClass = classes[Int(register.index)]
        let own = Register(classes.count)
        classes.append(registerClass)
        copies[place] = own
        var copy = Instruction(.copy)
        (copy.copyClass, copy.a, copy.result) = (registerClass, register, own)
        (copy.element, copy.width) = (.float32, instructionSet == .avx512 ? .zmm : .ymm)
        copy.splitsRange = true
        instructions.append(copy)
      }
    }
    for instruction in loop {
      var instruction = instruction
      instruction.renameAll { copies[Int($0.index)] }
      instructions.append(instruction)
    }
  }
}

extension Instruction {
  /// `true` iff a copy is there to part the range of its operand from that of its result.
  var splitsRange: Bool {
    get { operation == .copy && immediate == 1 }
    set { immediate = newValue ? 1 : 0 }
  }
}
