import Basics
import LoopIR
import Syntax

@testable import Interpreter
@testable import NormGen

/// A random call of a norm in float64, what its compiled functions make of it, and what differences
/// of the interpreter say of them.
struct DerivedCall {
  private let norm: CheckedNorm
  private let kernel: Kernel
  private let call: BoundCall
  private let interpreter: Interpreter
  private let base: ForwardResult
  /// The tensors and parameters, and the adjoints of outputs (`d_y`): what backward reads.
  private let inputs: [Value]
  private let outputs: [Value]
  /// Random numbers for all that the functions are given beside a call, `t_x` and `dd_x`, and a
  /// direction `v_y` for each adjoint of an output.
  private var directions: [String: [Double]] = [:]

  /// Two numbers, or arrays, that ought to be equal.
  struct Comparison {
    let name: String
    /// By how much they differ, in units of the largest number or 1.
    let deviation: Double
  }

  init(_ norm: CheckedNorm, _ kernel: Kernel, _ phase: CallPhase, seed: UInt64) throws {
    self.norm = norm
    self.kernel = kernel
    let sizes = try CallSizes(norm, extents: norm.smallSizeCase(fixed: [:]))
    call = try BoundCall(random: norm, sizes, phase, type: .float64, seed: seed)
    interpreter = Interpreter(norm)
    base = try interpreter.forward(phase: call.mode, call.interpreterBinding)
    inputs = norm.values.filter { $0.kind.differentiability == .differentiable }
    outputs = norm.outputs.map { norm.values[$0.index] }
    var random = SplitMix64(seed: seed &+ 1)
    let named = inputs.flatMap { [("t_", $0), ("dd_", $0)] } + outputs.map { ("v_", $0) }
    for (prefix, value) in named {
      directions[prefix + value.name] = (0..<sizes.count(of: value)).map { _ in
        Double.random(in: -1...1, using: &random)
      }
    }
  }

  /// All that ought to hold of the functions.
  func comparisons() throws -> [Comparison] {
    let saved = try run(.forward, [:])
    let gradients = try run(.backward, saved)
    let tangents = try run(.jvp, saved)
    let second = try run(.vjp2, saved)
    var comparisons = [try tangentsAgainstDifferences(tangents)]
    comparisons.append(
      Comparison(
        "<t_y, d_y> = <t_x, d_x>",
        [
          sum(outputs.map { ("t_" + $0.name, "d_" + $0.name) }, tangents, call.numbers)
        ], [sum(inputs.map { ("d_" + $0.name, "t_" + $0.name) }, gradients, directions)]))
    for value in inputs {
      comparisons.append(
        try slope(named: "d_" + value.name, second, along: directions["t_" + value.name] ?? []) {
          $0.numbers[value.name] = $1(call.numbers[value.name] ?? [])
        })
    }
    for value in outputs {
      comparisons.append(
        try slope(named: "dd_" + value.name, second, along: directions["v_" + value.name] ?? []) {
          $0.numbers["d_" + value.name] = $1(call.numbers["d_" + value.name] ?? [])
        })
    }
    return comparisons
  }

  /// What a function makes of the call: what is saved by its name in C, all else by the names in
  /// the source.
  private func run(
    _ direction: Kernel.Direction, _ saved: [String: KernelArray]
  ) throws -> [String: KernelArray] {
    let phase: Kernel.Phase = call.phase == .train ? .train : .eval
    let function = try kernel.function(direction, phase)
    var arrays = saved
    var values: [String: KernelValue] = [:]
    for argument in function.arguments {
      if let storage = argument.storage(in: kernel.interface), let numbers = numbers(for: argument)
      {
        arrays[argument.name] = KernelArray(numbers, as: storage)
      }
      switch argument.role {
      case .counter: values[argument.name] = .count(Int64(call.counters[argument.subject] ?? 0))
      case .scalar:
        let number = call.scalars[argument.subject] ?? 0
        values[argument.name] = argument.type == .bool ? .condition(number != 0) : .number(number)
      default: break
      }
    }
    var results = try kernel.run(
      direction, phase, sizes: call.sizes.byName, arrays: arrays, values: values)
    for argument in function.arguments {
      guard let prefix = argument.role.prefix, let array = results[argument.name] else { continue }
      results[prefix + argument.subject] = array
    }
    return results
  }

