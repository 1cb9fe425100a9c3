import CCode

/// Expressions of loops that are run LANES iterations at once.
///
/// A number is a vector of lanes, a float64 beside float32 two vectors; what is the same in all
/// iterations stays a number until it meets lanes.
extension Lowering {
  mutating func lanes(
    _ expression: ExpressionID, _ loop: LaneLoop
  ) throws(Unsupported) -> Value {
    if loop.isUniform(expression) { return try value(of: expression) }
    switch code[expression] {
    case .index(let array, let index): return try load(array, index, loop)
    case .cast(let type, let operand):
      let value = try lanes(operand, loop)
      guard case .scalar(let scalar) = try self.type(type) else { break }
      return isLanes(value)
        ? try lanes(value, of: scalar) : try converted(value, to: .scalar(scalar))
    case .unary(.negate, let operand): return try negatedLanes(try lanes(operand, loop))
    case .binary(let operation, let a, let b):
      let (first, second) = (try lanes(a, loop), try lanes(b, loop))
      guard isLanes(first) || isLanes(second), let instruction = operation.operationOfLanes else {
        return try arithmetic(operation, first, second)
      }
      let type = wider(try numberType(first), try numberType(second))
      return try applied(instruction, [first, second], type)
    case .conditional(let condition, let a, let b): return try choice(condition, a, b, loop)
    case .intrinsic(let intrinsic, let arguments):
      var values: [Value] = []
      for place in 0..<Int(arguments.count) {
        values.append(try lanes(code.expression(arguments, place), loop))
      }
      guard values.contains(where: isLanes), let operation = intrinsic.operationOfLanes else {
        return try self.intrinsic(intrinsic, values)
      }
      return try applied(operation, values, intrinsic.scalar)
    default: return try value(of: expression)
    }
    throw Unsupported("an expression in lanes")
  }

  // Types

  /// `true` iff a value differs from lane to lane.
  func isLanes(_ value: Value) -> Bool {
    switch value {
    case .vector, .parts: true
    case .integer, .number, .general, .floating, .pointer, .comparison, .undefined: false
    }
  }

  /// The type of variables that hold numbers of type `scalar` in lanes.
  func laneType(_ scalar: Scalar) -> ValueType {
    scalar == number ? .vector(.lanes) : .array(of: .vector(.half), count: 2)
  }

  private func numberType(_ value: Value) throws(Unsupported) -> Scalar {
    switch value {
    case .vector: return number
    case .parts: return .double
    case .integer, .number, .general, .floating, .pointer, .comparison, .undefined:
      guard let scalar = scalar(of: value) else { throw Unsupported("lanes of no numbers") }
      return scalar
    }
  }

  /// A value as lanes of the type.
  mutating func lanes(_ value: Value, of scalar: Scalar) throws(Unsupported) -> Value {
    let isNumber = scalar == number
    switch value {
    case .vector: return isNumber ? value : try intrinsic(.wWiden, [value])
    case .parts: return isNumber ? try intrinsic(.wRound, [value]) : value
    case .integer, .number, .general, .floating, .pointer, .comparison, .undefined:
      return try intrinsic(
        isNumber ? .vSplat : .wSplat, [try converted(value, to: .scalar(scalar))])
    }
  }

  // Operations

  private mutating func applied(
    _ operation: Operation, _ values: [Value], _ scalar: Scalar
  ) throws(Unsupported) -> Value {
    var operands: [Value] = []
    for value in values { operands.append(try lanes(value, of: scalar)) }
    if scalar != number { return try halves(operation, operands) }
    return try lanes(operation, operands)
  }

  private mutating func negatedLanes(_ value: Value) throws(Unsupported) -> Value {
    switch value {
    case .vector: return try intrinsic(.vNeg, [value])
    case .parts:
      let mask = constant(bits: signMask(.float64), .float64, target.width)
      return try halves(.bitXor, [value, twice(mask)])
    case .integer, .number, .general, .floating, .pointer, .comparison, .undefined:
      throw Unsupported("a negation in lanes")
    }
  }

  /// One of two values in lanes, the same in all of them.
  private mutating func choice(
    _ condition: ExpressionID, _ a: ExpressionID, _ b: ExpressionID, _ loop: LaneLoop
  ) throws(Unsupported) -> Value {
    switch try truth(of: condition) {
    case .known(let holds): return try lanes(holds ? a : b, loop)
    case .test(let test):
      let (first, second) = (try lanes(a, loop), try lanes(b, loop))
      let scalar = wider(try numberType(first), try numberType(second))
      let (x, y) = (try lanes(first, of: scalar), try lanes(second, of: scalar))
      variables.append(Variable(type: laneType(scalar), value: .undefined))
      let result = variables.count - 1
      try branch(test) { (self) throws(Unsupported) in
        self.set(result, x)
      } otherwise: { (self) throws(Unsupported) in
        self.set(result, y)
      }
      return variables[result].value
    }
  }
}

extension CBinary {
  /// The operation on lanes that an operator on numbers is.
  fileprivate var operationOfLanes: Operation? {
    switch self {
    case .add: .numberAdd
    case .subtract: .numberSubtract
    case .multiply: .numberMultiply
    case .divide: .numberDivide
    case .remainder, .shiftLeft, .shiftRight, .less, .lessOrEqual, .greater, .greaterOrEqual,
      .equal, .notEqual, .bitAnd, .bitXor, .bitOr, .and, .or:
      nil
    }
  }
}
