/// Reductions and conditions.
extension SpecGenerator {
  mutating func reduction(_ depth: Int) -> Draft {
    let operand = number(depth - 1)
    let (list, atoms) = reducedAxes(of: operand.axes)
    if operand.piece.text.contains("](") { features.insert(.nestedReductions) }
    let selects = chance(0.35)
    let selected = selects ? condition(1) : nil
    let suffix = selected.map { Piece(" where \($0.piece)") } ?? ""
    let axes = operand.axes.union(selected?.axes ?? []).subtracting(atoms)
    return reduction(operand, list, suffix, axes, selects: selects)
  }

  private mutating func reduction(
    _ a: Draft, _ list: String, _ suffix: Piece, _ axes: Set<String>, selects: Bool
  ) -> Draft {
    let kind = pick(["sum", "mean", "mean", "max", "min", "var", "var", "unbiased_var", "count"])
    note(kind, selects: selects)
    let call = Piece("\(kind)[\(list)](\(a.piece)\(suffix))")
    let spread = (a.high - a.low) * (a.high - a.low)
    switch kind {
    case "sum":
      let scaled = Piece("(\(call) / (1 + size(\(list))))")
      return Draft(scaled, axes, [a.low, a.high, 0])
    case "mean": return Draft(call, axes, [a.low, a.high, 0])
    case "max", "min":
      // Of nothing it is infinite.
      if chance(0.05) { return Draft(call, axes, [a.low, a.high]) }
      return Draft("clamp(\(call), -6, 6)", axes, [max(a.low, -6), min(a.high, 6), 0])
    case "var": return Draft(call, axes, [0, spread / 4])
    case "unbiased_var": return Draft(call, axes, [0, spread / 2])
    default:
      if chance(0.5) {
        let c = condition(1)
        return Draft(
          "(count[\(list)](\(c.piece)) / 4)",
          c.axes.subtracting(atoms(of: list)), [0, 200])
      }
      return Draft("(count[\(list)](\(a.piece)\(suffix)) / (1 + size(\(list))))", axes, [0, 1])
    }
  }

  private mutating func note(_ kind: String, selects: Bool) {
    let pair: (Feature, Feature) =
      switch kind {
      case "sum": (.sumOf, .sumWhere)
      case "mean": (.meanOf, .meanWhere)
      case "max": (.maxOf, .maxWhere)
      case "min": (.minOf, .minWhere)
      case "var": (.varOf, .varWhere)
      case "unbiased_var": (.unbiasedVarOf, .unbiasedVarWhere)
      default: (.countOf, .countWhere)
      }
    features.insert(selects ? pair.1 : pair.0)
  }

  private func atoms(of list: String) -> Set<String> {
    let names = list.split(separator: ",").map { $0.filter { $0 != " " } }
    return Set(names.flatMap { name in axes.first { $0.name == name }?.atoms ?? [name] })
  }

  /// Some of `present`, or now and then another axis, as text and as atoms.
  mutating func reducedAxes(of present: Set<String>) -> (String, Set<String>) {
    var names: [String] = []
    for axis in axes {
      let there = axis.atoms.filter(present.contains)
      guard there.isEmpty ? chance(0.04) : chance(0.55) else { continue }
      if there.isEmpty { features.insert(.reducedAxisThatIsMissing) }
      if axis.atoms.count > 1, chance(0.6) {
        features.insert(.partOfGroupReduced)
        names.append(pick(axis.atoms))
      } else {
        if axis.atoms.count > 1 { features.insert(.wholeGroupReduced) }
        names.append(axis.name)
      }
    }
    if names.isEmpty {
      let likely = axes.filter { !present.isDisjoint(with: $0.atoms) }
      names = [pick(likely.isEmpty ? axes : likely).name]
    }
    if chance(0.2) { names.shuffle(using: &random) }
    let list = names.joined(separator: ", ")
    return (list, atoms(of: list))
  }

  /// Axes as the list of a reduction.
  func list(of atoms: Set<String>) -> String {
    axes.flatMap { axis in
      atoms.isSuperset(of: axis.atoms) ? [axis.name] : axis.atoms.filter(atoms.contains)
    }.joined(separator: ", ")
  }

  mutating func condition(_ depth: Int) -> ConditionDraft {
    let known = visible.filter(\.isCondition)
    if !known.isEmpty, chance(depth <= 0 ? 0.8 : 0.5) {
      let value = pick(known)
      return ConditionDraft(piece: Piece(text: value.name), axes: value.axes)
    }
    switch integer(0...7) {
    case 0 where depth > 0:
      features.insert(.not)
      let c = condition(depth - 1)
      return ConditionDraft(piece: "(not \(c.piece))", axes: c.axes)
    case 1 where depth > 0, 2 where depth > 0:
      let isAnd = chance(0.5)
      features.insert(isAnd ? .and : .or)
      let (a, b) = (condition(depth - 1), condition(depth - 1))
      let word = isAnd ? "and" : "or"
      return ConditionDraft(
        piece: "(\(a.piece) \(word) \(b.piece))", axes: a.axes.union(b.axes))
    case 3: return placeCondition()
    case 4 where chance(0.3):
      features.insert(.truth)
      return ConditionDraft(piece: Piece(text: pick(["true", "false"])), axes: [])
    default: return comparison(depth)
    }
  }

  /// A condition on places or on the number of the call.
  private mutating func placeCondition() -> ConditionDraft {
    if chance(0.3), let counter = visible.first(where: { $0.kind == .counter }) {
      let text = pick(["< 3", "<= 5", "mod 2 == 0", "> 4", "!= 1"])
      return ConditionDraft(piece: Piece(text: "\(counter.name) \(text)"), axes: [])
    }
    features.insert(.index)
    let atom = pick(pick(axes).atoms)
    let text = pick(["== 0", "!= 1", "< 2", "mod 2 == 0", ">= size(\(atom)) / 2", "> 0"])
    if text.contains("==") { features.insert(.equal) }
    if text.contains("!=") { features.insert(.notEqual) }
    return ConditionDraft(piece: Piece(text: "index(\(atom)) \(text)"), axes: [atom])
  }

  private mutating func comparison(_ depth: Int) -> ConditionDraft {
    let (sign, feature): (String, Feature) = pick([
      ("<", .less), ("<=", .lessOrEqual), (">=", .greaterOrEqual), (">", .greater),
      ("<", .less), (">", .greater), ("==", .equal), ("!=", .notEqual),
    ])
    features.insert(feature)
    let a = number(depth - 1)
    let b = chance(0.5) ? literal() : number(depth - 1)
    return ConditionDraft(piece: "\(a.piece) \(sign) \(b.piece)", axes: a.axes.union(b.axes))
  }
}
