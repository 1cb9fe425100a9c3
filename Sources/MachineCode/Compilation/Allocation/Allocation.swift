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

/// A program whose registers have places.
private struct PlacedProgram {
  let program: LinearProgram
  /// By instruction.
  let loopDepths: [UInt8]
  let scan: LinearScan

  /// What loops cost more because registers live in memory, or are made again.
  var costInMemory: Float {
    var total: Float = 0
    for (place, instruction) in program.instructions.enumerated() where loopDepths[place] > 0 {
      var moves: Float = 0
      instruction.forEachOperand { moves += cost(of: $0) }
      if instruction.result.isReal { moves += cost(of: instruction.result) }
      total += moves * program.cost(atDepth: loopDepths[place])
    }
    return total
  }

  private func cost(of register: Register) -> Float {
    switch scan.locations[Int(register.index)] {
    case .slot: 1
    case .remade: 0.5
    case .register, .unused: 0
    }
  }
}

extension LinearProgram {
  /// Gives all registers a place, and moves what has none in registers to and from memory.
  ///
  /// Where that takes place in innermost loops, their invariants get registers of their own.
  func allocated(_ instructionSet: Target.InstructionSet) -> AllocatedProgram {
    let first = placed(instructionSet)
    let cost = first.costInMemory
    guard cost > 0,
      let split = first.program.splitAroundLoops(first.scan.locations, instructionSet)
    else { return Rewriting(first.program, first.scan, instructionSet).program }
    let second = split.placed(instructionSet)
    let best = second.costInMemory < cost ? second : first
    return Rewriting(best.program, best.scan, instructionSet).program
  }

  /// The program with a place for each of its registers.
  private func placed(_ instructionSet: Target.InstructionSet) -> PlacedProgram {
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
    func scanned() -> LinearScan {
      LinearScan(
        classes, coalescing.ranges, weights: weights, remade: remade, hints: hints, files: files)
    }
    var scan = scanned()
    // The last three vector registers serve what is in memory, if anything is.
    let isTight = zip(classes, scan.locations).contains { registerClass, location in
      guard registerClass == .vector else { return false }
      switch location {
      case .slot, .remade: return true
      case .register, .unused: return false
      }
    }
    if isTight {
      files.vector.removeLast(3)
      scan = scanned()
    }
    return PlacedProgram(program: renamed, loopDepths: liveness.loopDepths, scan: scan)
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

  /// How often an instruction is run at least, in a loop of so many.
  fileprivate func cost(atDepth depth: UInt8) -> Float {
    Float(1 << (3 * min(Int(depth), 6)))
  }

  /// How much it costs to keep each register in memory.
  private func weights(
    _ liveness: Liveness, _ ranges: LiveRanges, _ remade: [Bool]
  ) -> [Float] {
    var weights = [Float](repeating: 0, count: classes.count)
    var mustStay = [Bool](repeating: false, count: classes.count)
    for (place, instruction) in instructions.enumerated() {
      let cost = cost(atDepth: liveness.loopDepths[place])
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
      case .fusedAdd, .fusedNegateAdd, .fusedSubtract:
        hints[register] = instruction.c.isReal ? instruction.c : instruction.a
      case .select: hints[register] = instruction.b
      case .load, .vectorLoad, .constant, .vectorConstant, .address, .splat: break
      default: hints[register] = instruction.mask.isReal ? instruction.c : instruction.a
      }
    }
    return hints
  }
}
