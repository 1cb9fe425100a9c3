import NormGen
import Testing

/// From the text of a norm to a kernel that is called: what the README shows.
@Suite struct NormCompilationTests {
  private static let layerNorm = """
    norm layer_norm(x[N..., C]) -> y {
      scalar eps = 1e-5
      reduce C
      center
      divide by std
      affine C
    }
    """

  private let norm: Norm
  private let x: [Float] = [1, 2, 4, 8, -3, 0, 5, 5]

  init() throws { norm = try Norm.parse(Self.layerNorm)[0] }

  /// Rows of four, by the formula in float64.
  private func expected(eps: Double = 1e-5) -> [Double] {
    stride(from: 0, to: x.count, by: 4).flatMap { start in
      let row = x[start..<start + 4].map { Double($0) }
      let mean = row.reduce(0, +) / 4
      let variance = row.map { ($0 - mean) * ($0 - mean) }.reduce(0, +) / 4
      return row.map { ($0 - mean) / (variance + eps).squareRoot() }
    }
  }

  @Test(arguments: [Engine.jit, .cc()])
  func aLayerGoesForwardAndBackward(engine: Engine) throws {
    var layer = try NormLayer(norm.compile(engine: engine), sizes: ["C": 4])
    let pass = try layer.forward(["x": .float32(x)])
    let y = try #require(pass["y"]?.numbers)
    for (found, expected) in zip(y, expected()) { #expect(abs(found - expected) < 1e-6) }
    let dy: [Float] = [1, 0, 0, 0, 0, 2, 0, 0]
    let gradients = try layer.backward(pass, ["y": .float32(dy)])
    #expect(gradients.keys.sorted() == ["bias", "weight", "x"])
    #expect(gradients["bias"] == .float32([1, 2, 0, 0]))
    // y does not change when a number is added to a row.
    let dx = try #require(gradients["x"]?.numbers)
    #expect(abs(dx[..<4].reduce(0, +)) < 1e-6 && abs(dx[4...].reduce(0, +)) < 1e-6)
    let dWeight = try #require(gradients["weight"]?.numbers)
    #expect(abs(dWeight[0] - y[0]) < 1e-6 && abs(dWeight[1] - 2 * y[5]) < 1e-6)
  }

  @Test func whatIsFixedNeedsNotBeGiven() throws {
    var options = Options()
    options.type = .float64
    options.sizes = ["C": 4]
    options.settings = ["eps": 0.5]
    let kernel = try norm.compile(options)
    #expect(kernel.sizeNames == ["N"])
    var layer = try NormLayer(kernel)
    #expect(layer.values.isEmpty && layer["weight"]?.count == 4)
    let pass = try layer.forward(["x": kernel.real(x.map { Double($0) })])
    let y = try #require(pass["y"]?.numbers)
    for (found, expected) in zip(y, expected(eps: 0.5)) { #expect(abs(found - expected) < 1e-14) }
  }

  @Test func initialValuesSeeSizesThatAreFixed() throws {
    let norm = try Norm.parse(
      "norm f(x[N, C]) -> y { param weight[C] = 1 / size(C)\n y = weight * x }")[0]
    var options = Options()
    options.sizes = ["C": 4]
    let layer = try NormLayer(norm.compile(options))
    #expect(layer["weight"] == .float32([0.25, 0.25, 0.25, 0.25]))
  }

  @Test func aCacheGivesTheSameKernelAgain() throws {
    let cache = KernelCache()
    let first = try norm.compile(cache: cache)
    #expect(try norm.compile(cache: cache) === first)
    #expect(try norm.compile() !== first)
    var options = Options()
    options.settings = ["eps": 0.5]
    #expect(try norm.compile(options, cache: cache) !== first)
    #expect(cache.count == 2)
  }

  @Test func optionsThatDoNotFitAreErrors() throws {
    func message(_ change: (inout Options) -> Void) -> String? {
      var options = Options()
      change(&options)
      do throws(KernelError) {
        _ = try norm.compile(options)
        return nil
      } catch {
        guard case .options(let message) = error else { return "\(error)" }
        return message
      }
    }
    #expect(message { $0.prefix = "ok" } == nil)
    #expect(
      message { $0.sizes = ["D": 4] } == "layer_norm has no size named 'D'; its sizes are N, C")
    #expect(message { $0.sizes = ["C": -1] } == "the size C is -1, below 0")
    #expect(
      message { $0.settings = ["epz": 1] }
        == "layer_norm has no scalar named 'epz'; did you mean 'eps'?")
    #expect(
      message { $0.layouts = ["x": ["C"]] }
        == "--layout x=C does not name each axis of x[N..., C] once")
    #expect(
      message { $0.prefix = "a b" }
        == "the prefix 'a b' is no name in C: use letters, digits and _")
  }
}
