import CCode

/// Loops whose iterations are run LANES at once. The bits are those of one after the other: each
/// lane computes what an iteration does.
extension Lowering {
  /// `true` iff the arrays and types of a loop are such that lanes hold their elements.
  ///
  /// Arrays of the function itself are read and written in whole vectors; of others, what lies
  /// beyond the limit is left alone, for which their elements must be of the number type.
  mutating func fits(_ loop: LaneLoop) throws(Unsupported) -> Bool {
    for type in loop.types {
      guard case .known(.scalar(let scalar)) = code[type], isInLanes(scalar) else { return false }
    }
    for function in loop.functions where !isInLanes(function.scalar) { return false }
    for array in loop.read {
      guard case .pointer(let pointer) = try value(of: array), isInLanes(pointer) else {
        return false
      }
    }
    for array in loop.written {
      guard case .pointer(let pointer) = try value(of: array), isInLanes(pointer) else {
        return false
      }
      if pointer.pointee != .scalar(number), !hasWholeVectors(array) { return false }
    }
    return true
  }

  private func isInLanes(_ scalar: Scalar) -> Bool { scalar == number || scalar == .double }

  private func isInLanes(_ pointer: Pointer) -> Bool {
    pointer.pointee == .scalar(number)
      || pointer.pointee == .scalar(.double) && pointer.place.base == .frame
  }

  /// `true` iff a local array ends with a whole vector.
  private func hasWholeVectors(_ array: ExpressionID) -> Bool {
    guard case .variable(let slot, _) = code[array],
      case .array(_, let count) = variables[variable(slot)].type
    else { return false }
    return count % target.lanes == 0
  }

  /// Runs LANES iterations, and counts them.
  mutating func runIterations(of loop: FlatLoop, _ lanes: LaneLoop) throws(Unsupported) {
    let counter = variable(lanes.counter)
    try runLanes(loop.body, lanes)
    let step = Value.integer(Int64(target.lanes), .size)
    set(counter, try arithmetic(.add, variables[counter].value, step))
  }

  private mutating func runLanes(_ statements: FlatList, _ loop: LaneLoop) throws(Unsupported) {
    for place in 0..<Int(statements.count) {
      try runLanes(code[code.statement(statements, place)], loop)
    }
  }

  private mutating func runLanes(_ statement: FlatStatement, _ loop: LaneLoop) throws(Unsupported) {
    switch statement {
    case .declaration(let slot, let type, let initial?):
      let value = try lanes(initial, loop)
      guard case .scalar(let scalar) = try self.type(type), isLanes(value) else {
        declare(slot, try self.type(type), try converted(value, to: self.type(type)))
        return
      }
      declare(slot, laneType(scalar), try lanes(value, of: scalar))
    case .assignment(let target, _, let value): try store(value, at: target, loop)
    case .branch(let condition, let body, _):
      switch try truth(of: condition) {
      case .known(let holds): if holds { try runLanes(body, loop) }
      case .test(let test):
        try branch(test) { (self) throws(Unsupported) in
          try self.runLanes(body, loop)
        } otherwise: { (_) throws(Unsupported) in
        }
      }
    case .block(let body): try runLanes(body, loop)
    case .declaration, .array, .expression, .loop, .eachVector, .eachElement, .return,
      .unsupported:
      throw Unsupported("a statement in lanes")
    }
  }

  // Memory

  private mutating func store(
    _ value: ExpressionID, at target: ExpressionID, _ loop: LaneLoop
  ) throws(Unsupported) {
    guard case .index(let array, let index) = code[target] else {
      throw Unsupported("an assignment in lanes")
    }
    let pointer = try element(of: array, index, loop)
    guard case .scalar(let scalar) = pointer.pointee else { throw Unsupported("a store in lanes") }
    let value = try lanes(try lanes(value, loop), of: scalar)
    if scalar != number {
      _ = try intrinsic(.wStore, [.pointer(pointer), value])
    } else {
      _ = try intrinsic(.vStore, [.pointer(pointer), value, try count(at: pointer, loop)])
    }
  }

  /// The elements at the counter and the iterations after it.
  mutating func load(
    _ array: ExpressionID, _ index: ExpressionID, _ loop: LaneLoop
  ) throws(Unsupported) -> Value {
    let pointer = try element(of: array, index, loop)
    if pointer.pointee != .scalar(number) { return try intrinsic(.wLoad, [.pointer(pointer)]) }
    return try intrinsic(.vLoad, [.pointer(pointer), try count(at: pointer, loop)])
  }

  private mutating func element(
    of array: ExpressionID, _ index: ExpressionID, _ loop: LaneLoop
  ) throws(Unsupported) -> Pointer {
    guard case .pointer(var pointer) = try value(of: array), let offsets = loop.offsets(of: index)
    else { throw Unsupported("an element in lanes") }
    for offset in offsets { pointer = try moved(pointer, by: try value(of: offset)) }
    return try moved(pointer, by: variables[variable(loop.counter)].value)
  }

  /// How many elements are there: all in local arrays.
  private mutating func count(at pointer: Pointer, _ loop: LaneLoop) throws(Unsupported) -> Value {
    let all = Value.integer(Int64(target.lanes), .int32)
    if pointer.place.base == .frame { return all }
    let rest = try arithmetic(
      .subtract, try value(of: loop.limit), variables[variable(loop.counter)].value)
    guard case .general(let register, let scalar) = rest else {
      throw Unsupported("a count that is known")
    }
    // No more than LANES: counts of lanes are bytes.
    var smaller = Instruction(.choice)
    (smaller.a, smaller.c, smaller.mask) = (register, register, try general(all))
    (smaller.condition, smaller.immediate) = (.below, Int64(target.lanes))
    return .general(builder.pure(smaller, .general), scalar)
  }
}
