/// Statements one after the other.
extension Lowering {
  /// How a list of statements ended.
  enum End { case reached, returned }

  mutating func run(_ statements: FlatList) throws(Unsupported) -> End {
    for place in 0..<Int(statements.count) {
      let statement = code[code.statement(statements, place)]
      if case .branch(let condition, let body, let otherwise) = statement,
        otherwise.count == 0, endsInReturn(body)
      {
        return try earlyReturn(condition, body, statements.dropFirst(place + 1))
      }
      if try run(statement) == .returned { return .returned }
    }
    return .reached
  }

  private func endsInReturn(_ statements: FlatList) -> Bool {
    guard statements.count > 0 else { return false }
    let last = code.statement(statements, Int(statements.count) - 1)
    return if case .return = code[last] { true } else { false }
  }

  /// What follows a branch that returns is the other branch.
  private mutating func earlyReturn(
    _ condition: ExpressionID, _ body: FlatList, _ rest: FlatList
  ) throws(Unsupported) -> End {
    switch try truth(of: condition) {
    case .known(let holds): return try run(holds ? body : rest)
    case .test(let test):
      var ends: [End] = []
      try branch(test) { (self) throws(Unsupported) in
        ends.append(try self.run(body))
      } otherwise: { (self) throws(Unsupported) in
        ends.append(try self.run(rest))
      }
      return ends.contains(.returned) ? .returned : .reached
    }
  }

  private mutating func run(_ statement: FlatStatement) throws(Unsupported) -> End {
    switch statement {
    case .declaration(let slot, let type, let initial): try declare(slot, type, initial)
    case .array(let slot, let element, let count, let initial):
      try declareArray(slot, element, count, initial)
    case .assignment(let target, let operation, let value):
      try assign(target, operation, value)
    case .expression(let expression): _ = try value(of: expression)
    case .branch(let condition, let body, let otherwise):
      return try runBranch(condition, body, otherwise)
    case .loop(let place): try run(code.loops[Int(place)])
    case .eachVector(let slot, let live, let body): try runEachVector(slot, live, body)
    case .eachElement(let slot, let count, let body): try runEachElement(slot, count, body)
    case .return(let value):
      if let value, let result { set(result, try initialValue(value, variables[result].type)) }
      return .returned
    case .block(let body): return try run(body)
    case .unsupported(let message): throw Unsupported(code.messages[Int(message)])
    }
    return .reached
  }

  private mutating func runBranch(
    _ condition: ExpressionID, _ body: FlatList, _ otherwise: FlatList
  ) throws(Unsupported) -> End {
    switch try truth(of: condition) {
    case .known(let holds): return try run(holds ? body : otherwise)
    case .test(let test):
      if endsInReturn(body) || endsInReturn(otherwise) {
        throw Unsupported("a return inside a branch")
      }
      try branch(test) { (self) throws(Unsupported) in
        _ = try self.run(body)
      } otherwise: { (self) throws(Unsupported) in
        _ = try self.run(otherwise)
      }
      return .reached
    }
  }

  // Declarations

  private mutating func declare(
    _ slot: Slot, _ type: TypeID, _ initial: ExpressionID?
  ) throws(Unsupported) {
    let type = try self.type(type)
    if library.isInMemory(type) { return try declareInMemory(slot, type, initial) }
    guard let initial else {
      declare(slot, type, emptyValue(type))
      return
    }
    declare(slot, type, try initialValue(initial, type))
  }

  /// The value of a variable that is declared without one.
  private func emptyValue(_ type: ValueType) -> Value {
    switch type {
    case .structure(let place):
      .parts(library.structures[place].members.map { emptyValue($0.type) })
    case .array(let element, let count): .parts(Array(repeating: emptyValue(element), count: count))
    case .void, .scalar, .vector, .pointer: .undefined
    }
  }

