import NormGen
import Testing

/// What a mask leaves out is not read: NaN and infinity there change nothing.
@Suite struct MaskTests {
  static let norms = [
    """
    norm masked_layer_norm(x[N, C]) -> y {
      scalar eps = 1e-5
      param  weight[C] = 1, bias[C] = 0
      mask   valid[N, C]
      mean = mean[C](x where valid)
      var  = mean[C]((x - mean)^2 where valid)
      y    = if valid then (x - mean) / sqrt(var + eps) * weight + bias else 0
    }
    """,
    """
    norm masked_batch_norm(x[N, C, S...]) -> y {
      scalar eps = 1e-5
      param  weight[C] = 1, bias[C] = 0
      mask   valid[N, S]
      state  power[C] = 1
      mean = mean[N, S](x where valid)
      var  = unbiased_var[N, S](x where valid)
      next power = ema(power, mean[N, S](x^2 where valid), momentum: 0.25)
      y    = if valid then (x - mean) / sqrt(var + eps) * weight + bias else 0
    }
    """,
    """
    norm masked_softmax(x[N, C]) -> y {
      mask valid[N, C]
      m = stop_gradient(max[C](x where valid))
      e = if valid then exp(x - m) else 0
      s = sum[C](e)
      y = if valid then e / s else 0
    }
    """,
    """
    norm masked_extent(x[N, C]) -> y {
      mask valid[N, C]
      most  = max[C](x where valid)
      least = min[C](x where valid)
      y = if valid then (x - least) / (most - least + 1) else 0
    }
    """,
    """
    norm masked_lengths(x[N, C]) -> y {
      mask valid[N, C]
      length = sqrt(sum[C](x^2 where valid))
      scale  = mean[N](length where length > 0)
      y = if valid and length > 0 then x / length * scale else 0
    }
    """,
  ]

  @Test(arguments: norms, Options.Scalar.wide)
  func whatIsMaskedOutChangesNothing(_ text: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm(text: text)
    let engines = [TestedEngine.jit, .gcc]
    let kernels = try engines.map { try kernel(norm, type, $0.engine()) }
    for phase in norm.phases {
      for (index, lengths) in [[3, 5, 4], [7, 70, 9], [70, 3, 17], [2, 4200, 3]].enumerated() {
        let sizes = norm.sizes { lengths[$0 % 3] }
        let call = try TestCall(norm, type, phase, sizes: sizes, seed: UInt64(index))
        let expected = try call.reference()
        for (engine, kernel) in zip(engines, kernels) {
          let clean = try call.outcome(of: kernel)
          expectSameBits(clean, expected, "\(engine.rawValue), \(call)")
          // What is saved may be infinite: a maximum of nothing is.
          #expect(clean.forward["y"]?.allSatisfy(\.isFinite) == true)
          #expect(clean.backward.values.allSatisfy { $0.allSatisfy(\.isFinite) })
          for poison in [Double.nan, .infinity, -.infinity] {
            let poisoned = try poisoned(call, with: poison).outcome(of: kernel)
            expectSameBits(poisoned, clean, "\(engine.rawValue), \(poison), \(call)")
          }
        }
      }
    }
  }

  /// The call with `poison` in each place of x and d_y that is masked out.
  private func poisoned(_ call: TestCall, with poison: Double) throws -> TestCall {
    let values = call.norm.checked.values
    let mask = try #require(values.first { $0.name == "valid" })
    let tensor = try #require(values.first { $0.name == "x" })
    let valid = try #require(call.numbers["valid"])
    // For each element of x, its place in the mask.
    var places = [0]
    for dimension in tensor.dimensions {
      let extent = call.sizes[dimension.name] ?? 1
      let inner = mask.dimensions.drop { $0.name != dimension.name }.dropFirst()
      let has = mask.dimensions.contains { $0.name == dimension.name }
      let stride = has ? inner.reduce(1) { $0 * (call.sizes[$1.name] ?? 1) } : 0
      places = places.flatMap { place in (0..<extent).map { place + $0 * stride } }
    }
    #expect(places.contains { valid[$0] == 0 })
    var call = call
    for name in ["x", "d_y"] {
      let numbers = try #require(call.numbers[name])
      call.numbers[name] = numbers.indices.map { valid[places[$0]] == 0 ? poison : numbers[$0] }
    }
    return call
  }

  /// Where everything is masked out, results are those of nothing, and no NaN.
  @Test(arguments: norms) func allMayBeMaskedOut(_ text: String) throws {
    let norm = try TestNorm(text: text)
    let kernel = try kernel(norm, .float32, .jit)
    var call = try TestCall(norm, .float32, .train, sizes: norm.sizes { [3, 5, 4][$0 % 3] })
    call.numbers["valid"] = call.numbers["valid"]?.map { _ in 0 }
    call.numbers["x"] = call.numbers["x"]?.map { _ in .nan }
    call.numbers["d_y"] = call.numbers["d_y"]?.map { _ in .nan }
    let found = try call.outcome(of: kernel)
    expectSameBits(found, try call.reference(), "\(call)")
    #expect(found.forward["y"]?.allSatisfy { $0 == 0 } == true)
    for gradient in ["d_x", "d_weight", "d_bias"] {
      #expect(found.backward[gradient]?.allSatisfy { $0 == 0 } != false, "\(gradient)")
    }
  }
}
