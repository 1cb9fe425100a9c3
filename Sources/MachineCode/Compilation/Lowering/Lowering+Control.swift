/// A comparison that a jump makes: of `a` with `b`, or with a number where that is absent.
struct Test {
  var condition: Condition
  var a: Register
  var b: Register
  var immediate: Int64

  init(_ condition: Condition, _ a: Register, _ b: Register, _ immediate: Int64) {
    (self.condition, self.a, self.b, self.immediate) = (condition, a, b, immediate)
  }

  var negated: Test { Test(condition.negated, a, b, immediate) }
}

/// What is known of a condition.
enum Truth {
  case known(Bool)
  case test(Test)
}

func labelled(_ label: Int64) -> Instruction {
  var instruction = Instruction(.label)
  instruction.immediate = label
  return instruction
}

func jump(to label: Int64, if test: Test) -> Instruction {
  var instruction = Instruction(.branch)
  (instruction.a, instruction.b) = (test.a, test.b)
  instruction.condition = test.condition
  instruction.compared = Int32(truncatingIfNeeded: test.immediate)
  instruction.immediate = label
  return instruction
}

/// Branches, and the loops that remain.
extension Lowering {
  typealias Body = (inout Lowering) throws(Unsupported) -> Void

  /// Runs both bodies, each with the variables as they are now, and joins what they assign.
  mutating func branch(
    _ test: Test, then: Body, otherwise: Body
  ) throws(Unsupported) {
    let (first, firstCode) = try side(then)
    let (second, secondCode) = try side(otherwise)
    var (firstCode2, secondCode2) = (firstCode, secondCode)
    var (left, right) = (first[...], second[...])
    while let next = left.first ?? right.first {
      let variable = min(next.variable, right.first?.variable ?? next.variable)
      let before = variables[variable].value
      let a = left.first?.variable == variable ? left.removeFirst().value : before
      let b = right.first?.variable == variable ? right.removeFirst().value : before
      set(variable, try joined(a, b, variables[variable].type, &firstCode2, &secondCode2))
    }
    if firstCode2.isEmpty && secondCode2.isEmpty { return }
    let (other, end) = (builder.label(), builder.label())
    builder.append(jump(to: other, if: test.negated))
    builder.append(firstCode2)
    if !secondCode2.isEmpty {
      var skip = Instruction(.jump)
      skip.immediate = end
      builder.append(skip)
    }
    builder.append(labelled(other))
    if !secondCode2.isEmpty {
      builder.append(secondCode2)
      builder.append(labelled(end))
    }
  }

  /// What a side of a branch makes of a variable.
  private struct Change {
    let variable: Int
    let value: Value
  }

  /// Runs one side of a branch and undoes its assignments, which it returns by variable.
  private mutating func side(_ body: Body) throws(Unsupported) -> ([Change], [Instruction]) {
    let (mark, count) = (journal.count, variables.count)
    builder.openSide()
    try body(&self)
    var assigned = journal[mark...].map(\.variable).filter { $0 < count }
    assigned.sort()
    var changes: [Change] = []
    for variable in assigned where changes.last?.variable != variable {
      changes.append(Change(variable: variable, value: try settled(variables[variable].value)))
    }
    for entry in journal[mark...].reversed() { variables[entry.variable].value = entry.value }
    journal.removeLast(journal.count - mark)
    return (changes, builder.close())
  }

  /// The value in a form that holds after its scope: in registers, or known.
  private mutating func settled(_ value: Value) throws(Unsupported) -> Value {
    switch value {
    case .comparison: return .general(try general(value), .bool)
    case .pointer(var pointer):
      if pointer.isNull || pointer.function != nil || pointer.guardRegister.isReal {
        return value
      }
      pointer.place = MemoryPlace(base: builder.address(pointer.place))
      return .pointer(pointer)
    case .parts(let parts):
      var settledParts: [Value] = []
      for part in parts { settledParts.append(try settled(part)) }
      return .parts(settledParts)
    case .integer, .number, .general, .floating, .vector, .undefined: return value
    }
  }

