import CCode

/// Statements one after the other.
extension Lowering {
  /// How a list of statements ended.
  enum End { case reached, returned }

  mutating func run(_ statements: ArraySlice<CStatement>) throws(Unsupported) -> End {
    for place in statements.indices {
      if case .branch(let condition, let body, let otherwise) = statements[place],
        otherwise.isEmpty, endsInReturn(body)
      {
        return try earlyReturn(condition, body, statements[(place + 1)...])
      }
      if try run(statements[place]) == .returned { return .returned }
    }
    return .reached
  }

  private func endsInReturn(_ statements: [CStatement]) -> Bool {
    if case .return = statements.last { true } else { false }
  }

  /// What follows a branch that returns is the other branch.
  private mutating func earlyReturn(
    _ condition: CExpression, _ body: [CStatement], _ rest: ArraySlice<CStatement>
  ) throws(Unsupported) -> End {
    switch try truth(of: condition) {
    case .known(true): return try run(body[...])
    case .known(false): return try run(rest)
    case .test(let test):
      var ends: [End] = []
      try branch(test) { (self) throws(Unsupported) in
        ends.append(try self.run(body[...]))
      } otherwise: { (self) throws(Unsupported) in
        ends.append(try self.run(rest))
      }
      return ends.contains(.returned) ? .returned : .reached
    }
  }

  /// Runs statements whose declarations end with them.
  mutating func runBlock(_ statements: [CStatement]) throws(Unsupported) -> End {
    let mark = names.count
    let end = try run(statements[...])
    names.removeLast(names.count - mark)
    return end
  }

  mutating func run(_ statement: CStatement) throws(Unsupported) -> End {
    switch statement {
    case .declaration(let declaration): try declare(declaration)
    case .assignment(let target, let operation, let value):
      try assign(target, operation, value)
    case .increment(let target): try assign(target, .add, .integer(1))
    case .expression(let expression): _ = try value(of: expression)
    case .branch(let condition, let body, let otherwise):
      return try runBranch(condition, body, otherwise)
    case .loop(let loop): try run(loop)
    case .macroLoop(let header, let body): try runMacroLoop(header, body)
    case .return(let value):
      if let value, let result { set(result, try initialValue(value, variables[result].type)) }
      return .returned
    case .block(let body): return try runBlock(body)
    case .commented(let statement, _): return try run(statement)
    case .comment, .blank: break
    case .choice: throw Unsupported("a switch")
    case .continue, .break: throw Unsupported("a jump out of a loop")
    case .raw: throw Unsupported("a preprocessor line")
    }
    return .reached
  }

  private mutating func runBranch(
    _ condition: CExpression, _ body: [CStatement], _ otherwise: [CStatement]
  ) throws(Unsupported) -> End {
    switch try truth(of: condition) {
    case .known(let holds): return try runBlock(holds ? body : otherwise)
    case .test(let test):
      if endsInReturn(body) || endsInReturn(otherwise) {
        throw Unsupported("a return inside a branch")
      }
      try branch(test) { (self) throws(Unsupported) in
        _ = try self.runBlock(body)
      } otherwise: { (self) throws(Unsupported) in
        _ = try self.runBlock(otherwise)
      }
      return .reached
    }
  }

  // Declarations

  private mutating func declare(_ declaration: CDeclaration) throws(Unsupported) {
    for variable in declaration.variables {
      if case .array(let element, let count) = declaration.type {
        guard let count else { throw Unsupported("an array without a count") }
        try declareArray(variable, element, count)
        continue
      }
      let type = try type(declaration.type)
      if library.isInMemory(type) {
        try declareInMemory(variable, type)
        continue
      }
      let value = try variable.initial.map { (initial) throws(Unsupported) in
        try initialValue(initial, type)
      }
      declare(variable.name, type, value ?? emptyValue(type))
    }
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
    _ variable: CVariable, _ element: CType, _ count: CExpression
  ) throws(Unsupported) {
    let element = try type(element)
    guard case .integer(let number, _) = try value(of: count), number > 0, number < 1 << 16 else {
      throw Unsupported("an array of unknown size")
    }
    let type = ValueType.array(of: element, count: Int(number))
    if case .vector = element, number <= 8 {
      declare(variable.name, type, emptyValue(type))
      return
    }
    try declareInMemory(variable, element, count: Int(number))
  }

  /// A variable whose value is the pointer to its memory.
  private mutating func declareInMemory(
    _ variable: CVariable, _ element: ValueType, count: Int = 1
  ) throws(Unsupported) {
    let bytes = try byteCount(of: element) * count
    let place = frame(bytes)
    declare(
      variable.name, .array(of: element, count: count),
      .pointer(Pointer(place: place, pointee: element)))
    if let initial = variable.initial {
      guard isZero(initial) else { throw Unsupported("an array with initial values") }
      try clear(place, bytes: bytes)
    }
  }

  private func isZero(_ expression: CExpression) -> Bool {
    switch expression {
    case .integer(0), .size(0): true
    case .initializer(let values): values.allSatisfy { isZero($0.value) }
    default: false
    }
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
    _ expression: CExpression, _ type: ValueType
  ) throws(Unsupported) -> Value {
    guard case .initializer(let values) = expression else {
      return try converted(try value(of: expression), to: type)
    }
    switch type {
    case .structure(let place):
      let structure = library.structures[place]
      guard values.count == structure.members.count || values.allSatisfy({ isZero($0.value) })
      else { throw Unsupported("a structure with some of its values") }
      var parts: [Value] = []
      for (index, member) in structure.members.enumerated() {
        let initial = index < values.count ? values[index].value : .integer(0)
        parts.append(try initialValue(initial, member.type))
      }
      return .parts(parts)
    case .array(let element, let count) where values.count == count:
      var parts: [Value] = []
      for value in values { parts.append(try initialValue(value.value, element)) }
      return .parts(parts)
    case .void, .scalar, .vector, .pointer, .array:
      throw Unsupported("a list of values for what is no structure")
    }
  }
}
