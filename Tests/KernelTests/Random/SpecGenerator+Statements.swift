/// Equations, phases, states, gradient blocks and outputs.
extension SpecGenerator {
  /// Adds an equation that everything after it may read.
  mutating func equation() {
    let name = name("v")
    if chance(0.1) {
      let c = condition(2)
      statements.append(.line("\(name) = ", c.piece))
      visible.append(SpecValue(name: name, kind: .equation, axes: c.axes, isCondition: true))
      return note(name, reads: c.piece)
    }
    let draft = number(integer(1...4))
    statements.append(.line("\(name) = ", draft.piece))
    add(name, .equation, draft)
  }

  private mutating func add(_ name: String, _ kind: SpecValue.Kind, _ draft: Draft) {
    visible.append(
      SpecValue(
        name: name, kind: kind, axes: draft.axes, low: draft.low, high: draft.high))
    note(name, reads: draft.piece)
  }

  private mutating func note(_ name: String, reads piece: Piece) {
    reads[name, default: []].formUnion(valueNames(in: piece.text))
  }

  /// Everything that `name` depends on.
  private func dependencies(of name: String) -> Set<String> {
    var found: Set<String> = []
    var open = [name]
    while let next = open.popLast() {
      for read in reads[next] ?? [] where found.insert(read).inserted { open.append(read) }
    }
    return found
  }

  /// Both phases: what each defines and which states it sets.
  mutating func phases() {
    features.formUnion([.train, .eval])
    let shared = (0..<integer(0...2)).map { _ in name("w") }
    let outside = visible
    var union: [String: Draft] = [:]
    var common: [String: Set<String>] = [:]
    var blocks: [SpecStatement] = []
    let owned = backwardStates
    for phase in ["train", "eval"] {
      visible = outside
      backwardStates = owned
      var body: [SpecStatement] = []
      for _ in 0..<integer(0...1) {
        let local = name(phase)
        let draft = number(3)
        body.append(.line("\(local) = ", draft.piece))
        add(local, .local, draft)
      }
      for name in shared {
        features.insert(.valueOfEachPhase)
        let draft = number(integer(0...3))
        body.append(.line("\(name) = ", draft.piece))
        // Not visible yet: its axes are those of both phases together.
        reads[name] = nil
        note(name, reads: draft.piece)
        let below = dependencies(of: name)
        common[name] = common[name].map { $0.intersection(below) } ?? below
        union[name] = union[name].map { hull($0, draft) } ?? draft
      }
      if phase == "train" || chance(0.3) { body += updates(phase) }
      if chance(0.25), let block = block(in: phase) { body.append(block) }
      blocks.append(.block(phase, body))
    }
    visible = outside
    let text = Spec(name: "", tensors: [], outputs: [], statements: blocks).text
    backwardStates = owned.filter { !text.contains("next \($0.name) =") }
    for name in shared {
      guard let draft = union[name] else { continue }
      add(name, .equation, draft)
      // A gradient block for both phases may give only to what the value reads in both.
      reads[name] = common[name]
    }
    statements += blocks
    if chance(0.5) { updateOutsidePhases() }
  }

  private func hull(_ a: Draft, _ b: Draft) -> Draft {
    Draft(a.piece, a.axes.union(b.axes), [a.low, a.high, b.low, b.high])
  }

  /// New values of states in one phase.
  private mutating func updates(_ phase: String) -> [SpecStatement] {
    var lines: [SpecStatement] = []
    for state in visible where state.kind == .state && chance(0.8) {
      if phase == "eval" { features.insert(.nextInEval) }
      lines.append(.line("next \(state.name) = ", update(of: state).piece))
    }
    return lines
  }

  private mutating func update(of state: SpecValue) -> Draft {
    let old = read(state)
    let new = fitted(number(3), to: state, anchor: old)
    if chance(0.6) {
      features.insert(.nextEma)
      return average(old, new)
    }
    features.insert(.nextOther)
    return new
  }