  private mutating func joined(
    _ first: Value, _ second: Value, _ type: ValueType, _ firstCode: inout [Instruction],
    _ secondCode: inout [Instruction]
  ) throws(Unsupported) -> Value {
    if case .parts(let a) = first, case .parts(let b) = second, a.count == b.count {
      var parts: [Value] = []
      for (place, pair) in zip(a, b).enumerated() {
        parts.append(
          try joined(pair.0, pair.1, partType(type, place), &firstCode, &secondCode))
      }
      return .parts(parts)
    }
    if isSame(first, second) { return first }
    let value = try fresh(like: first, or: second, type)
    if let copy = try copy(first, to: value) { firstCode.append(copy) }
    if let copy = try copy(second, to: value) { secondCode.append(copy) }
    return value
  }

  func partType(_ type: ValueType, _ place: Int) -> ValueType {
    switch type {
    case .structure(let structure): library.structures[structure].members[place].type
    case .array(let element, _): element
    case .void, .scalar, .vector, .pointer: type
    }
  }

  func isSame(_ a: Value, _ b: Value) -> Bool {
    switch (a, b) {
    case (.integer(let x, _), .integer(let y, _)): x == y
    case (.number(let x, _), .number(let y, _)): x.bitPattern == y.bitPattern
    case (.general(let x, _), .general(let y, _)), (.floating(let x, _), .floating(let y, _)),
      (.vector(let x, _), .vector(let y, _)):
      x == y
    case (.pointer(let x), .pointer(let y)):
      x.place == y.place && x.guardRegister == y.guardRegister && x.function == y.function
    case (.undefined, .undefined): true
    default: false
    }
  }

  /// A value in a new register that can hold both of the given ones.
  private mutating func fresh(
    like first: Value, or second: Value, _ type: ValueType
  ) throws(Unsupported) -> Value {
    switch type {
    case .scalar(let scalar):
      return scalar.isFloating
        ? .floating(builder.register(.vector), scalar)
        : .general(builder.register(.general), scalar)
    case .vector(let kind):
      return .vector(
        builder.register(kind == .masks ? target.maskClass : .vector), kind)
    case .pointer(let pointee):
      for value in [first, second] {
        if case .pointer(let pointer) = value, pointer.guardRegister.isReal {
          throw Unsupported("a pointer that may be NULL and changes")
        }
      }
      return .pointer(
        Pointer(place: MemoryPlace(base: builder.register(.general)), pointee: pointee))
    case .void, .structure, .array: throw Unsupported("a value that changes in a branch")
    }
  }

  /// The instruction that puts `value` into the register of `target`; `nil` for no value.
  ///
  /// What it needs beside is placed in the current scope.
  private mutating func copy(_ value: Value, to target: Value) throws(Unsupported) -> Instruction? {
    if case .undefined = value { return nil }
    var instruction = Instruction(.copy)
    switch target {
    case .general(let register, let scalar):
      instruction.result = register
      // What a variable holds has its type already.
      if case .general(let source, _) = value {
        instruction.a = source
      } else {
        instruction.a = try general(try converted(value, to: .scalar(scalar)))
      }
    case .floating(let register, let scalar):
      (instruction.result, instruction.element) = (register, scalar.element)
      instruction.a = try floating(value, scalar)
    case .vector(let register, let kind):
      instruction.result = register
      (instruction.element, instruction.width) = (self.target.element, self.target.width)
      instruction.a = try vector(value, kind)
    case .pointer(let pointer):
      instruction.result = pointer.place.base
      instruction.a = try general(value)
    case .integer, .number, .parts, .comparison, .undefined:
      throw Unsupported("a value that no register holds")
    }
    instruction.copyClass = builder.classes[Int(instruction.result.index)]
    return instruction.a == instruction.result ? nil : instruction
  }

