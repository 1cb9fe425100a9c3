// What a sweep is made of.
extension Step {
  /// The loops; `nil` for scalars.
  package var sweep: Sweep? {
    switch self {
    case .scalars: nil
    case .reduce(let step): step.sweep
    case .store(let step): step.sweep
    }
  }

  /// `true` iff it does nothing but to write along `run`, or makes scalars for that.
  package func isOfRow(_ run: [Int]) -> Bool {
    switch self {
    case .scalars(let step): step.stores.isEmpty
    case .reduce: false
    case .store(let step): step.sweep == Sweep(segments: [], run: run)
    }
  }

  package var body: Body {
    switch self {
    case .scalars(let step): step.body
    case .reduce(let step): step.body
    case .store(let step): step.body
    }
  }

  /// All programs: that of the lanes, and that which selects rows.
  package var bodies: [Body] {
    guard case .reduce(let step) = self else { return [body] }
    return [step.body] + [step.selection?.body].compactMap(\.self)
  }

  /// The values of the program that the step uses.
  package var roots: [LaneValue] {
    switch self {
    case .scalars(let step): step.defines.map(\.value) + step.stores.map(\.value)
    case .reduce(let step):
      step.accumulators.flatMap { [$0.value, $0.factor, $0.condition].compactMap(\.self) }
        + step.riders.flatMap(\.roots) + step.keeps.map(\.value)
    case .store(let step): step.stores.map(\.value) + step.riders.flatMap(\.roots)
    }
  }

  /// Lets a sweep that reduces keep `value` in a row; no other step does.
  package mutating func keep(_ value: LaneValue, in row: BufferID) {
    guard case .reduce(var step) = self else { return }
    step.keeps.append((value, row))
    self = .reduce(step)
  }

  /// Lets the step read elements of `arrays` where its program computed these values, and forgets
  /// what it needs no more.
  package mutating func load(_ arrays: [LaneValue: BufferID]) {
    let (body, changed) = body.part(for: roots, from: arrays.mapValues { .load($0) })
    replace(body) { changed[$0] ?? $0 }
  }

  /// Takes another program, in which `change` says where each value that is used is now.
  package mutating func replace(_ body: Body, _ change: (LaneValue) -> LaneValue) {
    switch self {
    case .scalars(var step):
      step.body = body
      step.defines = step.defines.map { (change($0.value), $0.scalar) }
      step.stores = step.stores.map { (change($0.value), $0.buffer) }
      self = .scalars(step)
    case .reduce(var step):
      step.body = body
      for index in step.accumulators.indices {
        step.accumulators[index].value = change(step.accumulators[index].value)
        step.accumulators[index].factor = step.accumulators[index].factor.map(change)
        step.accumulators[index].condition = step.accumulators[index].condition.map(change)
      }
      step.riders = step.riders.map { $0.mapValues(change) }
      step.keeps = step.keeps.map { (change($0.value), $0.row) }
      self = .reduce(step)
    case .store(var step):
      step.body = body
      step.stores = step.stores.map { (change($0.value), $0.buffer) }
      step.riders = step.riders.map { $0.mapValues(change) }
      self = .store(step)
    }
  }
}

extension Rider {
  package var roots: [LaneValue] { [value, factor, condition].compactMap(\.self) }

  package func mapValues(_ change: (LaneValue) -> LaneValue) -> Rider {
    Rider(
      slots: slots, value: change(value), factor: factor.map(change),
      condition: condition.map(change))
  }
}

extension Body {
  /// The body that makes `roots` alone, and takes some values from `sources` instead of computing
  /// them; and where each value is in it.
  package func part(
    for roots: [LaneValue], from sources: [LaneValue: Source] = [:]
  ) -> (body: Body, changed: [LaneValue: LaneValue]) {
    var needed = Set<LaneValue>()
    var open = roots
    while let value = open.popLast() {
      guard needed.insert(value).inserted, sources[value] == nil else { continue }
      open += program.operations[value.index].operands
    }
    var part = Body()
    var changed: [LaneValue: LaneValue] = [:]
    for value in needed.sorted() {
      var operation = program.operations[value.index]
      if let source = sources[value] ?? source(of: operation) {
        operation = .argument(part.arguments.count)
        part.arguments.append(source)
      } else {
        operation = operation.mapOperands { changed[$0] ?? $0 }
      }
      changed[value] = part.program.append(
        operation, program.types[value.index], name: program.names[value.index])
    }
    return (part, changed)
  }

  /// `true` iff it asks for ranges of places.
  package var readsRanges: Bool {
    arguments.contains { if case .within = $0 { true } else { false } }
  }

  /// Where the value of an operation comes from, if it is an argument.
  package func source(of operation: LaneOperation) -> Source? {
    if case .argument(let place) = operation { arguments[place] } else { nil }
  }
}
