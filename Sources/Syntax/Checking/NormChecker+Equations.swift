import Basics

extension NormChecker {
  /// Finds all equations, updates and gradient blocks, gives the equations' names to the norm,
  /// and finds out what each expression reads.
  mutating func collectEquations() {
    for statement in norm.statements {
      switch statement.form {
      case .line(let line):
        collect(line, phases: PhaseName.allCases)
      case .phase(let phase, let body):
        for inner in body {
          if case .line(let line) = inner.form { collect(line, phases: [phase]) }
        }
      case .axis, .group, .parameter, .state, .scalar, .mask, .index, .counter, .clause, .event,
        .gradient:
        break
      }
    }
    // Blocks come last: their names may not be those of equations, wherever these stand.
    for statement in norm.statements {
      if case .phase(let phase, let body) = statement.form {
        for inner in body { collectGradient(inner, phases: [phase]) }
      } else {
        collectGradient(statement, phases: PhaseName.allCases)
      }
    }
    for statement in norm.statements { collectEvent(statement) }
    for index in equations.indices {
      equations[index].reads = reads(of: equations[index].expression, locals: [:])
    }
    for index in updates.indices {
      updates[index].reads = reads(of: updates[index].expression, locals: [:])
    }
  }

  private mutating func collect(_ line: Line, phases: [PhaseName]) {
    if let call = callPlaces[line.expression.span] { return collectEquations(of: call) }
    switch line.target {
    case .names(let names) where names.count == 1:
      collectEquation(names[0], line.expression, phases: phases)
    case .names(let names):
      reportSeveralResults(names, line.expression)
    case .next(let name):
      collectUpdate(name, line.expression, phases: phases)
    case .gradient(let name):
      log.report(.gradOutside(at: name.span))
    }
  }

  /// Only a norm gives several values.
  private mutating func reportSeveralResults(_ names: [Identifier], _ expression: Expression) {
    brokenNames.formUnion(names.map(\.text))
    if case .call(let word, _) = expression.form, BuiltInFunction(rawValue: word.text) == nil {
      reportUnknownFunction(word, in: .forward)
    } else {
      reportSeveralNames(names)
    }
  }

  mutating func reportSeveralNames(_ names: [Identifier]) {
    log.report(.severalNames(names.count, at: names[0].span.through(names[names.count - 1].span)))
  }

  /// Adds an equation, which takes `output` of a call if there is one.
  mutating func collectEquation(
    _ name: Identifier, _ expression: Expression, phases: [PhaseName], output: CallOutput? = nil
  ) {
    var record = EquationRecord(
      target: ValueID(0), name: name, expression: expression, phases: phases)
    record.output = output
    if let id = scope[name.text], case .equation = values[id.index].value.kind {
      let others = values[id.index].equations.map { equations[$0] }
      if let first = others.first(where: { !Set($0.phases).isDisjoint(with: phases) }) {
        reportSecondDefinition(of: name, first: first.name.span)
        return
      }
      add(record, to: id)
    } else if let id = declare(name, .equation) {
      add(record, to: id)
    }
  }

  private mutating func add(_ record: EquationRecord, to id: ValueID) {
    var record = record
    record.target = id
    values[id.index].equations.append(equations.count)
    equations.append(record)
  }

  private mutating func collectUpdate(
    _ name: Identifier, _ expression: Expression, phases: [PhaseName]
  ) {
    guard let id = updatedState(name) else { return }
    let record = EquationRecord(target: id, name: name, expression: expression, phases: phases)
    if let first = updates.first(where: {
      $0.target == id && !Set($0.phases).isDisjoint(with: phases)
    }) {
      let phase = PhaseName.allCases.first { first.phases.contains($0) && phases.contains($0) }
      log.report(
        .updatedTwice(
          name.text, in: (phase ?? .train).rawValue, first: first.name.span, at: name.span))
      return
    }
    updates.append(record)
  }

  /// The state that `next name` sets; `nil` after a mistake, which is reported.
  mutating func updatedState(_ name: Identifier) -> ValueID? {
    guard let id = scope[name.text] else {
      if !brokenNames.contains(name.text) { reportUnknownName(name, locals: [:]) }
      return nil
    }
    switch values[id.index].value.kind {
    case .state:
      return id
    case .counter:
      log.report(.counterUpdated(name.text, at: name.span))
    case .tensor, .parameter, .mask, .index, .scalar, .equation, .adjoint, .eventArgument:
      log.report(.noState(name.text, at: name.span))
    }
    return nil
  }

  /// The values that `expression` reads, which are marked as read.
  mutating func reads(
    of expression: Expression, locals: [String: ValueID]
  ) -> [EquationRecord.Read] {
    let names = expression.names
    return names.compactMap { name in
      guard let id = locals[name.text] ?? scope[name.text] else { return nil }
      values[id.index].isRead = true
      return .init(value: id, span: name.span)
    }
      + names.compactMap(readOfCall)
  }
}

// Outputs.
extension NormChecker {
  /// Gives the outputs their declared axes.
  mutating func declareOutputs() {
    for output in norm.outputs {
      let name = output.name
      let dimensions = output.axes.map { resolveAxes($0, in: .head) }
      guard let id = scope[name.text] else {
        if !brokenNames.contains(name.text) {
          log.report(.undefinedOutput(name.text, at: name.span))
        }
        continue
      }
      guard case .equation = values[id.index].value.kind else {
        log.report(
          .alreadyDefined(name.text, first: values[id.index].span, at: name.span))
        continue
      }
      if outputs.contains(id) {
        log.report(.outputTwice(name.text, at: name.span))
        continue
      }
      outputs.append(id)
      guard let dimensions else { continue }
      values[id.index].value.dimensions = dimensions ?? []
      values[id.index].isBroken = dimensions == nil
      values[id.index].hasDeclaredAxes = true
    }
  }

  /// Checks that outputs are numbers and have an equation in each phase.
  mutating func checkOutputs() {
    for id in outputs {
      let record = values[id.index]
      let phases = record.equations.flatMap { equations[$0].phases }
      let name = record.value.name
      guard let place = norm.outputs.first(where: { $0.name.text == name })?.name.span else {
        continue
      }
      for phase in PhaseName.allCases where !phases.contains(phase) {
        log.report(.undefinedOutput(name, in: phase.rawValue, at: place))
      }
      if record.value.isCondition { log.report(.conditionalOutput(name, at: place)) }
    }
  }
}