  private func numbers(for argument: KernelArgument) -> [Double]? {
    switch argument.role {
    case .tensor, .mask, .index, .parameter, .state: call.numbers[argument.subject]
    case .outputGradient: call.numbers["d_" + argument.subject]
    case .tangent: directions["t_" + argument.subject]
    case .gradientAdjoint: directions["dd_" + argument.subject]
    default: nil
    }
  }

  /// The sum of the products of arrays that belong together.
  private func sum(
    _ pairs: [(String, String)], _ arrays: [String: KernelArray], _ numbers: [String: [Double]]
  ) -> Double {
    pairs.reduce(0) { sum, pair in
      zip(arrays[pair.0]?.numbers ?? [.nan], numbers[pair.1] ?? [.nan]).reduce(sum) {
        $0 + $1.0 * $1.1
      }
    }
  }

  private func outputs(of moved: BoundCall) throws -> ForwardResult {
    try interpreter.forward(
      phase: call.mode, moved.interpreterBinding, replaying: base.evaluator.stopped)
  }

  private func tangentsAgainstDifferences(_ tangents: [String: KernelArray]) throws -> Comparison {
    try closest("t_y", outputs.flatMap { tangents["t_" + $0.name]?.numbers ?? [.nan] }) { step in
      let results = try [step, -step].map { step in
        var moved = call
        for value in inputs {
          moved.numbers[value.name] = zip(
            call.numbers[value.name] ?? [], directions["t_" + value.name] ?? []
          ).map { $0 + step * $1 }
        }
        let result = try self.outputs(of: moved).outputs
        return outputs.flatMap { result[$0.name] ?? [] }
      }
      return zip(results[0], results[1]).map { ($0 - $1) / (2 * step) }
    }
  }

  /// Compares the derivative along a direction of the sum of all gradients times `dd_`, by what
  /// `move` gives other numbers.
  private func slope(
    named name: String, _ second: [String: KernelArray], along direction: [Double],
    move: (inout BoundCall, ([Double]) -> [Double]) -> Void
  ) throws -> Comparison {
    let found = zip(second[name]?.numbers ?? [.nan], direction).reduce(0) { $0 + $1.0 * $1.1 }
    return try closest(name, [found]) { step in
      let sums = try [step, -step].map { step in
        var moved = call
        move(&moved) { numbers in zip(numbers, direction).map { $0 + step * $1 } }
        let gradients = try interpreter.backward(
          self.outputs(of: moved), outputGradients: moved.outputGradients
        ).gradients
        return inputs.reduce(0) { sum, value in
          zip(gradients[value.name] ?? [.nan], directions["dd_" + value.name] ?? []).reduce(sum) {
            $0 + $1.0 * $1.1
          }
        }
      }
      return [(sums[0] - sums[1]) / (2 * step)]
    }
  }

  /// The comparison with differences of the step that suits best.
  private func closest(
    _ name: String, _ found: [Double], _ differences: (Double) throws -> [Double]
  ) throws -> Comparison {
    let all = try [1e-5, 1e-4, 1e-6].map { Comparison(name, found, try differences($0)) }
    return all.min { $0.deviation < $1.deviation } ?? all[0]
  }
}

extension KernelArgument.Role {
  /// What the names of derivatives begin with, for those that are written.
  fileprivate var prefix: String? {
    switch self {
    case .gradient: "d_"
    case .outputTangent: "t_"
    case .outputGradientAdjoint: "dd_"
    default: nil
    }
  }
}

extension DerivedCall.Comparison {
  fileprivate init(_ name: String, _ found: [Double], _ expected: [Double]) {
    self.name = name
    let scale = (found + expected).reduce(1) { max($0, abs($1)) }
    let isWhole = found.count == expected.count
    // What is no number is as far off as can be.
    deviation = zip(found, expected).reduce(isWhole ? 0 : .infinity) { largest, pair in
      let difference = abs(pair.0 - pair.1)
      return difference.isNaN ? .infinity : max(largest, difference / scale)
    }
  }
}
