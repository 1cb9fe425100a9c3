import Interpreter
import Syntax

@testable import NormGen

/// Evaluates a call whose samples are dealt out to processes, `ranks[r]` of them to process r.
///
/// What each process has of its own stands one after the other in the result: outputs, gradients,
/// and states where they differ.
func interpret(_ call: BoundCall, ranks: [Int]) throws -> CallResult {
  let interpreter = Interpreter(call.norm)
  let parts = call.parts(ranks)
  let mode: Interpreter.Mode =
    switch call.phase {
    case .train: .train
    case .eval: .eval
    }
  let forwards = try interpreter.forward(phase: mode, ranks: parts.map(\.binding))
  var result = CallResult()
  for output in call.norm.outputs {
    let name = call.norm.values[output.index].name
    result.numbers[name] = forwards.flatMap { $0.outputs[name] ?? [] }
  }
  result.takeStates(forwards.map(\.states))
  result.counters = forwards.first?.counters ?? [:]
  switch call.gradients {
  case .none: break
  case .all:
    let backwards = try interpreter.backward(
      ranks: forwards, outputGradients: parts.map(\.adjoints),
      backwardStates: parts.map { _ in [:] })
    for name in backwards.first?.gradients.keys.sorted() ?? [] {
      result.numbers["d_" + name] = backwards.flatMap { $0.gradients[name] ?? [] }
    }
    result.takeStates(backwards.map(\.states))
  }
  return result
}

/// What one process is given.
private struct RankPart {
  var binding: Binding
  var adjoints: [String: [Double]]
}

extension CallResult {
  fileprivate mutating func takeStates(_ states: [[String: [Double]]]) {
    for (name, first) in states.first ?? [:] {
      let isSame = states.allSatisfy { $0[name] == first }
      numbers[name] = isSame ? first : states.flatMap { $0[name] ?? [] }
    }
  }
}

extension BoundCall {
  /// The samples are along the first axis of the first tensor.
  fileprivate func parts(_ ranks: [Int]) -> [RankPart] {
    let axis = norm.values[0].dimensions[0].name
    let total = ranks.reduce(0, +)
    var start = 0
    return ranks.enumerated().map { rank, samples in
      defer { start += samples }
      func part(_ value: Value, _ numbers: [Double]) -> [Double] {
        if value.dimensions.first?.name == axis {
          let length = numbers.count / total
          return Array(numbers[(start * length)..<((start + samples) * length)])
        }
        let count = sizes.count(of: value)
        return numbers.count == count ? numbers : Array(numbers[(rank * count)...].prefix(count))
      }
      var binding = interpreterBinding
      binding.sizes[axis] = samples
      var adjoints: [String: [Double]] = [:]
      for value in norm.values {
        if let given = binding.inputs[value.name] {
          binding.inputs[value.name] = part(value, given)
        }
        if let given = outputGradients[value.name] { adjoints[value.name] = part(value, given) }
      }
      return RankPart(binding: binding, adjoints: adjoints)
    }
  }
}
