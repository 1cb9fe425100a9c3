/// Registers that hold the same value one after the other become one.
struct Coalescing {
  private var parents: [Int32]
  private(set) var ranges: LiveRanges

  init(_ program: LinearProgram, _ liveness: Liveness) {
    parents = (0..<program.classes.count).map { Int32($0) }
    ranges = liveness.ranges
    var copies = program.instructions.indices.filter {
      program.instructions[$0].operation == .copy && !program.instructions[$0].splitsRange
    }
    copies.sort {
      (liveness.loopDepths[$1], $0) < (liveness.loopDepths[$0], $1)
    }
    for place in copies { join(program.instructions[place], program.classes) }
  }

  /// By register, the one that stands for it.
  var roots: [Register] { parents.indices.map { root(Register($0)) } }

  /// The register that stands for `register`.
  private func root(_ register: Register) -> Register {
    var index = register.index
    while parents[Int(index)] != index { index = parents[Int(index)] }
    return Register(Int(index))
  }

  private mutating func join(_ copy: Instruction, _ classes: [RegisterClass]) {
    let (target, source) = (Int(root(copy.result).index), Int(root(copy.a).index))
    guard target != source, classes[target] == classes[source],
      !ranges.intersect(target, source)
    else { return }
    parents[source] = Int32(target)
    ranges.move(source, to: target)
  }
}
