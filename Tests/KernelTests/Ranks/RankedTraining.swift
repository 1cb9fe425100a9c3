import Basics
import Interpreter
import NormGen
import Syntax

/// A training step of a norm of `x[N, C, S...]` by several processes, which share its samples.
struct RankedTraining {
  /// The samples of each process.
  let rows: [Int]
  let channels: Int
  let places: Int
  let weight: [Double]
  private let x: [Double]
  private let adjoint: [Double]
  private let valid: [Double]
  private let running: [Double]

  /// What processes make, by the names in C, one process behind the other.
  typealias Results = [[String: KernelArray]]

  init(rows: [Int], channels: Int = 5, places: Int = 3, seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let numbers = { (count: Int) in
      (0..<count).map { _ in Double(Float.random(in: -2..<2, using: &random)) }
    }
    self.rows = rows
    self.channels = channels
    self.places = places
    let total = rows.reduce(0, +)
    x = numbers(total * channels * places).map { $0 + 3 }
    adjoint = numbers(total * channels * places)
    valid = numbers(total).map { $0 < 1 ? 1 : 0 }
    weight = numbers(channels)
    running = numbers(channels)
  }

  /// What a process has whose samples begin at `first`.
  func call(_ kernel: Kernel, from first: Int, _ count: Int) throws -> Kernel.RankCall {
    let row = channels * places
    let part = { (numbers: [Double], length: Int) -> ArraySlice<Double> in
      numbers[(first * length)..<((first + count) * length)]
    }
    let own: [(ArraySlice<Double>, [String])] = [
      (part(x, row), ["x"]), (part(adjoint, row), ["d_y", "t_x", "dd_x"]),
      (part(valid, 1), ["valid"]),
      (weight[...], ["weight", "bias", "t_bias", "dd_bias"]),
      (running[...], ["running", "running_mean", "running_var", "t_weight", "dd_weight"]),
    ]
    var call = Kernel.RankCall(sizes: ["N": count, "C": channels, "S": places], arrays: [:])
    for (numbers, names) in own {
      for name in names { call.arrays[name] = try? kernel.array(name, numbers) }
    }
    return call
  }

  /// What each process has.
  func calls(_ kernel: Kernel) throws -> [Kernel.RankCall] {
    var first = 0
    return try rows.map { count in
      defer { first += count }
      return try call(kernel, from: first, count)
    }
  }

  /// Forward and a function that is derived from it, by all processes.
  func run(
    _ kernel: Kernel, _ derivative: Kernel.Direction = .backward, threads: Kernel.Threads? = nil
  ) throws -> Results {
    let calls = try calls(kernel)
    let forward = try kernel.run(.forward, ranks: calls, threads: threads)
    let again = zip(calls, forward).map { call, made in
      var call = call
      call.arrays.merge(made) { given, _ in given }
      return call
    }
    let backward = try kernel.run(derivative, ranks: again, threads: threads)
    return zip(forward, backward).map { $0.merging($1) { $1 } }
  }

  /// The same by one process that holds everything and computes alone.
  func runAlone(
    _ kernel: Kernel, _ derivative: Kernel.Direction = .backward
  ) throws -> [String: KernelArray] {
    let call = try call(kernel, from: 0, rows.reduce(0, +))
    let forward = try kernel.run(.forward, sizes: call.sizes, arrays: call.arrays)
    let backward = try kernel.run(
      derivative, sizes: call.sizes, arrays: call.arrays.merging(forward) { given, _ in given })
    return forward.merging(backward) { $1 }
  }

  /// What the interpreter makes of all samples in one process: `y`, `d_x`, `d_weight` and states as
  /// `next_NAME`.
  func interpreted(_ norm: Norm) throws -> [String: [Double]] {
    let known = norm.checked.values.map(\.name)
    let inputs = ["x": x, "valid": valid, "weight": weight, "running": running]
    let interpreter = Interpreter(norm.checked)
    let forward = try interpreter.forward(
      phase: .train,
      Binding(
        sizes: ["N": rows.reduce(0, +), "C": channels, "S": places],
        inputs: inputs.filter { known.contains($0.key) }))
    let backward = try interpreter.backward(
      forward, outputGradients: ["y": adjoint], backwardStates: [:])
    var results = forward.outputs
    for (name, state) in forward.states { results["next_" + name] = state }
    for (name, gradient) in backward.gradients { results["d_" + name] = gradient }
    return results
  }
}

/// All that `results` have of one name, one process behind the other.
func joined(_ results: RankedTraining.Results, _ name: String) -> [Double] {
  results.flatMap { $0[name]?.numbers ?? [] }
}

/// The sum over processes of each element of an array of that name.
func summed(_ results: RankedTraining.Results, _ name: String) -> [Double] {
  let parts = results.map { $0[name]?.numbers ?? [] }
  return (parts.first ?? []).indices.map { place in parts.reduce(0) { $0 + $1[place] } }
}
