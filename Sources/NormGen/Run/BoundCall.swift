import Basics
import LoopIR
import NumPyFormat
import Syntax

/// A call with all that it is given, as plain numbers: what each engine starts from.
package struct BoundCall: Sendable {
  /// The norm, its dimensions in the order of memory.
  package var norm: CheckedNorm
  package var phase: CallPhase
  /// The type of tensors and adjoints.
  package var type: Options.Scalar
  /// The type of parameters and states.
  package var parameterType: Options.Scalar
  package var gradients: RunRequest.Gradients
  /// The event that is run instead of a phase.
  package var event: Event?
  /// The numbers of the event, by name.
  package var eventArguments: [String: Double] = [:]
  package var sizes: CallSizes
  /// The elements of tensors, parameters, masks (0 or 1) and states by name, and of the adjoints
  /// of outputs as `d_NAME`; numbers are rounded to the type of their array.
  package var numbers: [String: [Double]] = [:]
  /// The calls before this one, by name of the counter.
  package var counters: [String: Int] = [:]
  /// All scalars by name; a condition is 0 or 1.
  package var scalars: [String: Double] = [:]

  /// A call that is given nothing yet but its sizes.
  package init(
    _ norm: CheckedNorm, _ sizes: CallSizes, phase: CallPhase, type: Options.Scalar,
    parameterType: Options.Scalar? = nil, gradients: RunRequest.Gradients
  ) {
    self.norm = norm
    self.phase = phase
    self.type = type
    self.parameterType = parameterType ?? type.computed
    self.gradients = gradients
    self.sizes = sizes
  }
}

/// What a call computes: outputs, states after the call, and gradients as `d_NAME`.
package struct CallResult: Sendable {
  package var numbers: [String: [Double]] = [:]
  /// The calls so far after this one, by name of the counter.
  package var counters: [String: Int] = [:]

  package init() {}
}

extension BoundCall {
  /// Fits the inputs of a request to the norm.
  ///
  /// - Throws: `InputError` if something is missing, unknown or of another type or shape.
  init(_ norm: CheckedNorm, _ request: RunRequest) throws {
    let event = try request.event.map { (name) throws(InputError) in
      try norm.event(named: name)
    }
    var settings = request.options.settings
    let numbers = try norm.arguments(of: event, among: &settings)
    try norm.checkSettings(settings)
    try norm.checkScalarsAreKnown(settings)
    let use = event.map { norm.use(of: $0) }
    let slots = norm.slots(request.gradients, use)
    var binding = try SizeBinding(norm, given: request.options.sizes)
    var given: Set<String> = []
    for input in request.inputs {
      guard let value = slots.first(where: { $0.name == input.name })?.value else {
        throw InputError.unknownInput(input.name, in: norm, among: slots.map(\.name))
      }
      guard given.insert(input.name).inserted else {
        throw InputError("\(input.name) is given twice")
      }
      try binding.bind(input.array.shape, to: value, file: input.file)
    }
    for slot in slots where slot.isRequired && !given.contains(slot.name) {
      throw InputError("\(norm.name) needs --input \(slot.name)=FILE.npy")
    }
    self.init(
      norm, try binding.complete(needed: use?.sizes), phase: event == nil ? request.phase : .eval,
      type: request.options.type, parameterType: request.options.parameters,
      gradients: event == nil ? request.gradients : .none)
    self.event = event
    eventArguments = numbers
    scalars = settings
    for input in request.inputs {
      guard let value = slots.first(where: { $0.name == input.name })?.value else { continue }
      try take(input, as: value)
    }
    try fillInitialValues()
  }

  /// Gives all that has an initial value and is not given that value.
  package mutating func fillInitialValues() throws(KernelError) {
    let defaults = Defaults(of: norm)
    for value in norm.values {
      switch value.kind {
      case .parameter, .state:
        guard numbers[value.name] == nil,
          let number = try defaults.number(of: value, sizes: sizes.byName)
        else { continue }
        numbers[value.name] = rounded(
          Array(repeating: number, count: sizes.count(of: value)), as: value)
      case .scalar:
        if scalars[value.name] == nil {
          scalars[value.name] = try defaults.number(of: value, sizes: sizes.byName)
        }
      case .counter: counters[value.name] = counters[value.name] ?? 0
      case .tensor, .mask, .index, .equation, .adjoint, .eventArgument: break
      }
    }
  }

