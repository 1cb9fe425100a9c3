import Basics
import LoopIR
import Syntax

@testable import Interpreter
@testable import NormGen

// The derivative along a random direction.
extension NormTrial {
  /// Compares the interpreter's gradient, which the kernels are compared with, with central
  /// differences; not for norms that replace a gradient.
  func compareDifferences(_ norm: CheckedNorm) throws -> Outcome {
    var random = RandomCall(seed: seed &+ 2)
    var isUnstable = false
    for phase in [CallPhase.train, .eval] {
      let gradients = phase == .train ? norm.train.gradients : norm.eval.gradients
      guard gradients.isEmpty else { continue }
      let sizes = try random.sizes(of: norm, .small)
      let call = try random.call(of: norm, sizes, phase, .float64)
      for value in norm.values where value.kind.differentiability == .differentiable {
        guard let outcome = try compare(call, along: value) else { continue }
        if case .fails = outcome { return outcome }
        isUnstable = true
      }
    }
    return isUnstable ? .unstable : .holds
  }

  /// `nil` iff the derivative by `value` is what differences give.
  private func compare(_ call: BoundCall, along value: Value) throws -> Outcome? {
    let count = call.sizes.count(of: value)
    var random = SplitMix64(seed: seed &+ 3)
    let direction = (0..<count).map { _ in Double.random(in: -1...1, using: &random) }
    let gradient = try interpret(call).numbers["d_" + value.name] ?? []
    let expected = zip(gradient, direction).map { $0 * $1 }
    let sum = expected.reduce(0, +)
    let scale = expected.reduce(1e-3) { $0 + abs($1) }
    guard sum.isFinite else { return .unstable }
    var slopes: [Double] = []
    for step in [1e-5, 1e-6, 1e-4, 1e-7] {
      let slope = try slope(of: call, value.name, direction, step)
      if abs(slope - sum) <= 1e-5 * scale { return nil }
      slopes.append(slope)
    }
    // The function jumps where the call is: differences grow as steps shrink.
    if abs(slopes[3]) > 3 * abs(slopes[1]), abs(slopes[1]) > 3 * abs(slopes[0]) { return .unstable }
    // Near a kink the gradient itself jumps.
    let samples = try Jitter(seed: seed, samples: 8, amount: 1e-4).samples(of: call)
    let moved = samples.map { sample in
      zip(sample.numbers["d_" + value.name] ?? [], direction).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let spread = moved.map { abs($0 - sum) }.max() ?? 0
    if !(spread <= 0.01 * scale) { return .unstable }
    let details = "d_\(value.name) along a line is \(sum), differences \(slopes); \(call.summary)"
    return .fails(Failure(property: .equalsDifferences, details: details))
  }

  /// The central difference of the sum of outputs times adjoints.
  private func slope(
    of call: BoundCall, _ name: String, _ direction: [Double], _ step: Double
  ) throws -> Double {
    let interpreter = Interpreter(call.norm)
    let base = try interpreter.forward(phase: call.mode, call.interpreterBinding)
    let sums = try [step, -step].map { step in
      var moved = call
      moved.numbers[name] = zip(call.numbers[name] ?? [], direction).map { $0 + step * $1 }
      let outputs = try interpreter.forward(
        phase: call.mode, moved.interpreterBinding, replaying: base.evaluator.stopped
      ).outputs
      return call.outputGradients.reduce(0) { sum, adjoint in
        zip(outputs[adjoint.key] ?? [], adjoint.value).reduce(sum) { $0 + $1.0 * $1.1 }
      }
    }
    return (sums[0] - sums[1]) / (2 * step)
  }
}
