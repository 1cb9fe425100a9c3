import Basics

// What stands in events.
extension NormChecker {
  /// Adds `statement` to the events if it is one.
  mutating func collectEvent(_ statement: Statement) {
    guard case .event(let name, let arguments, let body) = statement.form else { return }
    checkName(name)
    if let first = events.first(where: { $0.name.text == name.text }) {
      log.report(.alreadyDefined(name.text, first: first.name.span, at: name.span))
      return
    }
    var event = EventRecord(name: name, arguments: [], locals: [:])
    for argument in arguments {
      let id = addLocal(argument, .eventArgument, to: &event.locals)
      event.arguments.append(id)
      values[id.index].isPlain = true
    }
    for inner in body {
      if case .line(let line) = inner.form { collect(line, in: &event) }
    }
    findReads(of: &event.equations, locals: event.locals)
    findReads(of: &event.updates, locals: event.locals)
    events.append(event)
  }

  private mutating func collect(_ line: Line, in event: inout EventRecord) {
    switch line.target {
    case .names(let names):
      guard names.count == 1 else { return reportSeveralNames(names) }
      let id = addLocal(names[0], .equation, to: &event.locals)
      guard !values[id.index].isBroken else { return }
      event.equations.append(
        EquationRecord(target: id, name: names[0], expression: line.expression, phases: []))
    case .next(let name):
      guard let id = eventTarget(name, locals: event.locals) else { return }
      if let first = event.updates.first(where: { $0.target == id }) {
        log.report(
          .updatedTwice(
            name.text, in: event.name.text, first: first.name.span, at: name.span))
        return
      }
      event.updates.append(
        EquationRecord(target: id, name: name, expression: line.expression, phases: []))
    case .gradient(let name):
      log.report(.gradOutside(at: name.span))
    }
  }

  /// What `next name` sets in an event; `nil` after a mistake, which is reported.
  private mutating func eventTarget(
    _ name: Identifier, locals: [String: ValueID]
  ) -> ValueID? {
    guard let id = scope[name.text] else {
      if locals[name.text] != nil {
        log.report(.notSetByEvent(name.text, at: name.span))
      } else if !brokenNames.contains(name.text) {
        reportUnknownName(name, locals: [:])
      }
      return nil
    }
    switch values[id.index].value.kind {
    case .state, .parameter, .counter: return id
    case .tensor, .mask, .index, .scalar, .equation, .adjoint, .eventArgument:
      log.report(.notSetByEvent(name.text, at: name.span))
      return nil
    }
  }

  /// Resolves what stands in the events, after the forward.
  mutating func resolveEvents() {
    for index in events.indices {
      var event = events[index]
      event.equations = ordered(event.equations)
      let context = ExpressionContext.block(locals: event.locals)
      for place in event.equations.indices {
        event.equations[place].resolved = resolveEquation(event.equations[place], in: context)
        settle(event.equations[place].target, [event.equations[place]])
      }
      for place in event.updates.indices {
        event.updates[place].resolved = resolveReceived(
          event.updates[place], in: context, "'next'")
      }
      events[index] = event
    }
  }
}

// What events read of the norm.
extension NormChecker {
  /// The events, with the equations outside the phases that they read.
  mutating func checkedEvents() -> [Event] {
    events.map { event in
      let reads = (event.equations + event.updates).flatMap(\.reads)
      let own = Set(event.equations.map(\.target))
      var used: Set<ValueID> = []
      for read in reads where !own.contains(read.value) { addShared(read, to: &used) }
      let shared = order.filter(used.contains).compactMap { sharedEquation(of: $0) }
      checkRanks(in: shared + event.equations + event.updates, of: "an event")
      return Event(
        name: event.name.text, arguments: event.arguments,
        shared: shared.compactMap(checked),
        equations: event.equations.compactMap(checked), updates: event.updates.compactMap(checked))
    }
  }

  /// Adds to `used` the value that `read` names and all below it; reports it if it is one of a
  /// phase, or reads one.
  private mutating func addShared(_ read: EquationRecord.Read, to used: inout Set<ValueID>) {
    var pending = [read.value]
    while let id = pending.popLast() {
      let isEquation = !values[id.index].equations.isEmpty
      guard isEquation, !values[id.index].isBroken, used.insert(id).inserted else { continue }
      guard let equation = sharedEquation(of: id) else {
        let phase = equations[values[id.index].equations[0]].phases[0]
        log.report(
          .phaseReadByEvent(
            values[id.index].value.name, in: phase.rawValue,
            through: values[read.value.index].value.name,
            at: read.span))
        return
      }
      pending += equation.reads.map(\.value)
    }
  }

  /// The equation of a value that holds in both phases; `nil` if there is none. A call outside the
  /// phases has one for each, which may be the same.
  private func sharedEquation(of id: ValueID) -> EquationRecord? {
    let records = values[id.index].equations.map { equations[$0] }
    if records.count == 1, records[0].phases.count == PhaseName.allCases.count {
      return records[0]
    }
    guard records.count == 2, let term = records[0].term, term == records[1].term else {
      return nil
    }
    return records[0]
  }
}
