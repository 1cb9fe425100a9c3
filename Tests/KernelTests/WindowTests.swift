import Basics
import Interpreter
import NormGen
import Syntax
import Testing

/// Windows as compiled loops, against the interpreter.
@Suite struct WindowTests {
  private static let norms = [
    "norm f(x[N, C, S]) -> y { y = x / (1 + 0.3 * sum[C: -2...1](x^2))^0.75 }",
    """
    norm f(x[N, C, S]) -> y {
      m = mean[N: -1...1, S: 0...2, C](x where x > -1)
      c = x - m
      v = sum[S: -3...3](mean[C](c^2)) / 7
      y = c / sqrt(v + 1)
    }
    """,
    "norm f(x[N, C, S]) -> y { group C into G = 2  y = x * max[C: 0...2](x) - mean[C/G](x) }",
    "norm f(x[N, C, S]) -> y { y = x + unbiased_var[C: -1...1, N](x) + count[S: 1...2](true) }",
    // Windows along the first axes of a run.
    "norm f(x[N, C, S]) -> y { y = x * sum[N: -1...1, C, S](x) - mean[C: 0...1, S](x) }",
  ]

  private func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in .random(in: -2..<2, using: &random) }
  }

  @Test(arguments: norms.indices, [Engine.jit, .cc()])
  func kernelsAgreeWithTheInterpreter(place: Int, engine: Engine) throws {
    var options = Options()
    options.type = .float64
    let norm = try #require(try Norm.parse(Self.norms[place]).last)
    var layer = try NormLayer(norm.compile(options, engine: engine))
    let (x, dy) = (numbers(90, seed: 1), numbers(90, seed: 2))
    let sizes = ["N": 3, "C": 6, "S": 5]
    let pass = try layer.forward(["x": .float64(x)], sizes: sizes)
    let gradients = try layer.backward(pass, ["y": .float64(dy)])
    let interpreter = Interpreter(norm.checked)
    let result = try interpreter.forward(
      phase: .train, Binding(sizes: sizes, inputs: ["x": x]))
    let back = try interpreter.backward(result, outputGradients: ["y": dy])
    for (found, expected) in [
      (pass["y"], result.outputs["y"]), (gradients["x"], back.gradients["x"]),
    ] {
      let pairs = zip(try #require(found).numbers, try #require(expected))
      let worst = pairs.reduce(0.0) { max($0, abs($1.0 - $1.1)) }
      #expect(worst < 1e-12, "off by \(worst)")
    }
  }

  /// Windows of which some begin in one block of the run and end in the next.
  @Test(arguments: [Engine.jit, .cc()])
  func aWindowTakesWholeRowsOfARun(engine: Engine) throws {
    var options = Options()
    options.type = .float64
    let norm = try #require(
      try Norm.parse("norm f(x[N, C]) -> v { v = sum[N: -2...1, C](x) }").last)
    let (count, length) = (3000, 7)
    let x = numbers(count * length, seed: 3)
    let sums = (0..<count).map { n in x[n * length..<(n + 1) * length].reduce(0, +) }
    var layer = try NormLayer(norm.compile(options, engine: engine))
    let pass = try layer.forward(["x": .float64(x)], sizes: ["N": count, "C": length])
    let found = try #require(pass["v"]).numbers
    for n in 0..<count {
      let expected = sums[max(n - 2, 0)...min(n + 1, count - 1)].reduce(0, +)
      #expect(abs(found[n] - expected) < 1e-12, "at \(n)")
    }
  }

  @Test func whatIsSavedIsSavedOnce() throws {
    let kernel = try #require(try Norm.parse(Self.norms[0]).last).compile()
    let saved = try kernel.arguments(of: .backward).filter { $0.role == "saved" }
    #expect(saved.allSatisfy { $0.axes.allSatisfy { ["N", "C", "S"].contains($0) } })
    #expect(saved.count { $0.axes.count == 3 } == 1)
  }
}
