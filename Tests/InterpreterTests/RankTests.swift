import Basics
import Syntax
import Testing

@testable import Interpreter

@Suite struct RankTests {
  /// The rows of four processes, one of which has none.
  private static let rows = [3, 1, 0, 4]
  private static let channels = 2

  /// A binding for each process, and one that holds all rows.
  private func bindings(seed: UInt64) -> (ranks: [Binding], whole: Binding) {
    var generator = SplitMix64(seed: seed)
    var ranks: [Binding] = []
    var whole = Binding(sizes: ["N": 0, "C": Self.channels], inputs: ["x": [], "valid": []])
    let weight = generator.numbers(Self.channels, in: 0.5...2)
    for count in Self.rows {
      let x = generator.numbers(count * Self.channels, in: -2...2)
      let valid = (0..<count).map { $0 % 3 == 1 ? 0.0 : 1.0 }
      ranks.append(
        Binding(
          sizes: ["N": count, "C": Self.channels],
          inputs: ["x": x, "valid": valid, "weight": weight]))
      whole.sizes["N", default: 0] += count
      whole.inputs["x", default: []] += x
      whole.inputs["valid", default: []] += valid
    }
    whole.inputs["weight"] = weight
    return (ranks, whole)
  }

  private static let exact = """
    norm f(x[N, C]) -> y {
      param weight[C] = 1
      mask  valid[N]
      state running[C] = 0
      train {
        mean = mean[RANKS N](x where valid)
        var  = unbiased_var[RANKS N](x where valid)
        top  = max[RANKS N](x)
        sum  = sum[RANKS N](x) / count[RANKS N](true)
        next running = mean + var
        y = (x - mean) / sqrt(var + 0.1) * weight * top + sum
      }
      eval { y = (x - running) * weight * (if valid then 1 else 2) }
    }
    """

  @Test func ranksTogetherAreOneProcessThatHoldsEverything() throws {
    let ranked = Interpreter(
      try checkedNorm(Self.exact.replacing("RANKS", with: "ranks,")))
    let single = Interpreter(try checkedNorm(Self.exact.replacing("RANKS ", with: "")))
    let (ranks, whole) = bindings(seed: 31)
    let results = try ranked.forward(phase: .train, ranks: ranks)
    let expected = try single.forward(phase: .train, whole)
    #expect(agree(results.flatMap { $0.outputs["y"] ?? [] }, expected.outputs["y"] ?? [.nan]))
    for result in results {
      #expect(agree(result.states["running"] ?? [], expected.states["running"] ?? [.nan]))
    }
    var generator = SplitMix64(seed: 32)
    let adjoint = generator.numbers(whole.inputs["x"]?.count ?? 0, in: -2...2)
    var rest = adjoint[...]
    let parts = Self.rows.map { count in
      defer { rest = rest.dropFirst(count * Self.channels) }
      return ["y": Array(rest.prefix(count * Self.channels))]
    }
    let back = try ranked.backward(
      ranks: results, outputGradients: parts, backwardStates: ranks.map { _ in [:] })
    let one = try single.backward(expected, outputGradients: ["y": adjoint])
    #expect(agree(back.flatMap { $0.gradients["x"] ?? [] }, one.gradients["x"] ?? [.nan]))
    let weights = (0..<Self.channels).map { c in
      back.reduce(0.0) { $0 + ($1.gradients["weight"]?[c] ?? .nan) }
    }
    #expect(agree(weights, one.gradients["weight"] ?? [.nan]))
  }

  @Test func aMeanOfMeansCountsRanks() throws {
    let interpreter = Interpreter(
      try checkedNorm(
        """
        norm f(x[N, C]) -> y {
          train { y = x - mean[ranks](mean[N](x)) }
          eval { y = x }
        }
        """))
    let ranks = bindings(seed: 33).ranks.map {
      Binding(sizes: $0.sizes, inputs: $0.inputs.filter { $0.key == "x" })
    }
    let results = try interpreter.forward(phase: .train, ranks: ranks)
    var means = [0.0, 0.0]
    for (rank, count) in zip(ranks, Self.rows) where count > 0 {
      for (place, x) in (rank.inputs["x"] ?? []).enumerated() {
        means[place % 2] += x / Double(count) / Double(Self.rows.count)
      }
    }
    for (result, rank) in zip(results, ranks) {
      let x = rank.inputs["x"] ?? []
      #expect(agree(result.outputs["y"] ?? [.nan], x.indices.map { x[$0] - means[$0 % 2] }))
    }
    let back = try interpreter.backward(
      ranks: results, outputGradients: ranks.map { ["y": ($0.inputs["x"] ?? []).map { _ in 1 }] },
      backwardStates: ranks.map { _ in [:] })
    // Each of the 8 rows passes -1 / 4 to the mean of each rank, which passes its share on.
    for (result, count) in zip(back, Self.rows) {
      let expected = (0..<count * 2).map { _ in 1 - 8.0 / 4 / Double(count) }
      #expect(agree(result.gradients["x"] ?? [.nan], expected))
    }
  }

  @Test func aGradientBlockSumsOverRanks() throws {
    let text = """
      norm f(x[N, C]) -> y {
        state nu[C] = 0
        train {
          y = 2 * x
          gradient of y by dy {
            total   = mean[RANKS N](dy * y)
            next nu = nu + total
            grad x  = dy - total
          }
        }
        eval { y = 2 * x }
      }
      """
    let ranked = Interpreter(try checkedNorm(text.replacing("RANKS", with: "ranks,")))
    let single = Interpreter(try checkedNorm(text.replacing("RANKS ", with: "")))
    let (bindings, all) = bindings(seed: 35)
    let ranks = bindings.map {
      Binding(sizes: $0.sizes, inputs: $0.inputs.filter { $0.key == "x" })
    }
    let whole = Binding(sizes: all.sizes, inputs: all.inputs.filter { $0.key == "x" })
    let results = try ranked.forward(phase: .train, ranks: ranks)
    let back = try ranked.backward(
      ranks: results, outputGradients: ranks.map { ["y": $0.inputs["x"] ?? []] },
      backwardStates: ranks.map { _ in [:] })
    let one = try single.backward(
      try single.forward(phase: .train, whole), outputGradients: ["y": whole.inputs["x"] ?? []])
    #expect(agree(back.flatMap { $0.gradients["x"] ?? [] }, one.gradients["x"] ?? [.nan]))
    for result in back {
      #expect(agree(result.states["nu"] ?? [], one.states["nu"] ?? [.nan]))
    }
  }

  @Test func resultsOfDifferentSizesAreRefused() throws {
    let interpreter = Interpreter(
      try checkedNorm(
        "norm f(x[N]) -> y { train { y = x - mean[ranks](x) } eval { y = x } }"))
    let ranks = [3, 4].map {
      Binding(sizes: ["N": $0], inputs: ["x": [Double](repeating: 1, count: $0)])
    }
    #expect(throws: InterpreterError.ranksDiffer) {
      try interpreter.forward(phase: .train, ranks: ranks)
    }
  }

  @Test func oneProcessIsItsOwnRank() throws {
    let text = "norm f(x[N, C]) -> y { train { y = x - sum[RANKS N](x) } eval { y = x } }"
    let binding = Binding(sizes: ["N": 2, "C": 2], inputs: ["x": [1, 2, 3, 5]])
    for axes in ["", "ranks,"] {
      let norm = try checkedNorm(text.replacing("RANKS", with: axes))
      #expect(agree(try outputs(of: norm, binding), [-3, -5, -1, -2]))
    }
  }
}
