/// Clauses and outputs.
extension SpecGenerator {
  /// Normalizes the first tensor by clauses.
  mutating func clauses(on tensor: SpecValue?) {
    guard let tensor else { return }
    features.insert(.reduceClause)
    declarations.append(.plain("scalar eps = \(pick(["1e-2", "0.1", "1e-3"]))"))
    let (list, atoms) = clauseAxes(of: tensor)
    statements.append(.plain("reduce \(list)\(selection(within: tensor))"))
    var uses: Set<String> = []
    if chance(0.6) {
      features.insert(.center)
      statements.append(.plain("center"))
      uses.insert("mean")
    }
    if chance(0.85) { uses.formUnion(divide(by: list)) }
    let isTracked = !uses.isEmpty && chance(0.4) && track(uses)
    if chance(0.6) {
      let isAffine = chance(0.6)
      features.insert(isAffine ? .affine : .weight)
      let axis = pick(axes.filter { !tensor.axes.isDisjoint(with: $0.atoms) })
      statements.append(.plain("\(isAffine ? "affine" : "weight") \(axis.name)"))
    }
    let kept = tensor.axes.subtracting(atoms)
    for name in ["normalized", "centered"] where chance(0.5) {
      visible.append(
        SpecValue(name: name, kind: .equation, axes: tensor.axes, low: -12, high: 12))
      reads[name] = [tensor.name]
    }
    for name in ["mean", "var", "std", "rms"] where uses.contains(name) {
      // In evaluation, what is tracked does not depend on the tensor.
      let kind: SpecValue.Kind = isTracked ? .local : .equation
      visible.append(SpecValue(name: name, kind: kind, axes: kept, low: 0, high: 4))
      if !isTracked { reads[name] = [tensor.name] }
    }
  }

  private mutating func clauseAxes(of tensor: SpecValue) -> (String, Set<String>) {
    var atoms: Set<String> = []
    while atoms.isEmpty { atoms = Set(tensor.axes.sorted().filter { _ in chance(0.5) }) }
    return (list(of: atoms), atoms)
  }

  /// ` where` and a condition of no more axes than the tensor, or nothing.
  private mutating func selection(within tensor: SpecValue) -> String {
    let fitting = visible.filter { $0.isCondition && $0.axes.isSubset(of: tensor.axes) }
    guard !fitting.isEmpty, chance(0.5) else { return "" }
    features.insert(.reduceWhere)
    return " where \(pick(fitting).name)"
  }

  /// Adds `divide by`; returns the statistics that it uses.
  private mutating func divide(by list: String) -> Set<String> {
    features.insert(.divideBy)
    switch integer(0...5) {
    case 0, 1:
      features.insert(.divideByStd)
      statements.append(.line("divide by ", "std"))
      return ["var", "std"]
    case 2:
      features.insert(.divideByRms)
      statements.append(.line("divide by ", "rms"))
      return ["mean_square", "rms"]
    case 3:
      statements.append(.line("divide by ", "sqrt(var) + 0.1"))
      return ["var"]
    case 4:
      statements.append(.line("divide by ", "max(sqrt(var), eps)"))
      return ["var"]
    default:
      statements.append(.line("divide by ", "mean[\(list)](abs(centered)) + 0.1"))
      return []
    }
  }

  /// Adds `track` where there is a statistic that it can track, and says if it did.
  private mutating func track(_ uses: Set<String>) -> Bool {
    guard !uses.isDisjoint(with: ["mean", "var", "mean_square"]) else { return false }
    features.formUnion([.train, .eval])
    var rate = "decay: 0.9"
    let counter = visible.first { $0.kind == .counter }
    if let counter, chance(0.5) {
      features.insert(.trackCumulative)
      rate = "momentum: 1 / \(counter.name)"
    } else if chance(0.5) {
      features.insert(.trackMomentum)
      rate = "momentum: 0.2"
    } else {
      features.insert(.trackDecay)
    }
    let isUnbiased = uses.contains("var") && chance(0.5)
    if isUnbiased { features.insert(.trackUnbiased) }
    statements.append(.plain("track ema(\(rate))\(isUnbiased ? ", unbiased" : "")"))
    return true
  }

  /// Chooses the outputs, and writes their equations where they have none.
  mutating func outputs(afterClauses usesClauses: Bool) -> [String] {
    var outputs: [String] = []
    if usesClauses {
      let output = name("y")
      outputs.append(output)
      if chance(0.5) {
        features.insert(.epilogue)
        let f = pick(["silu", "relu", "gelu", "tanh"])
        statements.append(.line("\(output) = ", "\(f)(normalized)"))
      }
      if chance(0.3), let value = visible.last(where: { ["mean", "std"].contains($0.name) }) {
        features.insert(.statisticOutput)
        outputs.append(value.name)
      }
    }
    while outputs.isEmpty || (chance(0.4) && outputs.count < 3) { outputs.append(output()) }
    if outputs.count > 1 { features.insert(.severalOutputs) }
    return outputs
  }

  /// An output with an equation of its own that reads the last values.
  private mutating func output() -> String {
    let name = name("y")
    var draft = number(2)
    for value in visible.reversed() where value.kind == .equation && !value.isCondition {
      guard chance(0.6) else { continue }
      let a = tamed(read(value))
      draft = Draft(
        "(\(a.piece) * \(draft.piece) + \(a.piece))", draft.axes.union(a.axes), [-9, 9])
    }
    statements.append(.line("\(name) = ", draft.piece))
    guard !draft.axes.isEmpty, chance(0.3) else { return name }
    features.insert(.outputAxes)
    let list = axes.flatMap { axis in
      draft.axes.isSuperset(of: axis.atoms)
        ? [axis.name + (axis.isRun ? "..." : "")] : axis.atoms.filter(draft.axes.contains)
    }
    return "\(name)[\(list.joined(separator: ", "))]"
  }
}
