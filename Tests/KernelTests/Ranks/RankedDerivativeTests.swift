import NormGen
import Testing

/// Forward mode and second derivatives of several processes are those of one that holds all
/// samples: what has samples lies one behind the other, and adjoints of parameters add up.
@Suite struct RankedDerivativeTests {
  private static let (channels, places) = (5, 3)

  private static let text = """
    norm synchronized(x[N, C, S...]) -> y {
      param weight[C] = 1, bias[C] = 0
      train {
        mean = mean[ranks, N, S](x)
        var  = var[ranks, N, S](x)
      }
      eval {
        mean = 0
        var  = 1
      }
      y = (x - mean) / sqrt(var + 0.1) * weight + bias
    }
    """

  @Test(arguments: [[3, 2, 4], [1, 0, 5], [7]])
  func processesTogetherAreOneThatHoldsEverything(rows: [Int]) throws {
    var options = Options()
    options.type = .float64
    options.derivatives = Set(Options.Derivative.allCases)
    let kernel = try Norm.parse(Self.text)[0].compile(options)
    let given = Given(rows: rows.reduce(0, +), row: Self.channels * Self.places, Self.channels)
    let together = try results(of: kernel, rows, given)
    let alone = try results(of: kernel, [rows.reduce(0, +)], given)
    for name in ["t_y", "dd_y", "d_x"] {
      #expect(largestDifference(joined(together, name), joined(alone, name)) < 1e-12, "\(name)")
    }
    #expect(largestDifference(summed(together, "d_weight"), summed(alone, "d_weight")) < 1e-11)
    // Nothing is equal because nothing is there.
    #expect(joined(alone, "t_y").contains { $0 != 0 } && joined(alone, "d_x").contains { $0 != 0 })
  }

  /// What all samples have, by name; parameters have one array for all.
  private struct Given {
    var ofSamples: [String: [Double]] = [:]
    var ofParameters: [String: [Double]] = [:]
    let row: Int

    init(rows: Int, row: Int, _ channels: Int) {
      self.row = row
      var random = SplitMix64(seed: 21)
      for name in ["x", "d_y", "t_x", "dd_x"] {
        ofSamples[name] = (0..<rows * row).map { _ in .random(in: -2..<2, using: &random) }
      }
      for name in ["weight", "bias"] {
        for prefix in ["", "t_", "dd_"] {
          ofParameters[prefix + name] = (0..<channels).map { _ in
            .random(in: -2..<2, using: &random)
          }
        }
      }
    }
  }

  private func results(
    of kernel: Kernel, _ rows: [Int], _ given: Given
  ) throws -> RankedTraining.Results {
    var first = 0
    var calls: [Kernel.RankCall] = []
    for count in rows {
      var call = Kernel.RankCall(
        sizes: ["N": count, "C": Self.channels, "S": Self.places], arrays: [:])
      for (name, numbers) in given.ofSamples {
        call.arrays[name] = kernel.real(
          numbers[(first * given.row)..<((first + count) * given.row)])
      }
      for (name, numbers) in given.ofParameters { call.arrays[name] = kernel.real(numbers) }
      calls.append(call)
      first += count
    }
    let saved = try kernel.run(.forward, ranks: calls)
    for place in calls.indices { calls[place].arrays.merge(saved[place]) { given, _ in given } }
    let tangents = try kernel.run(.jvp, ranks: calls)
    let second = try kernel.run(.vjp2, ranks: calls)
    return zip(tangents, second).map { $0.merging($1) { $1 } }
  }

  private func largestDifference(_ found: [Double], _ expected: [Double]) -> Double {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1)) }
  }
}
