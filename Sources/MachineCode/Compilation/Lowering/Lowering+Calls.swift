import CCode

/// Calls: of what is known by name, or of functions whose bodies take their place.
extension Lowering {
  private static let deepestCall = 24

  mutating func call(
    _ function: CExpression, _ arguments: [CExpression]
  ) throws(Unsupported) -> Value {
    let name: String
    switch function {
    case .name(let plain): name = plain
    case .call(.name("NAME"), let inner):
      guard case .name(let bare)? = inner.first else { throw Unsupported("NAME of no name") }
      name = bare
    default: throw Unsupported("a call through a pointer")
    }
    if let intrinsic = Intrinsic.byName[name] {
      var values: [Value] = []
      values.reserveCapacity(arguments.count)
      for argument in arguments { values.append(try value(of: argument)) }
      return try self.intrinsic(intrinsic, values)
    }
    guard let function = library.functions[name] else {
      throw Unsupported("the function \(name)")
    }
    return try inlined(function, arguments)
  }

  /// The value of a function of the library, whose body is run here.
  mutating func inlined(
    _ function: CFunction, _ arguments: [CExpression]
  ) throws(Unsupported) -> Value {
    guard function.parameters.count == arguments.count else {
      throw Unsupported("a call of \(function.name) with other arguments")
    }
    if callDepth == Self.deepestCall { throw Unsupported("calls within calls") }
    var bound: [(name: String, variable: Int)] = []
    for (parameter, argument) in zip(function.parameters, arguments) {
      bound.append((parameter.name, try binding(parameter, argument)))
    }
    return try run(function, bound)
  }

  /// The variable that a parameter stands for: an array in registers is the caller's own.
  private mutating func binding(
    _ parameter: CParameter, _ argument: CExpression
  ) throws(Unsupported) -> Int {
    var type: ValueType
    if case .array(let element, _) = parameter.type {
      if case .name(let name) = argument, let variable = lookUp(name),
        case .parts = variables[variable].value
      {
        return variable
      }
      type = .pointer(to: try self.type(element))
    } else {
      type = try self.type(parameter.type)
    }
    let value = try converted(try value(of: argument), to: type)
    if case .pointer(let pointer) = value, case .pointer(.void) = type {
      type = .pointer(to: pointer.pointee)
    }
    variables.append(Variable(type: type, value: value))
    return variables.count - 1
  }

  private mutating func run(
    _ function: CFunction, _ bound: [(name: String, variable: Int)]
  ) throws(Unsupported) -> Value {
    let (mark, start, outer) = (names.count, namesStart, result)
    callDepth += 1
    namesStart = names.count
    names += bound
    let type = try type(function.result)
    variables.append(Variable(type: type, value: .undefined))
    let own = variables.count - 1
    result = own
    _ = try run(function.body[...])
    callDepth -= 1
    namesStart = start
    names.removeLast(names.count - mark)
    result = outer
    return variables[own].value
  }

  /// The value of a function of the library for values.
  mutating func library(_ name: String, _ values: [Value]) throws(Unsupported) -> Value {
    let found = library.functions[name] ?? OlderInstructions.functions[name]
    guard let function = found, function.parameters.count == values.count else {
      throw Unsupported("the function \(name)")
    }
    var bound: [(name: String, variable: Int)] = []
    for (parameter, value) in zip(function.parameters, values) {
      variables.append(Variable(type: try type(parameter.type), value: value))
      bound.append((parameter.name, variables.count - 1))
    }
    return try run(function, bound)
  }
}
