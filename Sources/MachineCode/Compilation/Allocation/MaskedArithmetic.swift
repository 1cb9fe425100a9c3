extension LinearProgram {
  /// Joins arithmetic with the selection of its result where one instruction does both.
  ///
  ///     %sum = numberAdd %a, %b
  ///     %c = select %sum, %d where %m     ->     %c = numberAdd %a, %b where %m, else %d
  ///
  /// Only AVX-512 has such instructions.
  mutating func maskArithmetic() {
    var uses = [UInt8](repeating: 0, count: classes.count)
    var definitions = [Int32](repeating: -1, count: classes.count)
    for (place, instruction) in instructions.enumerated() {
      instruction.forEachOperand { register in
        let index = Int(register.index)
        uses[index] = min(uses[index] + 1, 2)
      }
      if instruction.result.isReal {
        let index = Int(instruction.result.index)
        definitions[index] = definitions[index] == -1 ? Int32(place) : -2
      }
    }
    var isJoined = [Bool](repeating: false, count: instructions.count)
    for place in instructions.indices where instructions[place].operation == .select {
      let value = Int(instructions[place].a.index)
      guard uses[value] == 1, definitions[value] >= 0,
        let masked = masked(Int(definitions[value]), by: place)
      else { continue }
      isJoined[Int(definitions[value])] = true
      instructions[place] = masked
    }
    guard isJoined.contains(true) else { return }
    instructions = instructions.indices.filter { !isJoined[$0] }.map { instructions[$0] }
  }

  /// How far apart the two may stand.
  private static let farthest = 6

  /// The instruction at `place` with the mask of the selection at `selection`; `nil` if there is
  /// none, or if what it reads changes in between.
  private func masked(_ place: Int, by selection: Int) -> Instruction? {
    var result = instructions[place]
    let select = instructions[selection]
    guard place < selection, selection - place <= Self.farthest, result.width == select.width,
      result.element.byteCount == select.element.byteCount, !result.mask.isReal
    else { return nil }
    switch result.operation {
    case .numberAdd, .numberSubtract, .numberMultiply, .integerAdd, .bitOr:
      result.c = select.b
    case .fusedAdd, .fusedNegateAdd:
      guard result.c == select.b else { return nil }
    default: return nil
    }
    for between in instructions[(place + 1)..<selection] {
      switch between.operation {
      case .label, .jump, .branch: return nil
      default: break
      }
      let written = between.result
      if written.isReal,
        written == result.a || written == result.b || written == result.c
      {
        return nil
      }
    }
    result.mask = select.mask
    result.result = select.result
    return result
  }
}
