import Interpreter
import LoopIR
import Syntax

/// Evaluates a call with the interpreter.
///
/// - Throws: `InterpreterError` if the call lacks something.
package func interpret(_ call: BoundCall) throws -> CallResult {
  if let event = call.event { return try call.interpret(event) }
  let interpreter = Interpreter(call.norm)
  let forward = try interpreter.forward(phase: call.mode, call.interpreterBinding)
  var result = CallResult()
  result.numbers = forward.outputs.merging(forward.states) { output, _ in output }
  result.counters = forward.counters
  switch call.gradients {
  case .none: break
  case .all:
    let backward = try interpreter.backward(
      forward, outputGradients: call.outputGradients, backwardStates: [:])
    for (name, gradient) in backward.gradients { result.numbers["d_" + name] = gradient }
    result.numbers.merge(backward.states) { _, new in new }
  }
  return result
}

extension BoundCall {
  /// The phase as the interpreter names it.
  var mode: Interpreter.Mode {
    switch phase {
    case .train: .train
    case .eval: .eval
    }
  }

  /// What the interpreter is given.
  var interpreterBinding: Binding {
    let adjoints = norm.outputs.map { "d_" + norm.values[$0.index].name }
    return Binding(
      sizes: sizes.byName, inputs: numbers.filter { !adjoints.contains($0.key) },
      scalars: scalars, counters: counters)
  }

  /// The adjoints of the outputs, by the names of the outputs.
  var outputGradients: [String: [Double]] {
    var gradients: [String: [Double]] = [:]
    for id in norm.outputs {
      let name = norm.values[id.index].name
      gradients[name] = numbers["d_" + name]
    }
    return gradients
  }
}
