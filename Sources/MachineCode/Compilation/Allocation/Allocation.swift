/// A program over the registers of the processor: in it, `Register` is a number in its class.
struct AllocatedProgram {
  var instructions: [Instruction]
  var labels: Int
  /// Where the arguments are wanted, in order.
  var arguments: [Location]
  /// Local arrays, then the slots of what no register holds.
  var frameBytes: Int
  var slotStart: Int
}

extension LinearProgram {
  /// Gives all registers a place, and moves what has none in registers to and from memory.
  func allocated(_ instructionSet: Target.InstructionSet) -> AllocatedProgram {
    let liveness = Liveness(self)
    let coalescing = Coalescing(self, liveness)
    var renamed = self
    for place in renamed.instructions.indices {
      renamed.instructions[place].renameAll { coalescing.root($0) }
    }
    renamed.arguments = arguments.map { coalescing.root($0) }
    let remade = renamed.remadeRegisters
    let weights = renamed.weights(liveness, coalescing.ranges, remade)
    let hints = renamed.hints
    var files = RegisterFile(instructionSet)
    func scan() -> LinearScan {
      LinearScan(
        classes, coalescing.ranges, weights: weights, remade: remade, hints: hints, files: files)
    }
    var scan1 = scan()
    // The last three vector registers serve what is in memory, if anything is.
    let isTight = zip(classes, scan1.locations).contains { registerClass, location in
      guard registerClass == .vector else { return false }
      switch location {
      case .slot, .remade: return true
      case .register, .unused: return false
      }
    }
    if isTight {
      files.vector.removeLast(3)
      scan1 = scan()
    }
    return Rewriting(renamed, scan1, instructionSet).program
  }

  /// Constants that are written once are made again rather than kept in memory.
  private var remadeRegisters: [Bool] {
    var definitions = [UInt8](repeating: 0, count: classes.count)
    var isConstant = [Bool](repeating: true, count: classes.count)
    for argument in arguments { isConstant[Int(argument.index)] = false }
    for instruction in instructions where instruction.result.isReal {
      let register = Int(instruction.result.index)
      definitions[register] = min(definitions[register] + 1, 2)
      switch instruction.operation {
      case .constant, .vectorConstant, .vectorZero, .vectorCount: break
      default: isConstant[register] = false
      }
    }
    return zip(isConstant, definitions).map { $0 && $1 == 1 }
  }

  /// How much it costs to keep each register in memory.
  private func weights(
    _ liveness: Liveness, _ ranges: LiveRanges, _ remade: [Bool]
  ) -> [Float] {
    let costs: [Float] = [1, 8, 64, 512, 4096, 32768, 262144]
    var weights = [Float](repeating: 0, count: classes.count)
    var mustStay = [Bool](repeating: false, count: classes.count)
    for (place, instruction) in instructions.enumerated() {
      let cost = costs[min(Int(liveness.loopDepths[place]), costs.count - 1)]
      instruction.forEachOperand { weights[Int($0.index)] += cost }
      if instruction.result.isReal { weights[Int(instruction.result.index)] += cost }
      if instruction.operation == .divide || instruction.operation == .remainder {
        mustStay[Int(instruction.b.index)] = true
      }
    }
    for register in weights.indices {
      if remade[register] { weights[register] *= 0.5 }
      weights[register] /= Float(ranges.length(of: register)) + 16
      if mustStay[register] { weights[register] = .infinity }
    }
    return weights
  }

  /// By register, an operand of the instruction that makes it whose place it should take.
  private var hints: [Register] {
    var hints = [Register](repeating: .none, count: classes.count)
    for instruction in instructions where instruction.result.isReal {
      let register = Int(instruction.result.index)
      guard !hints[register].isReal else { continue }
      switch instruction.operation {
      case .fusedAdd, .fusedNegateAdd, .fusedSubtract: hints[register] = instruction.c
      case .select: hints[register] = instruction.b
      case .load, .vectorLoad, .constant, .vectorConstant, .address, .splat: break
      default: hints[register] = instruction.a
      }
    }
    return hints
  }
}
