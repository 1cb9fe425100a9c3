import Interpreter
import Testing

@testable import NormGen

/// Compiled kernels against the interpreter, forward and backward, within one bound.
@Suite struct AccuracyTests {
  /// Norms that subtract a mean, along rows, columns and groups.
  static let centring = ["layer_norm", "batch_norm", "group_norm"]

  @Test(arguments: TestNorm.names, Options.Scalar.allCases)
  func aKernelIsAsAccurateAsItsSumsAllow(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    let kernel = try kernel(norm, type, .jit)
    for phase in norm.phases {
      for (index, sizes) in norm.awkwardSizes.enumerated() {
        let call = try TestCall(norm, type, phase, sizes: sizes, seed: UInt64(index))
        expectAccurate(try measured(call.bound(), kernel), "\(call)")
      }
    }
  }

  @Test(arguments: centring, [100.0, 1e4])
  func dataFarFromZeroCostsNoMoreThanItsMeanOverItsDeviation(
    _ name: String, _ ratio: Double
  ) throws {
    let norm = try TestNorm.ofSpec(name)
    for type in Options.Scalar.wide {
      let kernel = try kernel(norm, type, .jit)
      for phase in norm.phases {
        for (index, sizes) in norm.awkwardSizes.enumerated() {
          let call = try TestCall(norm, type, phase, sizes: sizes, seed: UInt64(index))
          let (far, near) = try shifted(call, by: type.rounded(ratio * deviation))
          // In evaluation the mean is a state, so there is nothing that a shift leaves alone.
          let errors = try measured(
            far.bound(), kernel, centred: phase == .train ? near.bound() : nil)
          expectAccurate(errors, "mean / std = \(ratio), \(call)")
        }
      }
    }
  }

  /// The bound is no empty promise: a change that rounding cannot explain is beyond it.
  @Test(arguments: ["layer_norm", "rms_norm", "power_norm"], Options.Scalar.wide)
  func anotherEpsIsBeyondTheBound(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    let kernel = try kernel(norm, type, .jit)
    let call = try TestCall(norm, type, .train, sizes: norm.sizes { [9, 17, 5][$0 % 3] })
    var other = call
    other.scalars["eps", default: 0] += type == .float32 ? 1e-3 : 1e-12
    let errors = try measured(call.bound(), kernel, givenInstead: other.bound())
    for wanted in [AccuracyBound.Kind.output, .gradient] {
      #expect(errors.contains { $0.kind == wanted && $0.size > wanted.k }, "\(wanted), \(call)")
    }
  }

  /// The standard deviation of ordinary data, which is uniform in -2 ..< 2.
  private let deviation = 2 / 3.0.squareRoot()

  /// The call with x around `shift`, and with the same x less `shift`, which is exact.
  private func shifted(
    _ call: TestCall, by shift: Double
  ) throws -> (far: TestCall, near: TestCall) {
    var (far, near) = (call, call)
    let x = try #require(call.numbers["x"]).map { call.type.rounded($0 + shift) }
    far.numbers["x"] = x
    near.numbers["x"] = x.map { $0 - shift }
    return (far, near)
  }
}

/// How far an array lies from that of the interpreter.
private struct MeasuredError {
  let name: String
  let kind: AccuracyBound.Kind
  /// In units of the bound with k = 1.
  let size: Double
}

/// The errors of all arrays and counters of a call.
///
/// - Parameters:
///   - centred: a call of the same outputs and gradients, which are then judged by it: at a mean
///     of 1e4 the interpreter, which adds one by one, is no better than a float64 kernel.
///   - other: what the kernel is given instead.
private func measured(
  _ call: BoundCall, _ kernel: Kernel, centred: BoundCall? = nil,
  givenInstead other: BoundCall? = nil
) throws -> [MeasuredError] {
  let forward = try Interpreter(call.norm).forward(phase: call.mode, call.interpreterBinding)
  let bound = AccuracyBound(call, forward)
  var expected = try interpret(call)
  if let centred {
    for (name, numbers) in try interpret(centred).numbers {
      switch bound.kind(of: name) {
      case .output, .gradient: expected.numbers[name] = numbers
      case .state: break
      }
    }
  }
  let found = try kernel.evaluate(other ?? call)
  var errors = expected.numbers.sorted { $0.key < $1.key }.map { name, numbers in
    MeasuredError(
      name: name, kind: bound.kind(of: name),
      size: found.numbers[name].map { bound.error(of: name, $0, numbers) } ?? .infinity)
  }
  for (name, count) in expected.counters where found.counters[name] != count {
    errors.append(MeasuredError(name: name, kind: .state, size: .infinity))
  }
  return errors
}

private func expectAccurate(
  _ errors: [MeasuredError], _ what: String, location: SourceLocation = #_sourceLocation
) {
  for error in errors where error.size > error.kind.k {
    Issue.record(
      "\(error.name) is off by \(error.size) units, more than \(error.kind.k): \(what)",
      sourceLocation: location)
  }
}
