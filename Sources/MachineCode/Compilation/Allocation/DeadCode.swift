extension Operation {
  /// `true` iff it does something beside giving its result.
  var hasEffect: Bool {
    switch self {
    case .label, .jump, .branch, .store, .vectorStore, .vectorStream, .prefetch, .prefetchWrite,
      .storeFence, .argument, .call, .result, .saveFloatMode, .loadFloatMode:
      true
    default: false
    }
  }
}

extension LinearProgram {
  /// Leaves out instructions whose results nothing reads.
  mutating func removeDeadCode() {
    var uses = [Int32](repeating: 0, count: classes.count)
    var definitions = [Int32](repeating: -1, count: classes.count)
    for (place, instruction) in instructions.enumerated() {
      instruction.forEachOperand { uses[Int($0.index)] += 1 }
      if instruction.result.isReal { definitions[Int(instruction.result.index)] = Int32(place) }
    }
    var isDead = [Bool](repeating: false, count: instructions.count)
    // From the end to the start, operands are looked at after what uses them.
    for place in instructions.indices.reversed() {
      let instruction = instructions[place]
      guard !instruction.operation.hasEffect, instruction.result.isReal,
        uses[Int(instruction.result.index)] == 0
      else { continue }
      isDead[place] = true
      instruction.forEachOperand { uses[Int($0.index)] -= 1 }
    }
    guard isDead.contains(true) else { return }
    var kept: [Instruction] = []
    kept.reserveCapacity(instructions.count)
    for (place, instruction) in instructions.enumerated() where !isDead[place] {
      kept.append(instruction)
    }
    instructions = kept
  }
}
