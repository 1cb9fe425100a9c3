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
  let liveness: Liveness
  let scan: LinearScan

  /// What loops cost more because registers live in memory, or are made again.
  var costInMemory: Float {
    if scan.keepsAllInRegisters { return 0 }
    var total: Float = 0
    for (place, instruction) in program.instructions.enumerated()
    where liveness.loopDepths[place] > 0 {
      var moves: Float = 0
      instruction.forEachOperand { moves += cost(of: $0) }
      if instruction.result.isReal { moves += cost(of: instruction.result) }
      total += moves * liveness.frequencies[place]
    }
    return total
  }

  private func cost(of register: Register) -> Float {
    switch scan.locations[Int(register.index)] {
    case .slot: 1
    case .remade: 0.5
    case .register, .passing, .unused: 0
    }
  }
}

extension LinearProgram {
  /// Gives all registers a place, and moves what has none in registers to and from memory.
  ///
  /// Where that takes place in innermost loops, their invariants get registers of their own.
  func allocated(_ instructionSet: Target.InstructionSet) -> AllocatedProgram {
    let first = placed(instructionSet)
    // What surrounds calls takes no time beside them.
    if calls == .some { return Rewriting(first.program, first.scan, instructionSet).program }
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
    let roots = coalescing.roots
    var renamed = self
    renamed.instructions = instructions.map { instruction in
      var instruction = instruction
      instruction.renameAll { roots[Int($0.index)] }
      return instruction
    }
    renamed.arguments = arguments.map { roots[Int($0.index)] }
    let remade = renamed.remadeRegisters
    let weights = renamed.weights(liveness, coalescing.ranges, remade)
    let passing = renamed.passingRegisters(coalescing.ranges)
    let hints = renamed.hints(coalescing.ranges)
    let calls = calls
    var files = RegisterFile(instructionSet, calls)
    func scanned(stopsAtVectors: Bool) -> LinearScan {
      LinearScan(
        classes, coalescing.ranges, weights: weights, remade: remade, passing: passing,
        hints: hints, files: files, stopsAtVectors: stopsAtVectors)
    }
    var scan = scanned(stopsAtVectors: calls == .none)
    if scan.movesVectors && calls == .none {
      // The last three vector registers serve what is in memory.
      files.vector.removeLast(3)
      scan = scanned(stopsAtVectors: false)
    }
    return PlacedProgram(program: renamed, liveness: liveness, scan: scan)
  }

  private var calls: CallsInProgram {
    instructions.contains { $0.operation == .call } ? .some : .none
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

  /// The sums with a number that only the jump behind them reads:
  ///
  ///     %next = add %j, 64
  ///     branch %next <= %last
  private func passingRegisters(_ ranges: LiveRanges) -> [Register] {
    var passing: [Register] = []
    var last = 0
    for (place, instruction) in instructions.enumerated() {
      // Copies that move nothing do not count.
      if instruction.operation == .copy, instruction.a == instruction.result { continue }
      defer { last = place }
      guard instruction.operation == .branch, instruction.a != instruction.b else { continue }
      let sum = instructions[last]
      guard sum.operation == .add, !sum.b.isReal, sum.result == instruction.a, sum.a != sum.result,
        Int(ranges.length(of: Int(sum.result.index))) == 2 * (place - last)
      else { continue }
      passing.append(sum.result)
    }
    return passing
  }

  /// How much it costs to keep each register in memory.
  private func weights(
    _ liveness: Liveness, _ ranges: LiveRanges, _ remade: [Bool]
  ) -> [Float] {
    var weights = [Float](repeating: 0, count: classes.count)
    var mustStay = [Bool](repeating: false, count: classes.count)
    for (place, instruction) in instructions.enumerated() {
      var cost = liveness.frequencies[place]
      // Jumps compare with memory itself.
      if instruction.operation == .branch { cost *= 0.5 }
      instruction.forEachOperand { weights[Int($0.index)] += cost }
      if instruction.result.isReal { weights[Int(instruction.result.index)] += cost }
      if instruction.operation == .divide || instruction.operation == .remainder {
        // In memory it may be, but rax and rdx, where it might be made again, are taken.
        mustStay[Int(instruction.b.index)] = remade[Int(instruction.b.index)]
      }
    }
    for register in weights.indices {
      if remade[register] { weights[register] *= 0.5 }
      weights[register] /= Float(ranges.length(of: register)) + 16
      if mustStay[register] { weights[register] = .infinity }
    }
    return weights
  }

  /// By register, an operand of the instruction that makes it whose place it should take; both are
  /// of one class.
  private func hints(_ ranges: LiveRanges) -> [Register] {
    var hints = [Register](repeating: .none, count: classes.count)
    for (place, instruction) in instructions.enumerated() where instruction.result.isReal {
      let register = Int(instruction.result.index)
      guard !hints[register].isReal else { continue }
      switch instruction.operation {
      case .fusedAdd, .fusedNegateAdd, .fusedSubtract:
        // What is read for the last time leaves its register.
        let operands = [instruction.c, instruction.a, instruction.b]
        hints[register] =
          operands.first { $0.isReal && ranges.end(of: Int($0.index)) <= 2 * place + 1 } ?? .none
      case .select: hints[register] = instruction.b
      case .load, .vectorLoad, .constant, .vectorConstant, .address, .splat: break
      default: hints[register] = instruction.mask.isReal ? instruction.c : instruction.a
      }
      let hint = hints[register]
      if hint.isReal, classes[Int(hint.index)] != classes[register] { hints[register] = .none }
    }
    return hints
  }
}
