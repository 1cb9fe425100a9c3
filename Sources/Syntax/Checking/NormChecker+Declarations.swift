import Basics

extension NormChecker {
  /// Reports a name that no value and no axis may have.
  mutating func checkName(_ name: Identifier) {
    if name.text.hasPrefix("d_") { log.report(.gradientName(name.text, at: name.span)) }
  }

  /// Adds a value of the norm; `nil` where its name is taken.
  @discardableResult
  mutating func declare(_ name: Identifier, _ kind: Value.Kind) -> ValueID? {
    checkName(name)
    let first = scope[name.text].map { values[$0.index].span } ?? axes.entries[name.text]?.span
    if let first {
      reportSecondDefinition(of: name, first: first)
      return nil
    }
    let id = addValue(name, kind)
    scope[name.text] = id
    return id
  }

  /// Reports that `name` has two definitions, unless the first is a clause's, which is known.
  mutating func reportSecondDefinition(of name: Identifier, first: SourceSpan) {
    guard !norm.clashes.contains(name.text) else { return }
    log.report(.alreadyDefined(name.text, first: first, at: name.span))
  }

  /// Adds a value without giving it a name in the norm.
  mutating func addValue(_ name: Identifier, _ kind: Value.Kind) -> ValueID {
    let value = Value(name: name.text, kind: kind, line: source.line(at: name.span.lower))
    values.append(ValueRecord(value: value, span: name.span))
    return ValueID(values.count - 1)
  }

  /// Adds tensors and declarations in source order. Initial values are placeholders as yet.
  mutating func declareValues() {
    for tensor in norm.tensors { declare(tensor, .tensor, in: .head) }
    for statement in norm.statements {
      switch statement.form {
      case .parameter(let list):
        for item in list { declare(item.tensor, .parameter(initial: zero), in: .declaration) }
      case .state(let list):
        for item in list { declare(item.tensor, .state(initial: zero), in: .declaration) }
      case .mask(let list):
        for tensor in list {
          guard let id = declare(tensor, .mask, in: .declaration) else { continue }
          values[id.index].value.isCondition = true
        }
      case .scalar(let list):
        for setting in list {
          guard let id = declare(setting.name, .scalar(standard: nil)) else { continue }
          values[id.index].isPlain = true
        }
      case .counter(let name):
        guard let id = declare(name, .counter) else { continue }
        values[id.index].isPlain = true
      case .index(let tensor, let axis):
        let along = resolveAxis(axis, in: .declaration)
        guard let id = declare(tensor, .index(of: along?.axes ?? []), in: .declaration) else {
          continue
        }
        if along == nil { values[id.index].isBroken = true }
      case .axis, .group, .clause, .phase, .event, .line, .gradient:
        break
      }
    }
    bringValues()
  }

  @discardableResult
  private mutating func declare(
    _ tensor: TensorTree, _ kind: Value.Kind, in place: AxisPlace
  ) -> ValueID? {
    let dimensions = resolveAxes(tensor.axes ?? [], in: place)
    guard let id = declare(tensor.name, kind) else { return nil }
    values[id.index].value.dimensions = dimensions ?? []
    values[id.index].isBroken = dimensions == nil
    values[id.index].hasDeclaredAxes = true
    return id
  }

  /// Resolves the initial values of parameters and states and the defaults of scalars, which may
  /// use the defaults of scalars before them.
  mutating func resolveInitialValues() {
    for statement in norm.statements {
      guard case .scalar(let list) = statement.form else { continue }
      for setting in list {
        guard let id = declared(setting.name), let value = setting.value else { continue }
        guard let resolved = resolve(value, in: .initial) else {
          values[id.index].isBroken = true
          continue
        }
        values[id.index].value.kind = .scalar(standard: resolved.term)
        values[id.index].value.isCondition = resolved.term.isCondition
      }
    }
    for statement in norm.statements {
      switch statement.form {
      case .parameter(let list):
        for item in list { resolveInitial(item) { .parameter(initial: $0) } }
      case .state(let list):
        for item in list { resolveInitial(item) { .state(initial: $0) } }
      case .axis, .group, .scalar, .mask, .index, .counter, .clause, .phase, .event, .line,
        .gradient:
        break
      }
    }
  }

  private mutating func resolveInitial(_ item: InitialTree, _ kind: (Term) -> Value.Kind) {
    guard let id = declared(item.tensor.name) else { return }
    guard let resolved = resolveNumber(item.value, in: .initial) else { return }
    values[id.index].value.kind = kind(resolved.term)
  }

  /// The value that `name` declares, unless its name was taken.
  private func declared(_ name: Identifier) -> ValueID? {
    guard let id = scope[name.text], values[id.index].span == name.span else { return nil }
    return id
  }

  private var zero: Term { Term(.number(0), axes: [], isCondition: false) }
}
