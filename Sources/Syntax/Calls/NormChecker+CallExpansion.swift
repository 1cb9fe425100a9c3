import Basics

extension NormChecker {
  /// Writes out a call: the equations of the callee become equations of the caller.
  mutating func expandCall(_ index: Int) {
    guard !calls[index].isExpanded else { return }
    calls[index].isExpanded = true
    guard !calls[index].isBroken, let tensors = resolvedTensors(of: calls[index]),
      let map = axisMap(of: calls[index], tensors),
      takeLabels(of: index, by: map)
    else { return }
    let call = calls[index]
    guard values.count + call.callee.norm.values.count <= Self.mostValues else {
      log.report(.callsTooLarge(call.word.text, at: call.word.span))
      return
    }
    for (place, value) in call.callee.norm.values.enumerated() {
      let original = ValueID(place)
      switch value.kind {
      case .tensor:
        let tensor = calls[index].values.count {
          call.callee.norm.values[$0.key.index].kind == .tensor
        }
        take(call.tensors[tensor], tensors[tensor], for: original, in: index)
      case .parameter, .state, .scalar, .mask, .index, .counter:
        settleBrought(original, in: index, by: map)
      case .equation, .adjoint, .eventArgument:
        addHidden(original, in: index, by: map)
      }
    }
    for phase in call.phases { expand(phase, of: calls[index], by: map) }
    bringEvents(of: calls[index], by: map)
  }

  /// The tensors that a call gives; `nil` after a mistake, which is reported.
  private mutating func resolvedTensors(of call: NormCall) -> [Resolved]? {
    let wanted = call.callee.norm.values.count { $0.kind == .tensor }
    guard call.tensors.count == wanted else {
      log.report(.tensorCount(call.word.text, wanted, at: call.expression.span))
      return nil
    }
    let tensors = call.tensors.compactMap { resolveNumber($0, in: .forward) }
    return tensors.count == wanted ? tensors : nil
  }

  /// Takes what labels give for scalars and masks.
  private mutating func takeLabels(of index: Int, by map: AxisMap) -> Bool {
    let call = calls[index]
    var isRight = true
    for (place, value) in call.callee.norm.values.enumerated() {
      guard let label = call.labels[value.name] else { continue }
      let given =
        value.isCondition
        ? resolveCondition(label.value, in: .forward) : resolveNumber(label.value, in: .forward)
      guard let given, isIndex(given, wantedFor: value, by: map, label) else {
        isRight = false
        continue
      }
      let wanted = map.atoms(of: value.axes).sorted()
      guard Set(given.term.axes).isSubset(of: wanted) else {
        log.report(
          value.axes.isEmpty
            ? .scalarWithAxes(value.name, has: axes.show(given.term.axes), at: label.value.span)
            : .axesDiffer(
              value.name, has: axes.show(wanted), "the argument",
              gives: axes.show(given.term.axes), isMissing: false, at: label.value.span))
        isRight = false
        continue
      }
      take(label.value, given, for: ValueID(place), in: index)
    }
    return isRight
  }

  /// `true` iff what is given for an index is one of the same axis.
  private mutating func isIndex(
    _ given: Resolved, wantedFor value: Value, by map: AxisMap, _ label: Argument
  ) -> Bool {
    guard case .index(of: let along) = value.kind else { return true }
    let wanted = map.atoms(of: along)
    if case .value(let id) = given.term.form, values[id.index].value.kind == .index(of: wanted) {
      return true
    }
    log.report(.labelWantsIndex(value.name, of: axes.names(of: wanted), at: label.value.span))
    return false
  }

