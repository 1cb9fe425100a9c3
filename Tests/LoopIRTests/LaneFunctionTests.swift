import Foundation
import LoopIR
import Testing

@Suite(.serialized) struct LaneFunctionTests {
  /// The stated errors in ulp; the table of `LaneFunction`.
  static let bounds: [(ElementaryFunction, ComputeType, Double)] = [
    (.exponential, .float32, 2), (.exponential, .float64, 2),
    (.logarithm, .float32, 2), (.logarithm, .float64, 2),
    (.hyperbolicTangent, .float32, 2), (.hyperbolicTangent, .float64, 2),
    (.sigmoid, .float32, 2), (.sigmoid, .float64, 2),
    (.errorFunction, .float32, 2), (.errorFunction, .float64, 2),
    (.power, .float32, 2), (.power, .float64, 2),
  ]

  @Test func staysWithinTheStatedErrors() throws {
    let harness = try FunctionHarness()
    defer { harness.remove() }
    for (function, compute, bound) in Self.bounds {
      let count = compute == .float32 ? (1 << 32) / 997 : 1_000_000
      let worst = try harness.worst(function, compute, count: count)
      #expect(worst.error <= bound, "\(function) \(compute) at \(worst.arguments)")
      #expect(worst.faults == 0, "\(function) \(compute)")
    }
  }
}
