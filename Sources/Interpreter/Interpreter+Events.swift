import Syntax

extension Interpreter {
  /// Runs the event `name` once; `arguments` holds its numbers by name.
  ///
  /// Of the binding it reads what the event reads: tensors, masks and sizes that it does not need
  /// may be missing. Throws as `forward` does, and if there is no such event or an argument is
  /// missing.
  package func event(
    _ name: String, _ binding: Binding, arguments: [String: Double] = [:]
  ) throws(InterpreterError) -> EventResult {
    guard let event = norm.events.first(where: { $0.name == name }) else {
      throw .unknownEvent(name)
    }
    try binding.checkNames(against: norm)
    try Binding.check(arguments.keys, areAmong: event.arguments.map { norm[$0].name })
    let use = norm.use(of: event)
    var sizes = binding.sizes
    for (place, size) in norm.sizes.enumerated() where !use.sizes.contains(SizeID(place)) {
      // Any would do.
      if sizes[size.name] == nil, size.standard == nil { sizes[size.name] = 1 }
    }
    let extents = try Extents(of: norm, sizes: sizes)
    var evaluator = Evaluator(extents: extents, values: norm.values)
    try define(binding, in: .eval, &evaluator, only: use.values)
    for argument in event.arguments {
      guard let number = arguments[norm[argument].name] else {
        throw .missingValue(norm[argument].name)
      }
      evaluator.define(argument, elements: [number], differentiable: .constant)
    }
    for equation in event.shared + event.equations {
      try evaluator.define(by: equation, replacement: nil)
    }
    return try result(of: event, &evaluator)
  }

  private func result(
    of event: Event, _ evaluator: inout Evaluator
  ) throws(InterpreterError) -> EventResult {
    var result = EventResult()
    for update in event.updates {
      let elements = try evaluator.committed(update)
      let name = norm[update.value].name
      switch norm[update.value].kind {
      case .counter:
        let old = evaluator.elements(of: update.value)[0]
        result.counters[name] = counted(elements[0], old: old)
      case .state, .parameter, .tensor, .mask, .index, .scalar, .equation, .adjoint,
        .eventArgument:
        result.arrays[name] = elements
      }
    }
    return result
  }

  /// The nearest integer, of two the even one; `old` if there is none from 0 to 2^53.
  private func counted(_ number: Double, old: Double) -> Int {
    let count = number.rounded(.toNearestOrEven)
    return (0...0x1p53).contains(count) ? Int(count) : Int(old)
  }
}

/// What an event sets, by name.
package struct EventResult: Sendable {
  /// The states and parameters, in the order of memory.
  package var arrays: [String: [Double]] = [:]
  package var counters: [String: Int] = [:]
}