  /// A few vectors are held in registers; other arrays lie in memory.
  private mutating func declareArray(
    _ slot: Slot, _ element: TypeID, _ count: ExpressionID, _ initial: ExpressionID?
  ) throws(Unsupported) {
    let element = try type(element)
    guard case .integer(let number, _) = try value(of: count), number > 0, number < 1 << 16 else {
      throw Unsupported("an array of unknown size")
    }
    let type = ValueType.array(of: element, count: Int(number))
    if case .vector = element, number <= 16 {
      declare(slot, type, emptyValue(type))
      return
    }
    try declareInMemory(slot, element, count: Int(number), initial)
  }

  /// A variable whose value is the pointer to its memory.
  private mutating func declareInMemory(
    _ slot: Slot, _ element: ValueType, count: Int = 1, _ initial: ExpressionID?
  ) throws(Unsupported) {
    let bytes = try byteCount(of: element) * count
    let place = frame(bytes)
    declare(
      slot, .array(of: element, count: count), .pointer(Pointer(place: place, pointee: element)))
    if let initial {
      guard isZero(initial) else { throw Unsupported("an array with initial values") }
      try clear(place, bytes: bytes)
    }
  }

  private func isZero(_ expression: ExpressionID) -> Bool {
    switch code[expression] {
    case .integer(0, _): true
    case .initializer(let values): isZero(values)
    default: false
    }
  }

  private func isZero(_ values: FlatList) -> Bool {
    (0..<Int(values.count)).allSatisfy { isZero(code.expression(values, $0)) }
  }

  /// Sets memory to zero, up to the end of the last vector that it lies in.
  private mutating func clear(_ place: MemoryPlace, bytes: Int) throws(Unsupported) {
    var zero = Instruction(.vectorZero)
    (zero.element, zero.width) = (target.element, target.width)
    let vector = builder.pure(zero, .vector, .none)
    var store = Instruction(.vectorStore)
    (store.element, store.width, store.a) = (target.element, target.width, vector)
    let step = Int64(target.vectorBytes)
    let whole = Int64((bytes + 63) / 64 * 64)
    if whole <= 8 * step {
      for offset in stride(from: 0, to: whole, by: Int64.Stride(step)) {
        store.memory = try builder.moved(place, bytes: offset)
        builder.append(store)
      }
      return
    }
    // From the end to the start: the loop ends at zero.
    let counter = builder.register(.general)
    var instruction = Instruction(.constant)
    (instruction.result, instruction.immediate) = (counter, whole)
    builder.append(instruction)
    let top = builder.label()
    builder.append(labelled(top))
    instruction = Instruction(.subtract)
    (instruction.result, instruction.a, instruction.immediate) = (counter, counter, step)
    builder.append(instruction)
    store.memory = MemoryPlace(
      base: place.base, index: counter, scale: 1, displacement: place.displacement)
    builder.append(store)
    builder.append(jump(to: top, if: Test(.notEqual, counter, .none, 0)))
  }

  /// The value of `expression` as one of `type`; it may be a list in braces.
  mutating func initialValue(
    _ expression: ExpressionID, _ type: ValueType
  ) throws(Unsupported) -> Value {
    if case .initializer(let values) = code[expression] { return try initialValue(values, type) }
    return try converted(try value(of: expression), to: type)
  }

  /// The value of a list in braces.
  mutating func initialValue(
    _ values: FlatList, _ type: ValueType
  ) throws(Unsupported) -> Value {
    var parts: [Value] = []
    switch type {
    case .structure(let place):
      let structure = library.structures[place]
      guard values.count == structure.members.count || isZero(values) else {
        throw Unsupported("a structure with some of its values")
      }
      for (index, member) in structure.members.enumerated() {
        parts.append(
          index < values.count
            ? try initialValue(code.expression(values, index), member.type)
            : try converted(.integer(0, .int32), to: member.type))
      }
    case .array(let element, let count) where values.count == count:
      for index in 0..<count {
        parts.append(try initialValue(code.expression(values, index), element))
      }
    case .void, .scalar, .vector, .pointer, .array:
      throw Unsupported("a list of values for what is no structure")
    }
    return .parts(parts)
  }
}
