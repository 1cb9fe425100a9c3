import Basics
import Interpreter
import NormGen
import Syntax
import Testing

/// Indices as C arguments, against the interpreter.
@Suite struct LookUpTests {
  private static let text = """
    norm conditional(x[N, C, S]) -> y {
      scalar eps = 1e-5
      axis   K = 10, D = 3
      index  label[N] of K
      index  domain[N] of D
      param  weight[K, C] = 1
      state  running[D, C] = 0
      train {
        mean         = mean[N, S](x where domain == index(D))
        next running = ema(running, mean, momentum: 0.1)
      }
      eval { mean = running }
      y = (x - mean[domain]) * weight[label] + (if domain < 1 then 1 else eps)
    }
    """

  private func numbers(_ count: Int, seed: UInt64) -> [Double] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in .random(in: -2..<2, using: &random) }
  }

  private let classes: [Double] = [9, 0, 3, 3, 7]
  private let domains: [Double] = [2, 0, 2, 0, 2]

  @Test(arguments: [Engine.jit, .cc()], [Kernel.Phase.train, .eval])
  func kernelsAgreeWithTheInterpreter(engine: Engine, phase: Kernel.Phase) throws {
    var options = Options()
    options.type = .float64
    let norm = try #require(try Norm.parse(Self.text).last)
    let kernel = try norm.compile(options, engine: engine)
    var layer = try NormLayer(kernel, sizes: ["C": 4])
    let (x, dy) = (numbers(60, seed: 1), numbers(60, seed: 2))
    let (weight, running) = (numbers(40, seed: 3), numbers(12, seed: 4))
    try layer.set("weight", to: .float64(weight))
    try layer.set("running", to: .float64(running))
    let pass = try layer.forward(
      [
        "x": .float64(x), "label": .int64(classes.map { Int64($0) }),
        "domain": .int64(domains.map { Int64($0) }),
      ], phase)
    let gradients = try layer.backward(pass, ["y": .float64(dy)])
    let interpreter = Interpreter(norm.checked)
    let binding = Binding(
      sizes: ["N": 5, "C": 4, "S": 3],
      inputs: [
        "x": x, "label": classes, "domain": domains, "weight": weight, "running": running,
      ])
    let result = try interpreter.forward(phase: phase == .train ? .train : .eval, binding)
    let back = try interpreter.backward(result, outputGradients: ["y": dy])
    func check(_ found: KernelArray?, _ expected: [Double]?, _ name: String) throws {
      let (found, expected) = (try #require(found).numbers, try #require(expected))
      let worst = zip(found, expected).reduce(0.0) { max($0, abs($1.0 - $1.1)) }
      #expect(found.count == expected.count && worst < 1e-12, "\(name) is off by \(worst)")
    }
    try check(pass["y"], result.outputs["y"], "y")
    try check(layer["running"], result.states["running"], "running")
    try check(gradients["x"], back.gradients["x"], "d_x")
    try check(gradients["weight"], back.gradients["weight"], "d_weight")
  }

  @Test(arguments: [-1, 10, Int64.min, Int64.max])
  func anIndexOutOfRangeChangesNothing(place: Int64) throws {
    let norm = try #require(try Norm.parse(Self.text).last)
    let kernel = try norm.compile()
    var layer = try NormLayer(kernel, sizes: ["C": 4])
    let before = layer.arrays
    let x = kernel.real(numbers(60, seed: 1))
    #expect {
      _ = try layer.forward([
        "x": x, "label": .int64([0, 1, place, 3, 4]), "domain": .int64([0, 1, 2, 0, 1]),
      ])
    } throws: { error in
      guard case .status(_, _, let text) = error as? KernelError else { return false }
      return text == "an index is no place of its axis"
    }
    #expect(layer.arrays == before)
  }
}
