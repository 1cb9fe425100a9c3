import Basics
import Syntax
import Testing

@testable import Interpreter

@Suite struct LookUpTests {
  private func binding(class classes: [Double]) -> Binding {
    var generator = SplitMix64(seed: 3)
    return Binding(
      sizes: ["N": 4, "C": 2],
      inputs: [
        "x": generator.numbers(8, in: -2...2), "class": classes,
        "weight": generator.numbers(6, in: -2...2),
      ])
  }

  @Test func anIndexPicksForEachElement() throws {
    let norm = try checkedNorm(
      """
      norm f(x[N, C]) -> y {
        axis  K = 3
        index class[N] of K
        param weight[K, C] = 1
        y = x * weight[class] + class
      }
      """)
    let binding = binding(class: [2, 0, 2, 1])
    let x = try #require(binding.inputs["x"])
    let weight = try #require(binding.inputs["weight"])
    var expected: [Double] = []
    var received = [Double](repeating: 0, count: 6)
    for (n, k) in [2, 0, 2, 1].enumerated() {
      for c in 0..<2 {
        expected.append(x[2 * n + c] * weight[2 * k + c] + Double(k))
        received[2 * k + c] += x[2 * n + c]
      }
    }
    #expect(agree(try outputs(of: norm, binding), expected))
    let seed = [Double](repeating: 1, count: 8)
    let found = try gradients(of: norm, binding, seed: seed)
    #expect(agree(try #require(found["weight"]), received))
  }

  @Test func gradientsOfPickedStatisticsAgreeWithDifferences() throws {
    let norm = try checkedNorm(
      """
      norm f(x[N, C]) -> y {
        axis  K = 3
        index class[N] of K
        param weight[K, C] = 1
        m = mean[N](x^2 where class == index(K))
        y = x * weight[class] / sqrt(m[class] + 0.1)
      }
      """)
    let binding = binding(class: [2, 0, 2, 1])
    for name in ["x", "weight"] {
      try expectGradient(of: norm, binding, by: name, seed: 8)
    }
  }

  @Test func aStatePerClassStaysWhereTheClassIsMissing() throws {
    let norm = try checkedNorm(
      """
      norm f(x[N, C]) -> y {
        axis  K = 3
        index class[N] of K
        state running[K, C] = 7
        m = mean[N](x where class == index(K))
        next running = m
        y = x - m[class]
      }
      """)
    var binding = binding(class: [2, 2, 2, 2])
    binding.inputs["weight"] = nil
    let x = try #require(binding.inputs["x"])
    let result = try Interpreter(norm).forward(phase: .train, binding)
    let means = (0..<2).map { c in [0, 2, 4, 6].reduce(0.0) { $0 + x[$1 + c] } / 4 }
    #expect(agree(try #require(result.states["running"]), [7, 7, 7, 7] + means))
  }

  @Test(arguments: [-1, 3, 0.5, .nan, .infinity])
  func anIndexOutOfRangeIsRefused(place: Double) throws {
    let norm = try checkedNorm(
      """
      norm f(x[N]) -> y {
        axis  K = 3
        index class[N] of K
        param weight[K] = 1
        y = x * weight[class]
      }
      """)
    let binding = Binding(sizes: ["N": 2], inputs: ["x": [1, 2], "class": [0, place]])
    #expect {
      try Interpreter(norm).forward(phase: .train, binding)
    } throws: { error in
      guard case .indexOutOfRange("class", _, extent: 3) = error as? InterpreterError else {
        return false
      }
      return true
    }
  }
}
