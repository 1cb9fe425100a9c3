import NormGen
import Testing

/// From a norm to a kernel, with C written by hand in the compiler's place.
@Suite struct NormKernelTests {
  /// Has the values of `ScaleKernel`, with standards for its scalars.
  private let norm: Norm

  init() throws {
    norm = try Norm.parse(
      """
      norm scale(x[N, C]) -> y {
        scalar factor = 0.25, negate = true
        param  weight[C] = size(C)
        state  phi[C] = 3, nu[C] = -factor
        next phi = phi + 1
        next nu = nu + 1
        y = if negate then -factor * weight * x else x
      }
      """)[0]
  }

  @Test func scalarsMayBeLeftOut() throws {
    let kernel = try norm.kernel { _, _ in ScaleKernel.compiled }
    var example = ScaleExample()
    example.factor = 0.25
    let standard = try kernel.run(.forward, arrays: example.inputs, values: ["step": 0])
    #expect(standard["y"] == .float32(example.y))
    example.negate = false
    let given = try kernel.run(
      .forward, arrays: example.inputs, values: ["step": 0, "negate": false])
    #expect(given["y"] == .float32(example.y))
  }

  @Test func aLayerBeginsAsTheSourceSays() throws {
    let kernel = try norm.kernel { _, _ in ScaleKernel.compiled }
    let layer = try NormLayer(kernel, sizes: ["C": 4], initial: ["phi": 7])
    #expect(layer["weight"] == .float32([4, 4, 4, 4]))
    #expect(layer["phi"] == .float32([7, 7, 7, 7]))
    #expect(layer["nu"] == .float32([-0.25, -0.25, -0.25, -0.25]))
    #expect(layer.values == ["factor": 0.25, "negate": true, "step": 0])
    #expect(
      throws: KernelError.unknownArgument(
        "gain",
        known: [
          "factor", "negate", "nu", "phi", "step", "weight",
        ])
    ) { try NormLayer(kernel, sizes: ["C": 4], initial: ["gain": 1]) }
  }

  @Test func theCacheSparesTheTranslation() throws {
    let cache = KernelCache()
    var translations = 0
    for _ in 0..<3 {
      _ = try norm.kernel(cache: cache) { _, _ in
        translations += 1
        return ScaleKernel.compiled
      }
    }
    #expect(translations == 1)
    _ = try norm.kernel { _, _ in
      translations += 1
      return ScaleKernel.compiled
    }
    #expect(translations == 2 && cache.count == 1)
  }

  @Test func errorsOfTheTranslationPassThrough() {
    #expect(throws: KernelError.options("these")) {
      try norm.kernel(cache: KernelCache()) { (_, _) throws(KernelError) in throw .options("these")
      }
    }
  }
}
