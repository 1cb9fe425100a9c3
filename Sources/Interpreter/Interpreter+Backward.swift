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
    try backward(
      ranks: [result], outputGradients: [outputGradients], backwardStates: [backwardStates])[0]
  }

  /// Runs the backward calls of processes whose forward calls ran together; rank by rank as for a
  /// single one. The gradients of parameters are each rank's part.
  package func backward(
    ranks results: [ForwardResult], outputGradients: [[String: [Double]]],
    backwardStates: [[String: [Double]]]
  ) throws(InterpreterError) -> [BackwardResult] {
    guard let mode = results.first?.mode else { return [] }
    var sweeps: [ReverseSweep] = []
    for (rank, result) in results.enumerated() {
      var evaluator = result.evaluator
      try define(backwardStates[rank], phase(mode), &evaluator)
      var sweep = ReverseSweep(evaluator)
      try Binding.check(
        outputGradients[rank].keys, areAmong: norm.outputs.map { norm[$0].name })
      for output in norm.outputs {
        let name = norm[output].name
        guard let gradient = outputGradients[rank][name] else { continue }
        try check(gradient, has: evaluator.extents.count(norm[output].axes), for: name)
        sweep.add(gradient, to: output)
      }
      sweeps.append(sweep)
    }
    var sweep = RankedSweep(phase(mode), ranks: sweeps)
    try sweep.run()
    return sweep.ranks.map { backwardResult(of: $0) }
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