  private mutating func take(
    _ input: RunRequest.Input, as value: Value
  ) throws(InputError) {
    switch (value.kind, input.array.elements) {
    case (.mask, .bool(let values)):
      numbers[input.name] = values.map { $0 ? 1 : 0 }
    case (.mask, .uint8(let values)):
      numbers[input.name] = values.map { $0 == 0 ? 0 : 1 }
    case (.mask, _):
      throw .wrongType(input, value, expected: "bool or uint8")
    case (.counter, .int64(let values)):
      guard let count = values.first.flatMap({ Int(exactly: $0) }), 0...(1 << 53) ~= count else {
        throw InputError("\(input.file): holds a count of calls below 0 or above 2^53")
      }
      counters[input.name] = count
    case (.index, .int64(let values)): numbers[input.name] = values.map(Double.init)
    case (.index, .int32(let values)): numbers[input.name] = values.map(Double.init)
    case (.index, _):
      throw .wrongType(input, value, expected: "int64 or int32")
    case (.counter, _):
      throw .wrongType(input, value, expected: "int64")
    case (.tensor, _), (.parameter, _), (.state, _), (.equation, _), (.scalar, _), (.adjoint, _),
      (.eventArgument, _):
      guard let values = input.array.elements.floats else {
        throw .wrongType(input, value, expected: "float16, bfloat16, float32 or float64")
      }
      numbers[input.name] = rounded(values, as: value)
    }
  }

  /// The numbers as the array of `value` holds them.
  package func rounded(_ numbers: [Double], as value: Value) -> [Double] {
    let storage = storage(of: value)
    return numbers.map { storage.rounded($0) }
  }

  /// The type that the numbers of a value, or of its gradient, are stored in.
  package func storage(of value: Value) -> Options.Scalar {
    switch value.kind {
    case .parameter, .state: parameterType
    case .tensor, .equation, .adjoint, .eventArgument, .mask, .index, .scalar, .counter: type
    }
  }
}

/// Something that a file can be given for.
private struct Slot {
  var name: String
  var value: Value
  /// `false` iff it has an initial value.
  var isRequired: Bool
}

extension CheckedNorm {
  /// Everything that a run takes from files.
  fileprivate func slots(_ gradients: RunRequest.Gradients, _ use: EventUse?) -> [Slot] {
    let declared = values.enumerated().compactMap { place, value -> Slot? in
      switch value.kind {
      case .tensor, .mask, .index:
        Slot(
          name: value.name, value: value,
          isRequired: use?.values.contains(ValueID(place)) ?? true)
      case .parameter, .state, .counter:
        Slot(name: value.name, value: value, isRequired: false)
      case .scalar, .equation, .adjoint, .eventArgument: nil
      }
    }
    switch gradients {
    case .none: return declared
    case .all:
      return declared
        + outputs.map { id in
          let value = values[id.index]
          return Slot(name: "d_" + value.name, value: value, isRequired: true)
        }
    }
  }
}

extension NumPyArray.Elements {
  /// The elements as doubles; `nil` unless they are floating-point numbers.
  package var floats: [Double]? {
    switch self {
    case .float16(let values): values.map { Double($0) }
    case .bfloat16(let bits): bits.map { Double(Float(BFloat16(bitPattern: $0))) }
    case .float32(let values): values.map { Double($0) }
    case .float64(let values): values
    case .bool, .uint8, .int32, .int64: nil
    }
  }
}

extension InputError {
  fileprivate static func unknownInput(
    _ name: String, in norm: CheckedNorm, among known: [String]
  ) -> InputError {
    InputError(
      "\(norm.name) has no input named '\(name)'; "
        + listed("its inputs are", known, near: name))
  }

  fileprivate static func wrongType(
    _ input: RunRequest.Input, _ value: Value, expected: String
  ) -> InputError {
    InputError(
      "\(input.file): holds \(input.array.elements.type.name); expected \(expected)"
        + " for \(value.signature)")
  }
}
