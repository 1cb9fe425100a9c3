import NormGen
import Testing

/// Forward mode and second derivatives of processes of different sizes, one of them without
/// samples, are those of one that holds all samples.
@Suite struct RankedDerivativeTests {
  @Test(arguments: [[3, 2, 4], [1, 0, 5]], [Kernel.Direction.jvp, .vjp2])
  func processesTogetherAreOneThatHoldsEverything(
    rows: [Int], _ derivative: Kernel.Direction
  ) throws {
    var options = Options()
    options.type = .float64
    options.derivatives = Set(Options.Derivative.allCases)
    let kernel = try Norm.parse(
      """
      norm synchronized(x[N, C, S...]) -> y {
        param weight[C] = 1, bias[C] = 0
        train { mean = mean[ranks, N, S](x) var = var[ranks, N, S](x) }
        eval { mean = 0 var = 1 }
        y = (x - mean) / sqrt(var + 0.1) * weight + bias
      }
      """)[0].compile(options)
    let training = RankedTraining(rows: rows, seed: 21)
    let together = try training.run(kernel, derivative)
    let alone = try training.runAlone(kernel, derivative).mapValues(\.numbers)
    let ofSamples = derivative == .jvp ? ["t_y"] : ["dd_y", "d_x"]
    for name in ofSamples {
      #expect(differ(joined(together, name), alone[name] ?? []) < 1e-12, "\(name)")
      // Nothing is equal because nothing is there.
      #expect(alone[name]?.contains { $0 != 0 } == true, "\(name)")
    }
    if derivative == .vjp2 {
      #expect(differ(summed(together, "d_weight"), alone["d_weight"] ?? []) < 1e-11)
    }
  }

  /// The largest difference of elements at the same place.
  private func differ(_ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
}
