import Syntax

extension Interpreter {
  /// Runs the backward call of a forward call, which it sees as it was then.
  ///
  /// `outputGradients` holds the adjoints of outputs by name, in the order of memory; nothing is
  /// passed from an output without one. `backwardStates` holds the states that gradient blocks
  /// update as they are now; a missing one is as the forward call was given it. Throws if a name
  /// is unknown or a length is wrong.
  package func backward(
    _ result: ForwardResult, outputGradients: [String: [Double]],
    backwardStates: [String: [Double]] = [:]
  ) throws(InterpreterError) -> BackwardResult {
    var evaluator = result.evaluator
    try define(backwardStates, phase(result.mode), &evaluator)
    var sweep = ReverseSweep(phase(result.mode), evaluator: evaluator)
    try Binding.check(outputGradients.keys, areAmong: norm.outputs.map { norm[$0].name })
    for output in norm.outputs {
      let name = norm[output].name
      guard let gradient = outputGradients[name] else { continue }
      try check(gradient, has: evaluator.extents.count(norm[output].axes), for: name)
      sweep.add(gradient, to: output)
    }
    try sweep.run()
    return backwardResult(of: sweep)
  }

  /// Lets the states that gradient blocks of `phase` update be what they are now.
  private func define(
    _ states: [String: [Double]], _ phase: Phase, _ evaluator: inout Evaluator
  ) throws(InterpreterError) {
    let updated = phase.gradients.flatMap(\.updates).map(\.value)
    try Binding.check(states.keys, areAmong: updated.map { norm[$0].name })
    for state in updated {
      let name = norm[state].name
      guard let elements = states[name] else { continue }
      try check(elements, has: evaluator.extents.count(norm[state].axes), for: name)
      evaluator.define(state, elements: elements, differentiable: .constant)
    }
  }

  private func check(
    _ elements: [Double], has expected: Int, for name: String
  ) throws(InterpreterError) {
    guard elements.count == expected else {
      throw .wrongLength(name, expected: expected, found: elements.count)
    }
  }

  /// The adjoints and states that `sweep` has found, by name.
  private func backwardResult(of sweep: ReverseSweep) -> BackwardResult {
    var gradients: [String: [Double]] = [:]
    for (place, value) in norm.values.enumerated() {
      switch value.kind {
      case .tensor, .parameter: gradients[value.name] = sweep.gradient(of: ValueID(place))
      case .state, .mask, .index, .scalar, .counter, .equation, .adjoint, .eventArgument: break
      }
    }
    var states: [String: [Double]] = [:]
    for (state, elements) in sweep.states { states[norm[state].name] = elements }
    return BackwardResult(gradients: gradients, states: states)
  }
}

/// What a backward call gives.
package struct BackwardResult: Sendable {
  /// The gradients of tensors and parameters by name, in the order of memory.
  package let gradients: [String: [Double]]
  /// The states that gradient blocks of the phase update, by name, after the call.
  package let states: [String: [Double]]
}
