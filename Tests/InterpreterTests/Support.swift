import Basics
import Syntax
import Testing

@testable import Interpreter

extension SplitMix64 {
  mutating func numbers(_ count: Int, in range: ClosedRange<Double>) -> [Double] {
    (0..<count).map { _ in Double.random(in: range, using: &self) }
  }
}

/// `true` iff both arrays agree up to `tolerance`, relative to 1 or to the larger number; NaN
/// agrees with NaN and infinities with themselves.
func agree(_ found: [Double], _ expected: [Double], tolerance: Double = 1e-12) -> Bool {
  found.count == expected.count
    && zip(found, expected).allSatisfy { x, y in
      x == y || x.isNaN && y.isNaN || abs(x - y) <= tolerance * max(1, abs(x), abs(y))
    }
}

/// The output `y` of a training call.
func outputs(of norm: CheckedNorm, _ binding: Binding) throws -> [Double] {
  try #require(try Interpreter(norm).forward(phase: .train, binding).outputs["y"])
}

/// The gradients of a training call whose output `y` has the adjoint `seed`.
func gradients(
  of norm: CheckedNorm, _ binding: Binding, seed: [Double]
) throws -> [String: [Double]] {
  let interpreter = Interpreter(norm)
  let result = try interpreter.forward(phase: .train, binding)
  return try interpreter.backward(result, outputGradients: ["y": seed]).gradients
}

/// Expects the gradient by `name` of a training call to be what central differences give, for a
/// random adjoint of the output `y`.
func expectGradient(
  of norm: CheckedNorm, _ binding: Binding, by name: String, seed: UInt64,
  tolerance: Double = 1e-7, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var generator = SplitMix64(seed: seed)
  let interpreter = Interpreter(norm)
  let result = try interpreter.forward(phase: .train, binding)
  let count = try #require(result.outputs["y"]).count
  let adjoint = ["y": generator.numbers(count, in: -2...2)]
  let derived = try #require(
    try interpreter.backward(result, outputGradients: adjoint).gradients[name])
  let expected = try interpreter.finiteDifferences(
    around: result, binding, outputGradients: adjoint, withRespectTo: name)
  #expect(
    agree(derived, expected, tolerance: tolerance),
    "seed \(seed): d_\(name) is \(derived), differences give \(expected)",
    sourceLocation: sourceLocation)
}

/// All norms of a spec that has no errors.
func checkedNorms(
  _ text: String, sourceLocation: SourceLocation = #_sourceLocation
) throws -> [CheckedNorm] {
  var diagnostics = DiagnosticSet()
  let norms = check(SourceFile(name: "test.norm", text: text), into: &diagnostics)
  try #require(!norms.isEmpty, "\(diagnostics)", sourceLocation: sourceLocation)
  return norms
}

/// The last norm of a spec that has no errors.
func checkedNorm(
  _ text: String, sourceLocation: SourceLocation = #_sourceLocation
) throws -> CheckedNorm {
  var diagnostics = DiagnosticSet()
  let norms = check(SourceFile(name: "test.norm", text: text), into: &diagnostics)
  return try #require(norms.last, "\(diagnostics)", sourceLocation: sourceLocation)
}
