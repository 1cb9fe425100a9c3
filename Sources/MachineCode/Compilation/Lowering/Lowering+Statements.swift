/// Statements one after the other.
extension Lowering {
  /// Runs statements, and then those of the lists that follow, unless one of them returns.
  mutating func run(
    _ statements: FlatList, then following: [FlatList] = []
  ) throws(Unsupported) {
    for place in 0..<Int(statements.count) {
      switch code[code.statement(statements, place)] {
      case .branch(let condition, let body, let otherwise)
      where mayReturn(body) || mayReturn(otherwise):
        // What follows belongs to both sides, as far as they do not return.
        let rest = [statements.dropFirst(place + 1)] + following
        return try runBranch(condition, body, otherwise, then: rest)
      case .block(let body) where mayReturn(body):
        return try run(body, then: [statements.dropFirst(place + 1)] + following)
      case .return(let value):
        guard let value, let result else { return }
        return set(result, try initialValue(value, variables[result].type))
      case let statement: try run(statement)
      }
    }
    if let next = following.first { try run(next, then: Array(following.dropFirst())) }
  }

  /// `true` iff some of the statements return, loops aside.
  func mayReturn(_ statements: FlatList) -> Bool {
    (0..<Int(statements.count)).contains { place in
      switch code[code.statement(statements, place)] {
      case .return: true
      case .branch(_, let body, let otherwise): mayReturn(body) || mayReturn(otherwise)
      case .block(let body): mayReturn(body)
      case .declaration, .array, .assignment, .expression, .loop, .eachVector, .eachElement,
        .unsupported:
        false
      }
    }
  }

  private mutating func run(_ statement: FlatStatement) throws(Unsupported) {
    switch statement {
    case .declaration(let slot, let type, let initial): try declare(slot, type, initial)
    case .array(let slot, let element, let count, let initial):
      try declareArray(slot, element, count, initial)
    case .assignment(let target, let operation, let value):
      try assign(target, operation, value)
    case .expression(let expression): _ = try value(of: expression)
    case .branch(let condition, let body, let otherwise):
      try runBranch(condition, body, otherwise, then: [])
    case .loop(let place): try run(code.loops[Int(place)])
    case .eachVector(let slot, let live, let body): try runEachVector(slot, live, body)
    case .eachElement(let slot, let count, let body): try runEachElement(slot, count, body)
    case .block(let body): try run(body)
    case .return: throw Unsupported("a return elsewhere")
    case .unsupported(let message): throw Unsupported(code.messages[Int(message)])
    }
  }

  private mutating func runBranch(
    _ condition: ExpressionID, _ body: FlatList, _ otherwise: FlatList,
    then following: [FlatList]
  ) throws(Unsupported) {
    switch try truth(of: condition) {
    case .known(let holds): try run(holds ? body : otherwise, then: following)
    case .test(let test):
      try branch(test) { (self) throws(Unsupported) in
        try self.run(body, then: following)
      } otherwise: { (self) throws(Unsupported) in
        try self.run(otherwise, then: following)
      }
    }
  }

  // Declarations

  private mutating func declare(
    _ slot: Slot, _ type: TypeID, _ initial: ExpressionID?
  ) throws(Unsupported) {
    let type = try self.type(type)
    if library.isInMemory(type) || isAddressed(slot, type) {
      return try declareInMemory(slot, type, initial)
    }
    guard let initial else {
      declare(slot, type, emptyValue(type))
      return
    }
    declare(slot, type, try initialValue(initial, type))
  }

  /// `true` iff it is a structure whose address the function takes.
  private func isAddressed(_ slot: Slot, _ type: ValueType) -> Bool {
    guard case .structure = type else { return false }
    return (0..<Int(addressed.count)).contains { code.slot(addressed, $0) == slot }
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
    guard let initial else { return }
    if isZero(initial) { return try clear(place, bytes: bytes) }
    guard case .structure(let structure) = element, count == 1,
      case .designated(let names, let values) = code[initial]
    else { throw Unsupported("an array with initial values") }
    try fill(library.structures[structure], at: place, names, values)
  }

  /// Sets the members of a structure in memory to values by name, all others to zero.
  private mutating func fill(
    _ structure: Library.Structure, at place: MemoryPlace, _ names: FlatList, _ values: FlatList
  ) throws(Unsupported) {
    for member in structure.members {
      let named = (0..<Int(names.count)).first { code.symbol(names, $0) == member.name }
      let value =
        if let named {
          try initialValue(code.expression(values, named), member.type)
        } else {
          try converted(.integer(0, .int32), to: member.type)
        }
      let offset = try builder.moved(place, bytes: Int64(member.offset))
      try store(value, at: Pointer(place: offset, pointee: member.type))
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
