/// Registers that hold the same value one after the other become one.
struct Coalescing {
  private var parents: [Int32]
  private(set) var ranges: LiveRanges

  init(_ program: LinearProgram, _ liveness: Liveness) {
    parents = (0..<program.classes.count).map { Int32($0) }
    ranges = liveness.ranges
    let copies = program.instructions.indices.filter {
      program.instructions[$0].operation == .copy && !program.instructions[$0].splitsRange
    }
    // The innermost loops first, and each from its beginning.
    var depth = copies.map { liveness.loopDepths[$0] }.max()
    while let current = depth {
      for place in copies where liveness.loopDepths[place] == current {
        join(program.instructions[place], program.classes)
      }
      depth = current == 0 ? nil : current - 1
    }
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