  /// Lets `expression` stand for a value of the callee: the value that it names, or a new one.
  private mutating func take(
    _ expression: Expression, _ resolved: Resolved, for original: ValueID, in index: Int
  ) {
    let call = calls[index]
    if case .value(let id) = resolved.term.form {
      calls[index].values[original] = id
      return
    }
    let value = call.callee.norm.values[original.index]
    let id = addValue(call.ownName(of: value.name), .equation)
    calls[index].values[original] = id
    values[id.index].isRead = true
    values[id.index].isPlain = resolved.isPlain
    values[id.index].value.isCondition = value.isCondition
    values[id.index].value.dimensions = axes.dimensions(of: resolved.term.axes)
    order.append(id)
    for phase in call.phases { add(resolved, to: id, in: phase, of: call) }
  }

  /// Gives a value that comes along its axes and its initial value.
  private mutating func settleBrought(_ original: ValueID, in index: Int, by map: AxisMap) {
    let call = calls[index]
    // What a label gives is an equation or a value of the caller's own.
    guard let id = call.values[original] else { return }
    let value = call.callee.norm.values[original.index]
    guard call.labels[value.name] == nil else { return }
    values[id.index].value.dimensions = dimensions(of: value, by: map)
    switch value.kind {
    case .parameter(let initial):
      values[id.index].value.kind = .parameter(initial: mapped(initial, of: call, by: map))
    case .state(let initial):
      values[id.index].value.kind = .state(initial: mapped(initial, of: call, by: map))
    case .index(let along):
      values[id.index].value.kind = .index(of: map.atoms(of: along))
    case .tensor, .mask, .scalar, .counter, .equation, .adjoint, .eventArgument:
      break
    }
  }

  /// Adds what stands for an equation of the callee: the target that takes it, or a new value.
  private mutating func addHidden(_ original: ValueID, in index: Int, by map: AxisMap) {
    let call = calls[index]
    let value = call.callee.norm.values[original.index]
    if let output = call.callee.norm.outputs.firstIndex(of: original),
      !call.callee.replacesGradient(of: original), let target = scope[call.targets[output].text]
    {
      calls[index].values[original] = target
      if !values[target.index].hasDeclaredAxes {
        values[target.index].value.dimensions = dimensions(of: value, by: map)
      }
      values[target.index].value.isCondition = value.isCondition
      return
    }
    var kind = value.kind
    if case .adjoint(let of) = kind { kind = .adjoint(of: call.values[of] ?? of) }
    let id = addValue(call.ownName(of: value.name), kind)
    calls[index].values[original] = id
    values[id.index].isRead = true
    values[id.index].value.isCondition = value.isCondition
    values[id.index].value.dimensions = axes.dimensions(of: map.atoms(of: value.axes))
  }
}

// The phases.
extension NormChecker {
  private mutating func expand(_ phase: PhaseName, of call: NormCall, by map: AxisMap) {
    let body = phase == .train ? call.callee.norm.train : call.callee.norm.eval
    for equation in body.equations {
      guard let id = call.values[equation.value] else { continue }
      let term = mapped(equation.term, of: call, by: map)
      let resolved = Resolved(term, plain: isPlain(term))
      values[id.index].isPlain = resolved.isPlain
      if let taken = values[id.index].equations.first(where: {
        equations[$0].output != nil && equations[$0].phases == [phase]
      }) {
        equations[taken].resolved = resolved
        equations[taken].reads = reads(of: term, at: call.word.span)
      } else {
        if !order.contains(id) { order.append(id) }
        add(resolved, to: id, in: phase, of: call)
      }
    }
    passOutputs(of: call, in: phase)
    broughtUpdates += body.updates.compactMap { record(of: $0, in: phase, of: call, by: map) }
    broughtGradients += body.gradients.compactMap { record(of: $0, in: phase, of: call, by: map) }
  }

  /// Lets targets be the outputs whose derivative the callee replaces, which are values apart.
  private mutating func passOutputs(of call: NormCall, in phase: PhaseName) {
    for (output, target) in zip(call.callee.norm.outputs, call.targets) {
      guard let own = scope[target.text], let id = call.values[output], id != own,
        let taken = values[own.index].equations.first(where: {
          equations[$0].output != nil && equations[$0].phases == [phase]
        })
      else { continue }
      let term = Term(
        .value(id), axes: values[id.index].value.axes.sorted(),
        isCondition: values[id.index].value.isCondition)
      equations[taken].resolved = Resolved(term, plain: false)
      equations[taken].reads = reads(of: term, at: call.word.span)
    }
  }

