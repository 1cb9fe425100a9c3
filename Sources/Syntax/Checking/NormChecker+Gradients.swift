import Basics

extension NormChecker {
  /// Adds `statement` to the gradient blocks if it is one.
  mutating func collectGradient(_ statement: Statement, phases: [PhaseName]) {
    guard case .gradient(let name, let adjoint, let body) = statement.form else { return }
    guard let id = gradientTarget(name, phases: phases) else { return }
    checkName(adjoint)
    if let first = place(of: adjoint.text) {
      log.report(.alreadyDefined(adjoint.text, first: first, at: adjoint.span))
    }
    let adjointID = addValue(adjoint, .adjoint(of: id))
    values[adjointID.index].isRead = true
    var block = GradientRecord(
      value: id, name: name, adjoint: adjointID, phases: phases,
      locals: [adjoint.text: adjointID])
    for inner in body {
      if case .line(let line) = inner.form { collect(line, in: &block) }
    }
    if block.contributions.isEmpty, !body.contains(where: isContribution) {
      log.report(.emptyGradient(name.text, at: name.span))
    }
    findReads(of: &block.equations, locals: block.locals)
    findReads(of: &block.contributions, locals: block.locals)
    findReads(of: &block.updates, locals: block.locals)
    gradients.append(block)
  }

  private func isContribution(_ statement: Statement) -> Bool {
    if case .line(let line) = statement.form, case .gradient = line.target { return true }
    return false
  }

  /// Where `name` is defined in the norm, as a value or an axis.
  func place(of name: String) -> SourceSpan? {
    scope[name].map { values[$0.index].span } ?? axes.entries[name]?.span
  }

  /// The value whose gradient a block replaces; `nil` after a mistake, which is reported.
  private mutating func gradientTarget(_ name: Identifier, phases: [PhaseName]) -> ValueID? {
    guard let id = scope[name.text] else {
      if !brokenNames.contains(name.text) { reportUnknownName(name, locals: [:]) }
      return nil
    }
    guard case .equation = values[id.index].value.kind else {
      log.report(.gradientOfNoEquation(name.text, at: name.span))
      return nil
    }
    if let first = gradients.first(where: {
      $0.value == id && !Set($0.phases).isDisjoint(with: phases)
    }) {
      let phase = phases.first { first.phases.contains($0) } ?? .train
      log.report(
        .secondGradient(name.text, in: phase.rawValue, first: first.name.span, at: name.span))
      return nil
    }
    return id
  }

  private mutating func collect(_ line: Line, in block: inout GradientRecord) {
    switch line.target {
    case .names(let names):
      guard names.count == 1 else { return reportSeveralNames(names) }
      let id = addLocal(names[0], .equation, to: &block.locals)
      guard !values[id.index].isBroken else { return }
      block.equations.append(
        EquationRecord(
          target: id, name: names[0], expression: line.expression, phases: block.phases))
    case .next(let name):
      guard let id = updatedState(name) else { return }
      let record = EquationRecord(
        target: id, name: name, expression: line.expression, phases: block.phases)
      for other in gradients + [block] where !Set(other.phases).isDisjoint(with: block.phases) {
        guard let first = other.updates.first(where: { $0.target == id }) else { continue }
        log.report(.updatedByTwo(name.text, first: first.name.span, at: name.span))
        return
      }
      block.updates.append(record)
    case .gradient(let name):
      collectContribution(name, line.expression, in: &block)
    }
  }

  private mutating func collectContribution(
    _ name: Identifier, _ expression: Expression, in block: inout GradientRecord
  ) {
    guard let id = scope[name.text] else {
      if block.locals[name.text] != nil {
        log.report(.noDependence(of: block.name.text, on: name.text, at: name.span))
      } else if !brokenNames.contains(name.text) {
        reportUnknownName(name, locals: [:])
      }
      return
    }
    if let kind = values[id.index].value.kind.withoutGradient {
      log.report(.noGradient(kind, at: name.span))
      return
    }
    if let first = block.contributions.first(where: { $0.target == id }) {
      log.report(.contributionTwice(name.text, first: first.name.span, at: name.span))
      return
    }
    block.contributions.append(
      EquationRecord(target: id, name: name, expression: expression, phases: block.phases))
  }
}

extension Value.Kind {
  /// How messages name a kind of value that receives no gradient; `nil` for the others.
  fileprivate var withoutGradient: String? {
    switch self {
    case .tensor, .parameter, .equation: nil
    case .state: "a state"
    case .mask: "a mask"
    case .index: "an index"
    case .scalar: "a scalar"
    case .counter: "a counter"
    case .adjoint: "a gradient"
    case .eventArgument: "an argument of an event"
    }
  }
}
