import Testing

@testable import NormGen

/// Running statistics as others have published them.
@Suite struct RunningStatisticsTests {
  /// The public test of the course Deep Learning Systems: ten batches of (4, 3) from NumPy's
  /// generator with the seeds 4 * 3 * 2 * i, then the running variance.
  @Test(arguments: [
    ("batch_norm_needle", [1.412775, 1.386191, 1.096604]),
    ("batch_norm", [1.767474, 1.732029, 1.345912]),
  ])
  func needleExpectsTheVarianceOfTheBatches(_ name: String, _ expected: [Double]) throws {
    let file = try ReferenceFile("batch_norm_needle")
    for engine in [Engine.jit, .cc(flags: ["-std=c11", "-O0"])] {
      let kernel = try #require(Zoo.shared.norm(name)).compile(engine: engine)
      var layer = try NormLayer(kernel, sizes: ["C": 3, "S": 1])
      for step in 0..<10 {
        let x = try #require(try file.array("\(step).in.x"))
        #expect(x.shape == [4, 3])
        _ = try layer.forward(["x": kernel.real(x.numbers)])
      }
      let found = try #require(layer["running_var"]).numbers
      for (a, b) in zip(found, expected) { #expect(abs(a - b) < 1e-6, "\(found)") }
      // Evaluation reads them, and has weight and bias.
      try layer.set("weight", to: .float32([2, 2, 2]))
      try layer.set("bias", to: .float32([1, 1, 1]))
      let pass = try layer.forward(["x": .float32([1, 1, 1])], .eval)
      let mean = try #require(layer["running_mean"]).numbers
      let y = try #require(pass["y"]).numbers
      for channel in 0..<3 {
        let unit = (1 - mean[channel]) / (found[channel] + 1e-5).squareRoot()
        #expect(abs(y[channel] - (2 * unit + 1)) < 1e-6)
      }
    }
  }

  /// `momentum` is the share of the new value, `decay` that of the old one.
  @Test(arguments: [("momentum: 0.1", 0.1), ("decay: 0.9", 0.1), ("decay: 0.1", 0.9)])
  func momentumIsSaidInBothConventions(_ argument: String, _ share: Double) throws {
    let clauses = """
      norm a(x[N, C]) -> y { scalar eps = 1e-5 reduce N center divide by std
        track ema(\(argument)) }
      """
    let equations = """
      norm b(x[N, C]) -> y {
        scalar eps = 1e-5
        state  m[C] = 0, v[C] = 1
        mean = mean[N](x)
        var  = var[N](x)
        train { a = mean s = var
          next m = ema(m, mean, \(argument)) next v = ema(v, var, \(argument)) }
        eval { a = m s = v }
        y = (x - a) / sqrt(s + eps)
      }
      """
    let batches = [[1.0, 10, 3, 30], [5, 20, 9, 60]]
    for (text, names) in [(clauses, ["running_mean", "running_var"]), (equations, ["m", "v"])] {
      var options = Options()
      options.type = .float64
      var layer = try NormLayer(Norm.parse(text)[0].compile(options), sizes: ["C": 2])
      var (mean, variance) = ([0.0, 0], [1.0, 1])
      for batch in batches {
        _ = try layer.forward(["x": .float64(batch)])
        for c in 0..<2 {
          let (first, second) = (batch[c], batch[c + 2])
          mean[c] = (1 - share) * mean[c] + share * (first + second) / 2
          variance[c] =
            (1 - share) * variance[c] + share * (first - second) * (first - second) / 4
        }
      }
      let found = try names.map { try #require(layer[$0]).numbers }
      #expect(scaledDeviation(mean, found[0]) < 1e-15)
      #expect(scaledDeviation(variance, found[1]) < 1e-15)
    }
  }

  @Test func aBareMomentumIsRefused() {
    let error = #expect(throws: SpecError.self) {
      try Norm.parse("norm a(x[N]) -> y { state s = 0 next s = ema(s, mean[N](x), 0.1) y = x }")
    }
    #expect(error?.description.contains("momentum") == true)
    #expect(error?.description.contains("decay") == true)
  }
}