  // Loops

  /// A loop that stays one: variables that it assigns live in registers of their own.
  mutating func runLoop(
    _ loop: FlatLoop, _ condition: ExpressionID, entry: Truth
  ) throws(Unsupported) {
    try runLoop(loop, condition, entry: entry) { (self) throws(Unsupported) in
      try self.run(loop.body)
      try self.run(loop.step)
    }
  }

  /// A loop that stays one, with `iteration` for its body and step.
  mutating func runLoop(
    _ loop: FlatLoop, _ condition: ExpressionID, entry: Truth, _ iteration: Body
  ) throws(Unsupported) {
    let assigned = assignedVariables(in: loop)
    var carried: [Value] = []
    for variable in assigned {
      let before = variables[variable].value
      let value = try carriedValue(before, variables[variable].type)
      set(variable, value)
      carried.append(value)
    }
    builder.openLoop()
    for value in carried { adopt(value) }
    try iteration(&self)
    guard case .test(var test) = try truth(of: condition) else {
      throw Unsupported("a loop without an end")
    }
    var copies: [Instruction] = []
    for (variable, value) in zip(assigned, carried) {
      try update(value, from: variables[variable].value, &copies)
    }
    for copy in sequenced(copies) {
      builder.append(copy)
      // The register that was just set serves the test as well.
      if test.a == copy.a { test.a = copy.result }
      if test.b == copy.a { test.b = copy.result }
    }
    let body = builder.close()
    for (variable, value) in zip(assigned, carried) {
      set(variable, value)
      adopt(value)
    }
    appendLoop(entry, body, test)
  }

  private mutating func appendLoop(_ entry: Truth, _ body: [Instruction], _ test: Test) {
    let (top, end) = (builder.label(), builder.label())
    if case .test(let entryTest) = entry { builder.append(jump(to: end, if: entryTest.negated)) }
    builder.append(labelled(top))
    builder.append(body)
    builder.append(jump(to: top, if: test))
    builder.append(labelled(end))
  }

  /// A value in new registers, set to `value` now.
  private mutating func carriedValue(
    _ value: Value, _ type: ValueType
  ) throws(Unsupported) -> Value {
    if case .parts(let parts) = value {
      var carried: [Value] = []
      for (place, part) in parts.enumerated() {
        carried.append(try carriedValue(part, partType(type, place)))
      }
      return .parts(carried)
    }
    let carried = try fresh(like: value, or: value, type)
    if let copy = try copy(value, to: carried) { builder.append(copy) }
    return carried
  }

  /// The registers of a value that a loop carries belong to the current scope.
  private mutating func adopt(_ value: Value) {
    switch value {
    case .general(let register, _), .floating(let register, _), .vector(let register, _):
      builder.adopt(register)
    case .pointer(let pointer):
      if pointer.place.base.isReal { builder.adopt(pointer.place.base) }
    case .parts(let parts): for part in parts { adopt(part) }
    case .integer, .number, .comparison, .undefined: break
    }
  }

  private mutating func update(
    _ carried: Value, from value: Value, _ copies: inout [Instruction]
  ) throws(Unsupported) {
    if case .parts(let parts) = carried, case .parts(let values) = value {
      for (part, value) in zip(parts, values) { try update(part, from: value, &copies) }
      return
    }
    if let copy = try copy(value, to: carried) { copies.append(copy) }
  }

  /// The copies in an order, and by way of further registers, that makes them happen at once.
  private mutating func sequenced(_ copies: [Instruction]) -> [Instruction] {
    let targets = Set(copies.map(\.result))
    var saved: [Instruction] = []
    var moved = copies
    for place in moved.indices where targets.contains(moved[place].a) {
      var save = moved[place]
      let registerClass = builder.classes[Int(save.a.index)]
      save.result = builder.register(registerClass)
      saved.append(save)
      moved[place].a = save.result
    }
    return saved + moved
  }
}
