import Interpreter
import LoopIR
import Syntax

@testable import NormGen

/// How far compiled code may be off, in units of the largest number of its array. Where that is
/// not enough, the spread of `Jitter` decides.
private func tolerance(_ type: Options.Scalar) -> Double {
  switch type {
  case .float32: 3e-5
  case .float64: 1e-12
  case .bfloat16: 4e-3
  case .float16: 6e-4
  }
}

/// The relative error of one step in a type.
private func rounding(_ type: Options.Scalar) -> Double {
  switch type {
  case .float32, .bfloat16, .float16: 1.2e-7
  case .float64: 2.3e-16
  }
}

/// How many times the spread of a few samples an error may be: sums gather the errors of their
/// elements, of which a sample has one for all.
private let spreadFactor = 64.0

// The JIT, the interpreter, and C.
extension NormTrial {
  /// Compares forward and backward of both phases at a few sizes.
  func compare(
    _ norm: CheckedNorm, _ type: Options.Scalar, _ property: Property
  ) throws -> Outcome {
    var options = Options()
    options.type = type
    let compiled = try compile(norm, options)
    let kernel = try Kernel(compiled, engine: .jit)
    let flags = ["-std=c11", "-O1", "-march=native"]
    let others = try compilers.map { command in
      (command, try Kernel(compiled, engine: .cc(command: command, flags: flags)))
    }
    var random = RandomCall(seed: seed &+ 1)
    var isUnstable = false
    for (index, phase) in [CallPhase.train, .eval, .train].enumerated() {
      let sizes = try random.sizes(of: norm, index == 0 ? .small : .awkward)
      let call = try random.call(of: norm, sizes, phase, type)
      let found = try kernel.evaluate(call)
      for (command, other) in others {
        guard let difference = bitDifference(found, try other.evaluate(call)) else { continue }
        let details = "\(command): \(difference), \(call.summary)"
        return .fails(Failure(property: .equalsCompiledC, details: details))
      }
      guard tries(property) else { continue }
      switch try verdict(on: found, of: call) {
      case .holds: break
      case .unstable: isUnstable = true
      case .fails(var failure):
        failure.property = property
        return .fails(failure)
      }
    }
    return isUnstable ? .unstable : .holds
  }

  private func verdict(on found: CallResult, of call: BoundCall) throws -> Outcome {
    let expected = try interpret(call)
    guard expected.counters == found.counters else {
      let details = "counters are \(found.counters), expected \(expected.counters)"
      return .fails(Failure(property: .compiles, details: details))
    }
    var isUnstable = false
    var samples: [CallResult] = []
    for (name, numbers) in expected.numbers.sorted(by: { $0.key < $1.key }) {
      guard let result = found.numbers[name], result.count == numbers.count else {
        return .fails(Failure(property: .compiles, details: "there is no \(name)"))
      }
      // Where all is 0, what was of order 1 cancelled.
      let scale = max(largest(numbers), 1e-2)
      let allowed = Array(repeating: tolerance(call.type) * scale, count: numbers.count)
      guard firstDifference(numbers, result, allowed: allowed) != nil else { continue }
      if samples.isEmpty {
        samples = try Jitter(seed: seed, samples: 8, amount: rounding(call.type)).samples(of: call)
      }
      let spread = zip(allowed, spread(of: samples.compactMap { $0.numbers[name] }, numbers))
        .map { $0 + $1 * spreadFactor }
      guard let place = firstDifference(numbers, result, allowed: spread) else {
        isUnstable = isUnstable || spread.contains { $0 > 100 * tolerance(call.type) * scale }
        continue
      }
      let details = """
        \(name)[\(place)] is \(result[place]), expected \(numbers[place]), \
        allowed \(spread[place]); \(call.summary)
        """
      return .fails(Failure(property: .compiles, details: details))
    }
    return isUnstable ? .unstable : .holds
  }

  /// The first array that differs in a bit; NaNs are alike.
  private func bitDifference(_ one: CallResult, _ other: CallResult) -> String? {
    if one.counters != other.counters { return "counters \(one.counters), \(other.counters)" }
    for (name, numbers) in one.numbers.sorted(by: { $0.key < $1.key }) {
      let others = other.numbers[name] ?? []
      if others.count != numbers.count { return "\(name) has \(others.count) elements" }
      for (place, (x, y)) in zip(numbers, others).enumerated()
      where x.bitPattern != y.bitPattern && !(x.isNaN && y.isNaN) {
        return "\(name)[\(place)] is \(y), the JIT gives \(x)"
      }
    }
    return nil
  }
}

/// The largest finite magnitude.
func largest(_ numbers: [Double]) -> Double {
  numbers.lazy.filter(\.isFinite).map { abs($0) }.max() ?? 0
}

/// The first place at which two arrays are further apart than allowed.
private func firstDifference(
  _ expected: [Double], _ found: [Double], allowed: [Double]
) -> Int? {
  expected.indices.first { place in
    let (x, y) = (expected[place], found[place])
    if x == y || x.isNaN && y.isNaN { return false }
    let distance = abs(x - y)
    return !(distance <= allowed[place])
  }
}

/// How far samples are from `numbers`, at each place; infinite where some are no numbers.
private func spread(of samples: [[Double]], _ numbers: [Double]) -> [Double] {
  numbers.indices.map { place in
    samples.reduce(0) { spread, sample in
      let (x, y) = (numbers[place], sample[place])
      if x == y || x.isNaN && y.isNaN { return spread }
      let distance = abs(x - y)
      return distance.isFinite ? max(spread, distance) : .infinity
    }
  }
}

extension BoundCall {
  /// What tells a call from others of the norm.
  var summary: String {
    let sizes = sizes.byName.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    return
      "\(type.rawValue) \(phase.rawValue) \(sizes.joined(separator: " ")) \(scalars) \(counters)"
  }
}