  private mutating func add(
    _ resolved: Resolved, to id: ValueID, in phase: PhaseName, of call: NormCall
  ) {
    values[id.index].equations.append(equations.count)
    equations.append(record(id, resolved, in: phase, of: call))
  }

  private mutating func record(
    _ target: ValueID, _ resolved: Resolved, in phase: PhaseName?, of call: NormCall
  ) -> EquationRecord {
    let name = Identifier(text: values[target.index].value.name, span: call.word.span)
    var record = EquationRecord(
      target: target, name: name, expression: call.expression, phases: phase.map { [$0] } ?? [])
    record.reads = reads(of: resolved.term, at: call.word.span)
    record.resolved = resolved
    return record
  }

  private mutating func record(
    of equation: Equation, in phase: PhaseName?, of call: NormCall, by map: AxisMap
  ) -> EquationRecord? {
    guard let id = call.values[equation.value] else { return nil }
    let term = mapped(equation.term, of: call, by: map)
    return record(id, Resolved(term, plain: isPlain(term)), in: phase, of: call)
  }

  private mutating func record(
    of block: GradientBlock, in phase: PhaseName, of call: NormCall, by map: AxisMap
  ) -> GradientRecord? {
    guard let value = call.values[block.value], let adjoint = call.values[block.adjoint] else {
      return nil
    }
    let name = Identifier(text: values[value.index].value.name, span: call.word.span)
    var result = GradientRecord(
      value: value, name: name, adjoint: adjoint, phases: [phase], locals: [:])
    let records = { (checker: inout NormChecker, list: [Equation]) in
      list.compactMap { checker.record(of: $0, in: phase, of: call, by: map) }
    }
    result.equations = records(&self, block.equations)
    result.contributions = records(&self, block.contributions)
    result.updates = records(&self, block.updates)
    return result
  }

  /// Lets the events of the callee be events of the caller.
  private mutating func bringEvents(of call: NormCall, by map: AxisMap) {
    for event in call.callee.norm.events {
      let name = call.ownName(of: event.name)
      var record = EventRecord(
        name: name, arguments: event.arguments.compactMap { call.values[$0] }, locals: [:])
      for id in record.arguments { values[id.index].isPlain = true }
      for equation in event.shared + event.equations {
        guard let own = self.record(of: equation, in: nil, of: call, by: map) else { continue }
        values[own.target.index].isPlain = own.resolved?.isPlain == true
        record.equations.append(own)
      }
      record.updates = event.updates.compactMap { update in
        self.record(of: update, in: nil, of: call, by: map)
      }
      if let first = events.first(where: { $0.name.text == name.text }) {
        log.report(
          .comesAlong(
            name.text, of: call.word.text, event.name, first: first.name.span, at: name.span))
      } else if !broughtEvents.contains(where: { $0.name.text == name.text }) {
        broughtEvents.append(record)
      }
    }
  }

  /// Adds the updates, gradient blocks and events of calls to those of the norm.
  mutating func addCallEffects() {
    for update in broughtUpdates {
      let own = updates.first {
        $0.target == update.target && !Set($0.phases).isDisjoint(with: update.phases)
      }
      if let own {
        log.report(
          .updatedTwice(
            own.name.text, in: update.phases[0].rawValue, first: update.name.span,
            at: own.name.span))
      }
    }
    updates += broughtUpdates
    gradients += broughtGradients
    events += broughtEvents
  }
}

extension Callee {
  /// `true` iff a gradient block replaces the derivative of `value`.
  fileprivate func replacesGradient(of value: ValueID) -> Bool {
    (norm.train.gradients + norm.eval.gradients).contains { $0.value == value }
  }
}
