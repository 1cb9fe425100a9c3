import Basics
import Interpreter
import LoopIR
import Syntax

extension CheckedNorm {
  /// - Throws: `InputError` if there is no such event.
  package func event(named name: String) throws(InputError) -> Event {
    guard let event = events.first(where: { $0.name == name }) else {
      throw InputError(
        "\(self.name) has no event named '\(name)'; "
          + listed("its events are", events.map(\.name), near: name))
    }
    return event
  }

  /// The numbers of `event`, which are taken out of `settings`; none where there is no event.
  ///
  /// - Throws: `InputError` if one is missing.
  package func arguments(
    of event: Event?, among settings: inout [String: Double]
  ) throws(InputError) -> [String: Double] {
    var numbers: [String: Double] = [:]
    for argument in event?.arguments ?? [] {
      let name = values[argument.index].name
      guard let number = settings.removeValue(forKey: name) else {
        throw InputError("\(event?.name ?? "") needs --set \(name)=NUMBER")
      }
      numbers[name] = number
    }
    return numbers
  }
}

extension BoundCall {
  /// Evaluates the event of the call with the interpreter.
  func interpret(_ event: Event) throws(InterpreterError) -> CallResult {
    let use = norm.use(of: event)
    var binding = interpreterBinding
    binding.inputs = binding.inputs.filter { name, _ in
      use.values.contains { norm.values[$0.index].name == name }
    }
    let set = try Interpreter(norm).event(event.name, binding, arguments: eventArguments)
    var result = CallResult()
    result.numbers = set.arrays
    result.counters = set.counters
    return result
  }
}
