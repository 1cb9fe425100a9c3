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

extension Kernel {
  /// The same by a kernel, in steps.
  func evaluate(_ call: BoundCall, ranks: [Int]) throws -> CallResult {
    let calls = try call.parts(ranks).map { try rankCall($0, of: call) }
    let phase: Phase = call.phase == .train ? .train : .eval
    let forwards = try run(.forward, phase, ranks: calls)
    var result = CallResult()
    result.take(forwards.map { $0.mapValues(\.numbers) }, of: call.norm)
    result.counters = call.counters.mapValues { $0 + (call.phase == .train ? 1 : 0) }
    switch call.gradients {
    case .none: break
    case .all:
      let again = zip(calls, forwards).map { call, forward in
        RankCall(
          sizes: call.sizes, arrays: call.arrays.merging(forward) { given, _ in given },
          values: call.values)
      }
      let backwards = try run(.backward, phase, ranks: again)
      result.take(backwards.map { $0.mapValues(\.numbers) }, of: call.norm)
    }
    return result
  }

  private func rankCall(_ part: RankPart, of call: BoundCall) throws -> RankCall {
    let arguments = try Direction.standard.flatMap { direction in
      try Phase.allCases.flatMap { try self.arguments(of: direction, $0) }
    }
    var result = RankCall(sizes: part.binding.sizes, arrays: [:])
    let adjoints = part.adjoints.map { ("d_" + $0.key, $0.value) }
    for (name, numbers) in part.binding.inputs.map({ ($0.key, $0.value) }) + adjoints {
      guard let argument = arguments.first(where: { $0.name == name }) else { continue }
      if argument.storage != nil { result.arrays[name] = try array(name, numbers) }
    }
    for (name, number) in call.scalars { result.values[name] = .number(number) }
    for (name, count) in call.counters { result.values[name] = .count(Int64(count)) }
    return result
  }
}

/// What one process is given.
private struct RankPart {
  var binding: Binding
  var adjoints: [String: [Double]]
}

extension CallResult {
  /// Takes what kernels of all processes wrote, by the names in C.
  fileprivate mutating func take(_ written: [[String: [Double]]], of norm: CheckedNorm) {
    var states: [[String: [Double]]] = written.map { _ in [:] }
    for value in norm.values {
      let next = "next_" + value.name
      for rank in written.indices { states[rank][value.name] = written[rank][next] }
      let gradient = written.compactMap { $0["d_" + value.name] }
      if !gradient.isEmpty { numbers["d_" + value.name] = gradient.flatMap(\.self) }
    }
    for output in norm.outputs {
      let name = norm.values[output.index].name
      let elements = written.compactMap { $0[name] }
      if !elements.isEmpty { numbers[name] = elements.flatMap(\.self) }
    }
    takeStates(states)
  }

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
