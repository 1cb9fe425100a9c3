/// Calls: of what is known by name, or of functions whose bodies take their place.
extension Lowering {
  private static let deepestCall = 24

  mutating func call(
    _ intrinsic: Intrinsic, _ arguments: FlatList
  ) throws(Unsupported) -> Value {
    var values: [Value] = []
    values.reserveCapacity(Int(arguments.count))
    for place in 0..<Int(arguments.count) {
      values.append(try value(of: code.expression(arguments, place)))
    }
    return try self.intrinsic(intrinsic, values)
  }

  /// The value of a function of the library, whose body is run here.
  mutating func call(_ name: Symbol, _ arguments: FlatList) throws(Unsupported) -> Value {
    guard let function = library.function(name) else {
      throw Unsupported("the function \(library.name(name))")
    }
    guard function.parameters.count == arguments.count else {
      throw Unsupported("a call of \(library.name(name)) with other arguments")
    }
    if callDepth == Self.deepestCall { throw Unsupported("calls within calls") }
    // The arguments are the caller's: its slots are in place until all are known.
    let start = openSlots(of: function)
    for (place, parameter) in function.parameters.enumerated() {
      let variable = try binding(code.parameters[parameter], code.expression(arguments, place))
      slotted[start + place] = Int32(variable)
    }
    return try run(function, start)
  }

  /// The variable that a parameter stands for: an array in registers is the caller's own.
  private mutating func binding(
    _ parameter: FlatParameter, _ argument: ExpressionID
  ) throws(Unsupported) -> Int {
    var type = try self.type(parameter.type)
    if parameter.isArray {
      if case .variable(let slot, _) = code[argument],
        case .parts = variables[variable(slot)].value
      {
        return variable(slot)
      }
      type = .pointer(to: type)
    }
    let value = try converted(try value(of: argument), to: type)
    if case .pointer(let pointer) = value, case .pointer(.void) = type {
      type = .pointer(to: pointer.pointee)
    }
    variables.append(Variable(type: type, value: value))
    return variables.count - 1
  }

  /// Runs a function whose parameters have their variables; its slots are from `start` on.
  private mutating func run(
    _ function: FlatFunction, _ start: Int
  ) throws(Unsupported) -> Value {
    let (outerStart, outer, outerAddressed) = (slotsStart, result, addressed)
    callDepth += 1
    slotsStart = start
    let type = try type(function.result)
    variables.append(Variable(type: type, value: .undefined))
    let own = variables.count - 1
    result = own
    addressed = function.addressed
    try run(function.body)
    callDepth -= 1
    slotsStart = outerStart
    slotted.removeLast(slotted.count - start)
    (result, addressed) = (outer, outerAddressed)
    return variables[own].value
  }

  /// The value of a function of the library for values.
  mutating func library(_ name: String, _ values: [Value]) throws(Unsupported) -> Value {
    guard let function = library.symbol(known: name).flatMap({ library.function($0) }),
      function.parameters.count == values.count
    else { throw Unsupported("the function \(name)") }
    let start = openSlots(of: function)
    for (place, value) in values.enumerated() {
      let parameter = code.parameters[function.parameters.lowerBound + place]
      variables.append(Variable(type: try type(parameter.type), value: value))
      slotted[start + place] = Int32(variables.count - 1)
    }
    return try run(function, start)
  }
}