  /// A state that no phase sets, set in both.
  private mutating func updateOutsidePhases() {
    let text = Spec(name: "", tensors: [], outputs: [], statements: statements).text
    let free = visible.filter { $0.kind == .state && !text.contains("next \($0.name) =") }
    guard let state = free.first else { return }
    features.insert(.nextInBoth)
    statements.append(.line("next \(state.name) = ", update(of: state).piece))
  }

  /// `draft` with exactly the axes of `target`, which `anchor` has; or a number.
  mutating func fitted(_ draft: Draft, to target: SpecValue, anchor: Draft) -> Draft {
    var result = draft
    let extra = result.axes.subtracting(target.axes)
    if !extra.isEmpty {
      let kind = pick(["mean", "mean", "max", "var"])
      result = Draft(
        "\(kind)[\(list(of: extra))](\(result.piece))", target.axes.intersection(result.axes),
        [result.low, result.high, 0])
    }
    // Even with all axes: a number without axes, computed from elements, would not do.
    return Draft(
      "(\(result.piece) + 0.5 * \(anchor.piece))", target.axes,
      [result.low + anchor.low, result.high + anchor.high])
  }

  mutating func gradientBlock(in phase: String?) {
    if let block = block(in: phase) { statements.append(block) }
  }

  /// A gradient rule for a value that the norm has.
  private mutating func block(in phase: String?) -> SpecStatement? {
    let differentiable = visible.filter { [.tensor, .parameter].contains($0.kind) }.map(\.name)
    let candidates = visible.filter { value in
      value.kind == .equation && !value.isCondition
        && !dependencies(of: value.name).isDisjoint(with: differentiable)
        && !statements.contains { statement in
          if case .block(let head, let body) = statement {
            return head.contains("gradient of \(value.name) ")
              || body.contains {
                if case .block(let inner, _) = $0 {
                  inner.contains("gradient of \(value.name) ")
                } else {
                  false
                }
              }
          }
          return false
        }
    }
    guard let target = candidates.randomElement(using: &random) else { return nil }
    features.insert(phase == nil ? .gradientBlock : .gradientBlockInPhase)
    return block(of: target)
  }

  private mutating func block(of target: SpecValue) -> SpecStatement {
    let adjoint = name("g")
    let outside = visible
    let own = backwardStates
    visible.append(
      SpecValue(name: adjoint, kind: .local, axes: target.axes, low: -2, high: 2))
    visible += own.map { state in
      var state = state
      state.kind = .local
      return state
    }
    var body: [SpecStatement] = []
    if chance(0.6) {
      let local = name("l")
      let draft = number(3)
      body.append(.line("\(local) = ", draft.piece))
      add(local, .local, draft)
    }
    for state in own {
      features.insert(.backwardState)
      let update = fitted(number(2), to: state, anchor: read(state))
      body.append(.line("next \(state.name) = ", update.piece))
    }
    body += contributions(of: target, adjoint: adjoint)
    visible = outside
    backwardStates = []
    return .block("gradient of \(target.name) by \(adjoint)", body)
  }

  private mutating func contributions(
    of target: SpecValue, adjoint: String
  ) -> [SpecStatement] {
    let below = dependencies(of: target.name)
    let receivers = visible.filter { value in
      below.contains(value.name) && !value.isCondition
        && [.tensor, .parameter, .equation].contains(value.kind)
    }
    var lines: [SpecStatement] = []
    for receiver in receivers where lines.isEmpty || chance(0.5) {
      if receiver.kind == .equation { features.insert(.gradientOfEquation) }
      let anchor = read(receiver)
      let g = Draft(Piece(text: adjoint), target.axes, [-2, 2])
      let draft = chance(0.5) ? g : number(3)
      lines.append(
        .line("grad \(receiver.name) = ", fitted(draft, to: receiver, anchor: anchor).piece))
    }
    return lines
  }
}

/// The words of an expression that are no functions.
private func valueNames(in text: String) -> Set<String> {
  var names: Set<String> = []
  var word = ""
  for character in text + " " {
    if character.isLetter || character.isNumber || character == "_" {
      word.append(character)
    } else {
      if character != "(", character != "[", !word.isEmpty { names.insert(word) }
      word = ""
    }
  }
  return names
}
