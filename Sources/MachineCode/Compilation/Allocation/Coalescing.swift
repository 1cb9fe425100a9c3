/// Registers that hold the same value one after the other become one.
struct Coalescing {
  private var parents: [Int32]
  private(set) var ranges: [[LiveRange]]

  init(_ program: LinearProgram, _ liveness: Liveness) {
    parents = (0..<program.classes.count).map { Int32($0) }
    ranges = liveness.ranges
    var copies = program.instructions.indices.filter {
      program.instructions[$0].operation == .copy
    }
    copies.sort {
      (liveness.loopDepths[$1], $0) < (liveness.loopDepths[$0], $1)
    }
    for place in copies { join(program.instructions[place], program.classes) }
  }

  /// The register that stands for `register`.
  func root(_ register: Register) -> Register {
    var index = register.index
    while parents[Int(index)] != index { index = parents[Int(index)] }
    return Register(Int(index))
  }

  private mutating func join(_ copy: Instruction, _ classes: [RegisterClass]) {
    let (target, source) = (Int(root(copy.result).index), Int(root(copy.a).index))
    guard target != source, classes[target] == classes[source],
      !intersect(ranges[target], ranges[source])
    else { return }
    parents[source] = Int32(target)
    ranges[target] = merged(ranges[target], ranges[source])
    ranges[source] = []
  }

  private func merged(_ a: [LiveRange], _ b: [LiveRange]) -> [LiveRange] {
    var result: [LiveRange] = []
    result.reserveCapacity(a.count + b.count)
    var (i, j) = (0, 0)
    while i < a.count || j < b.count {
      let takesA = j == b.count || (i < a.count && a[i].start < b[j].start)
      let range = takesA ? a[i] : b[j]
      if takesA { i += 1 } else { j += 1 }
      if let last = result.last, last.end == range.start {
        result[result.count - 1].end = range.end
      } else {
        result.append(range)
      }
    }
    return result
  }
}
