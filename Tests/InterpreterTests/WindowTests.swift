import Basics
import Syntax
import Testing

@testable import Interpreter

@Suite struct WindowTests {
  /// The sum over the places `c + low ... c + high` of an axis.
  private func windowed(_ x: [Double], _ low: Int, _ high: Int) -> [Double] {
    x.indices.map { place in
      (low...high).reduce(0.0) { sum, offset in
        x.indices.contains(place + offset) ? sum + x[place + offset] : sum
      }
    }
  }

  @Test(arguments: [(-2, 1), (0, 0), (1, 2), (-9, 9), (-1_000_000_000, 1_000_000_000)])
  func aWindowTakesWhatLiesOnTheAxis(low: Int, high: Int) throws {
    let norm = try checkedNorm(
      """
      norm f(x[N, C]) -> y {
        y = sum[C: \(low)...\(high)](x^2) + count[C: \(low)...\(high)](true)
      }
      """)
    var generator = SplitMix64(seed: 9)
    let x = generator.numbers(10, in: -2...2)
    let binding = Binding(sizes: ["N": 2, "C": 5], inputs: ["x": x])
    let bounded = (max(low, -5), min(high, 5))
    let counts = windowed([1, 1, 1, 1, 1], bounded.0, bounded.1)
    let expected = [x[..<5], x[5...]].flatMap { row in
      let sums = windowed(row.map { $0 * $0 }, bounded.0, bounded.1)
      return zip(sums, counts).map(+)
    }
    #expect(agree(try outputs(of: norm, binding), expected))
  }

  /// Of equals, the first place in the order of the axes, not of the window, gets the gradient.
  @Test func theFirstOfEqualsIsThatOfAllAxes() throws {
    let interpreter = Interpreter(
      try checkedNorm("norm f(x[N, C]) -> y { y = max[C: 0...1, N](x) }"))
    let binding = Binding(sizes: ["N": 3, "C": 2], inputs: ["x": [0, 1, 0, -1, 1, 1]])
    let forward = try interpreter.forward(phase: .train, binding)
    let backward = try interpreter.backward(forward, outputGradients: ["y": [7, 2]])
    #expect(backward.gradients["x"] == [0, 9, 0, 0, 0, 0])
  }

  @Test func windowsAlongTwoAxesAreABox() throws {
    let norm = try checkedNorm(
      """
      norm f(x[H, W, C]) -> y[H, W] {
        mask valid[H, W]
        y = mean[H: -1...1, W: 0...1, C](x where valid)
      }
      """)
    let x = (0..<24).map(Double.init)
    let valid: [Double] = [1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0]
    let binding = Binding(
      sizes: ["H": 3, "W": 4, "C": 2], inputs: ["x": x, "valid": valid])
    var expected: [Double] = []
    for h in 0..<3 {
      for w in 0..<4 {
        var (sum, count) = (0.0, 0.0)
        for i in max(0, h - 1)...min(2, h + 1) {
          for j in w...min(3, w + 1) where valid[4 * i + j] != 0 {
            sum += x[8 * i + 2 * j] + x[8 * i + 2 * j + 1]
            count += 2
          }
        }
        expected.append(count == 0 ? 0 : sum / count)
      }
    }
    #expect(agree(try outputs(of: norm, binding), expected))
  }

  @Test(
    arguments: [
      "x / (1 + 0.3 * sum[C: -2...1](x^2))^0.75", "x - mean[C: -1...1](x)",
      "x * max[C: 0...2](x)", "var[C: -1...2](x) + x", "unbiased_var[C: -1...2, N](x) * x",
      "x * sum[C: -1...1, N](x where x > -1)",
    ])
  func gradientsThroughWindowsAgreeWithDifferences(formula: String) throws {
    let norm = try checkedNorm("norm f(x[N, C]) -> y { y = \(formula) }")
    var generator = SplitMix64(seed: 21)
    let binding = Binding(
      sizes: ["N": 2, "C": 5], inputs: ["x": generator.numbers(10, in: -2...2)])
    try expectGradient(of: norm, binding, by: "x", seed: 22)
  }

  @Test func aSplitAxisHasNeighboursAcrossItsGroups() throws {
    let norm = try checkedNorm(
      """
      norm f(x[C]) -> y {
        group C into G = 2
        y = sum[C: 0...1](x) + 0 * mean[C/G](x)
      }
      """)
    let binding = Binding(sizes: ["C": 4], inputs: ["x": [1, 2, 3, 4]])
    #expect(agree(try outputs(of: norm, binding), [3, 5, 7, 4]))
  }
}
