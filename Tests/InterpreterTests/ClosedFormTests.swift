import Basics
import Foundation
import Syntax
import Testing

@testable import Interpreter

/// Whole norms, from the text of their specs, against the formulas of their gradients.
@Suite struct ClosedFormTests {
  private let eps = 1e-3

  /// Expects the output y and d_x of a training call to be `expected`.
  private func expect(
    _ text: String, sizes: [String: Int], x: [Double], g: [Double],
    others: [String: [Double]] = [:], is expected: (output: [Double], gradient: [Double]),
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var binding = Binding(sizes: sizes, inputs: others)
    binding.inputs["x"] = x
    let norm = try checkedNorm(text)
    if norm.values.contains(where: { $0.name == "eps" }) { binding.scalars["eps"] = eps }
    let y = try outputs(of: norm, binding)
    #expect(agree(y, expected.output, tolerance: 1e-13), sourceLocation: sourceLocation)
    let gradient = try #require(try gradients(of: norm, binding, seed: g)["x"])
    #expect(
      agree(gradient, expected.gradient, tolerance: 1e-12), "\(gradient) \(expected.gradient)",
      sourceLocation: sourceLocation)
  }

  private func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var generator = SplitMix64(seed: seed)
    return generator.numbers(count, in: -3...3)
  }

  /// The places of rows of length 7.
  private let rows = (0..<3).map { row in (0..<7).map { row * 7 + $0 } }

  @Test(arguments: ["std", "sqrt(var) + eps", "sqrt(unbiased_var[C](x) + eps)"])
  func centredNormsOfRows(divisor: String) throws {
    let (x, g) = (numbers(21, seed: 1), numbers(21, seed: 2))
    let expected = grouped(rows, x: x, g: g) { form in
      switch divisor {
      case "std": form.centred(eps: eps)
      case "sqrt(var) + eps": form.centredOutside(eps: eps)
      default: form.centredUnbiased(eps: eps)
      }
    }
    let text = """
      norm rows(x[N, C]) -> y { scalar eps = 1e-5 reduce C center divide by \(divisor) }
      """
    try expect(text, sizes: ["N": 3, "C": 7], x: x, g: g, is: expected)
  }

  @Test func rootMeanSquareNorm() throws {
    let (x, g) = (numbers(21, seed: 3), numbers(21, seed: 4))
    let expected = grouped(rows, x: x, g: g) { $0.uncentred(eps: eps) }
    let text = "norm rms(x[N, C]) -> y { scalar eps = 1e-5 reduce C divide by rms }"
    try expect(text, sizes: ["N": 3, "C": 7], x: x, g: g, is: expected)
  }

  @Test func softmax() throws {
    let (x, g) = (numbers(21, seed: 5), numbers(21, seed: 6))
    let expected = grouped(rows, x: x, g: g) { form in
      form.softmax(exponentials: form.x.map { exp($0) })
    }
    let text = """
      norm soft(x[N, C]) -> y {
        m = stop_gradient(max[C](x))
        e = exp(x - m)
        y = e / sum[C](e)
      }
      """
    try expect(text, sizes: ["N": 3, "C": 7], x: x, g: g, is: expected)
  }

  @Test func groupNormOfNeighbours() throws {
    // x[N = 2, C = 6, S = 4], three channels a group.
    let (x, g) = (numbers(48, seed: 7), numbers(48, seed: 8))
    let groups = (0..<4).map { group in (0..<12).map { group * 12 + $0 } }
    let expected = grouped(groups, x: x, g: g) { $0.centred(eps: eps) }
    let text = """
      norm groups(x[N, C, S...]) -> y {
        scalar eps = 1e-5 group C into G = 2 reduce C/G, S center divide by std
      }
      """
    try expect(text, sizes: ["N": 2, "C": 6, "S": 4], x: x, g: g, is: expected)
  }

  @Test func maskedNormOverTimeAndBatch() throws {
    // x[T = 3, B = 2, C = 4]; the mask has the axes the other way round.
    let (x, g) = (numbers(24, seed: 9), numbers(24, seed: 10))
    let valid: [Double] = [1, 0, 1, 1, 1, 0]
    let channels = (0..<4).map { c in (0..<6).map { $0 * 4 + c } }
    let byPlace = (0..<6).map { place in valid[place % 2 * 3 + place / 2] }
    let expected = grouped(channels, x: x, g: g) { $0.masked(eps: eps, mask: byPlace) }
    let text = """
      norm masked(x[T, B, C]) -> y {
        scalar eps = 1e-5 mask valid[B, T] reduce T, B where valid center divide by std
      }
      """
    try expect(
      text, sizes: ["T": 3, "B": 2, "C": 4], x: x, g: g, others: ["valid": valid], is: expected)
  }

  @Test func affineParametersGetTheSumsOverTheOtherAxes() throws {
    let norm = try checkedNorm(
      "norm ln(x[N, C]) -> y { scalar eps = 1e-3 reduce C center divide by std affine C }")
    let (x, dy) = (numbers(21, seed: 11), numbers(21, seed: 12))
    let (weight, bias) = (numbers(7, seed: 13), numbers(7, seed: 14))
    let g = dy.indices.map { dy[$0] * weight[$0 % 7] }
    let closed = grouped(rows, x: x, g: g) { $0.centred(eps: eps) }
    let binding = Binding(
      sizes: ["N": 3, "C": 7], inputs: ["x": x, "weight": weight, "bias": bias])
    let y = closed.output.indices.map { closed.output[$0] * weight[$0 % 7] + bias[$0 % 7] }
    #expect(agree(try outputs(of: norm, binding), y, tolerance: 1e-13))
    let found = try gradients(of: norm, binding, seed: dy)
    var (dWeight, dBias) = (Array(repeating: 0.0, count: 7), Array(repeating: 0.0, count: 7))
    for place in dy.indices {
      dWeight[place % 7] += dy[place] * closed.output[place]
      dBias[place % 7] += dy[place]
    }
    #expect(agree(found["x"] ?? [], closed.gradient, tolerance: 1e-12))
    #expect(agree(found["weight"] ?? [], dWeight))
    #expect(agree(found["bias"] ?? [], dBias))
  }

  @Test func batchNormTracksAndFreezes() throws {
    let norm = try checkedNorm(
      """
      norm bn(x[N, C, S...]) -> y {
        scalar eps = 1e-3, momentum = 0.1
        reduce N, S center divide by std track ema(momentum), unbiased affine C
      }
      """)
    // x[N = 2, C = 3, S = 4]
    let (x, g) = (numbers(24, seed: 15), numbers(24, seed: 16))
    let channels = (0..<3).map { c in (0..<8).map { $0 / 4 * 12 + c * 4 + $0 % 4 } }
    let closed = grouped(channels, x: x, g: g) { $0.centred(eps: eps) }
    var binding = Binding(sizes: ["N": 2, "C": 3, "S": 4], inputs: ["x": x])
    let interpreter = Interpreter(norm)
    let result = try interpreter.forward(phase: .train, binding)
    #expect(agree(result.outputs["y"] ?? [], closed.output, tolerance: 1e-13))
    let back = try interpreter.backward(result, outputGradients: ["y": g])
    #expect(agree(back.gradients["x"] ?? [], closed.gradient))
    let forms = channels.map { places in ClosedForm(x: places.map { x[$0] }, g: []) }
    let means = forms.map { 0.1 * ($0.x[0] - $0.deviations[0]) }
    let variances = forms.map { 1 + 0.1 * ($0.variance * 8 / 7 - 1) }
    #expect(agree(result.states["running_mean"] ?? [], means))
    #expect(agree(result.states["running_var"] ?? [], variances))
    for (name, state) in result.states { binding.inputs[name] = state }
    let frozen = try interpreter.forward(phase: .eval, binding)
    #expect(frozen.states == result.states)
    let rates = variances.map { 1 / ($0 + eps).squareRoot() }
    let y = x.indices.map { (x[$0] - means[$0 / 4 % 3]) * rates[$0 / 4 % 3] }
    #expect(agree(frozen.outputs["y"] ?? [], y))
    let frozenBack = try interpreter.backward(frozen, outputGradients: ["y": g])
    #expect(agree(frozenBack.gradients["x"] ?? [], g.indices.map { g[$0] * rates[$0 / 4 % 3] }))
  }

  @Test func clausesEqualTheirEquationsToTheLastBit() throws {
    let clauses = try checkedNorm(
      "norm ln(x[N, C]) -> y { scalar eps = 1e-3 reduce C center divide by std affine C }")
    let equations = try checkedNorm(
      """
      norm by_hand(x[N, C]) -> y {
        scalar eps = 1e-3
        param weight[C] = 1, bias[C] = 0
        mean = mean[C](x)
        var  = var[C](x)
        y    = (x - mean) / sqrt(var + eps) * weight + bias
      }
      """)
    let binding = Binding(
      sizes: ["N": 3, "C": 7],
      inputs: ["x": numbers(21, seed: 17), "weight": numbers(7, seed: 18)])
    let seed = numbers(21, seed: 19)
    #expect(try outputs(of: clauses, binding) == outputs(of: equations, binding))
    #expect(
      try gradients(of: clauses, binding, seed: seed)
        == gradients(of: equations, binding, seed: seed))
  }
}
