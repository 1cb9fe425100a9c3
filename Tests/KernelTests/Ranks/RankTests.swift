import NormGen
import Testing

/// Functions that several processes compute together.
@Suite struct RankTests {
  /// Every kind of statistic, with a mask, a state, and two that read others over ranks.
  private static let everything = """
    norm f(x[N, C, S...]) -> y {
      scalar eps = 0.1
      param weight[C] = 1
      mask  valid[N]
      state running[C] = 0
      train {
        mean     = mean[RANKS N, S](x where valid)
        var      = unbiased_var[RANKS N, S](x where valid)
        distance = mean[RANKS N](abs(x - mean))
        top      = stop_gradient(max[RANKS N, S](x) - min[RANKS N, S](x where valid))
        sum      = sum[RANKS N, S](x) / count[RANKS N](valid)
        next running = ema(running, mean * distance[RUN], momentum: 0.25)
        y = (x - mean) / sqrt(var + eps) * weight * top + sum * distance
      }
      eval { y = (x - running) * weight * (if valid then 1 else 2) }
    }
    """

  private static let texts = [
    everything.replacing(" * distance[RUN]", with: " * var"),
    """
    norm f(x[N, C, S...]) -> y {
      param weight[C] = 1
      state running[C] = 1
      train {
        v = mean[RANKS N, S](x^2)
        next running = v
        y = weight * x / sqrt(v + 0.1) * size(C) / count[RANKS N](true)
      }
      eval { y = x * weight / running }
    }
    """,
    """
    norm f(x[N, C, S...]) -> y {
      param weight[C] = 1
      state running[C] = 0
      train {
        m = mean[RANKS N, C, S](x)
        d = mean[RANKS N, S](abs(x - m))
        s = sum[RANKS N, S](exp(x / d - 3))
        next running = ema(running, s, momentum: 0.5)
        y = weight * (x - m) / d + s
      }
      eval { y = x * weight + running }
    }
    """,
    """
    norm f(x[N, C, S...]) -> y {
      param weight[C] = 1
      state running[C] = 0
      train {
        own  = mean[C, S](x)
        mean = mean[RANKS N, S](own)
        var  = var[RANKS N, S](own)
        next running = ema(running, weight + mean, momentum: 0.5)
        y = weight * (x - mean) / (var + 1) + sum[RANKS N](weight)
      }
      eval { y = x * weight + running }
    }
    """,
    """
    norm f(x[N, C, S]) -> y {
      group C, S as D of G = 5
      param weight[C] = 1
      mask  valid[N]
      state running[C] = 0
      train {
        m = mean[RANKS N, D/G](x where valid)
        v = unbiased_var[RANKS N, D](x) + stop_gradient(max[RANKS N, D/G](x)) / count[RANKS N, D](x)
        next running = ema(running, mean[RANKS N, S](x), momentum: 0.5)
        y = weight * (x - m) / sqrt(v + 0.1) + sum[RANKS N, D/G](x)
      }
      eval { y = x * weight + running }
    }
    """,
  ]

  private static let deals = [
    [8], [3, 5], [4, 0, 4], [3, 1, 0, 4], [0, 8], [1, 1, 1, 1, 1, 1, 1, 1],
  ]

  private static let engines: [TestedEngine] = [.jit, .plain, .gcc]

  @Test(arguments: texts.indices, engines)
  func processesTogetherAreOneThatHoldsEverything(_ index: Int, _ engine: TestedEngine) throws {
    let ranked = try Norm.parse(Self.texts[index].replacing("RANKS", with: "ranks,"))[0]
    let single = try Norm.parse(Self.texts[index].replacing("RANKS ", with: ""))[0]
    // C is slow to compile; what the types differ in, the JIT shows.
    let types = engine == .gcc ? [Options.Scalar.float32] : [.float64, .float32]
    for type in types {
      let roundings = type == .float64 ? 1e-12 : 1e-4
      var options = Options()
      options.type = type
      let kernel = try ranked.compile(options, engine: engine.engine())
      for (number, rows) in Self.deals.enumerated() {
        for places in [1, 3] {
          let training = RankedTraining(rows: rows, places: places, seed: UInt64(number))
          let expected = try training.interpreted(single)
          let results = try training.run(kernel)
          let what = "text \(index), \(engine), \(type), rows \(rows), S \(places)"
          expectClose(joined(results, "y"), expected["y"], roundings, what + ": y")
          expectClose(joined(results, "d_x"), expected["d_x"], roundings, what + ": d_x")
          expectClose(
            summed(results, "d_weight"), expected["d_weight"], roundings, what + ": d_weight")
          for result in results {
            expectClose(
              result["next_running"]?.numbers ?? [], expected["next_running"], roundings,
              what + ": running")
            #expect(result["next_running"] == results[0]["next_running"], "\(what): other bits")
          }
        }
      }
    }
  }

  @Test(arguments: [Options.Scalar.float32, .float64, .bfloat16])
  func oneProcessHasTheBitsOfTheNormWithoutRanks(_ type: Options.Scalar) throws {
    var options = Options()
    options.type = type
    let plain = """
      norm f(x[N, C, S...]) -> y {
        scalar eps = 1e-5, momentum = 0.1
        reduce N, S
        center
        divide by std
        track ema(momentum), unbiased
        affine C
      }
      """
    let ranked = try Norm.parse(plain.replacing("reduce N", with: "reduce ranks, N"))[0]
      .compile(options)
    let kernel = try Norm.parse(plain)[0].compile(options)
    for places in [1, 70] {
      let training = RankedTraining(rows: [67], places: places, seed: 5)
      let alone = try training.runAlone(ranked)
      #expect(alone.count == 8)
      let together = try training.run(ranked)[0]
      expectSameBits(together, alone, "\(type), S \(places), in steps")
      // Of d_x, means of what other processes may have a part in are rounded once, not twice.
      let expected = try training.runAlone(kernel).filter { $0.key != "d_x" }
      expectSameBits(alone, expected, "\(type), S \(places), without ranks")
    }
  }

  @Test func runsAndThreadsDoNotChangeABit() throws {
    let kernel = try Norm.parse(Self.texts[0].replacing("RANKS", with: "ranks,"))[0].compile()
    let training = RankedTraining(rows: [300, 0, 200], channels: 7, places: 40, seed: 9)
    let first = try training.run(kernel)
    let again = try training.run(kernel)
    #expect(again == first)
    let threaded = try training.run(kernel, threads: Kernel.Threads(count: 3))
    #expect(threaded == first)
  }

  @Test func furtherDerivativesGoOverProcesses() throws {
    var options = Options()
    options.type = .float64
    options.derivatives = [.vjp, .jvp, .vjp2]
    let kernel = try Norm.parse(
      """
      norm f(x[N, C, S...]) -> y {
        param weight[C] = 1
        train {
          m = mean[ranks, N, S](x)
          y = (x - m) / sqrt(var[ranks, N, S](x) + 0.1) * weight + mean[ranks](mean[N, S](x)) * m
        }
        eval { y = x * weight }
      }
      """)[0].compile(options)
    // A mean of means is that of all elements where all processes have as many.
    let training = RankedTraining(rows: [4, 4], seed: 12)
    for derivative in [Kernel.Direction.backward, .jvp, .vjp2] {
      let expected = try training.runAlone(kernel, derivative).mapValues(\.numbers)
      let found = try training.run(kernel, derivative)
      for (name, numbers) in expected where found[0][name]?.count != numbers.count {
        expectClose(joined(found, name), numbers, 1e-12, "\(derivative): \(name)")
      }
      if let numbers = expected["d_weight"] {
        expectClose(summed(found, "d_weight"), numbers, 1e-12, "\(derivative): d_weight")
      }
      #expect(expected.count >= 3)
    }
  }

  /// What other processes had a part in is known to sums that ride from the beginning.
  @Test func sumsRideOnWhatWasMerged() throws {
    var options = Options()
    options.type = .float64
    let kernel = try Norm.parse(
      """
      norm f(x[N, C, S...]) -> y {
        param weight[C] = 1
        train { y = x - mean[ranks, S](weight * x) }
        eval { y = x }
      }
      """)[0].compile(options)
    let training = RankedTraining(rows: [8], seed: 3)
    expectSameBits(try training.run(kernel)[0], try training.runAlone(kernel), "alone")
  }

  /// A process whose own mean takes nothing has no part in the gradient, be there elements in
  /// others.
  @Test func aMeanOfNothingPassesNothingToOthers() throws {
    let text = """
      norm f(x[N]) -> y {
        train { y = mean[N](sum[ranks, N](x^2) where x > 0) }
        eval { y = 0 }
      }
      """
    let kernel = try Norm.parse(text)[0].compile()
    let calls = try [([-1.0, -2.0], 10.0), ([3.0, -1.0], 1.0), ([], 10.0)].map { x, adjoint in
      var call = Kernel.RankCall(sizes: ["N": x.count], arrays: [:])
      call.arrays = try ["x": kernel.array("x", x), "d_y": kernel.array("d_y", [adjoint])]
      return call
    }
    let forward = try kernel.run(.forward, ranks: calls)
    #expect(joined(forward, "y") == [0, 15, 0])
    let again = zip(calls, forward).map { call, made in
      var call = call
      call.arrays.merge(made) { given, _ in given }
      return call
    }
    #expect(joined(try kernel.run(.backward, ranks: again), "d_x") == [-2, -4, 6, -2])
  }

  private func expectSameBits(
    _ found: [String: KernelArray], _ expected: [String: KernelArray], _ what: String
  ) {
    for (name, array) in expected {
      if let difference = firstDifference(found[name]?.numbers ?? [], array.numbers) {
        Issue.record("\(what): \(name)\(difference)")
      }
    }
  }

  private func expectClose(
    _ found: [Double], _ expected: [Double]?, _ tolerance: Double, _ what: String,
    location: SourceLocation = #_sourceLocation
  ) {
    guard let expected, found.count == expected.count else {
      Issue.record("\(what): \(found.count) elements", sourceLocation: location)
      return
    }
    let scale = max(1, expected.reduce(0) { max($0, abs($1)) })
    let error = zip(found, expected).reduce(0) { max($0, abs($1.0 - $1.1) / scale) }
    // Written so that a NaN fails.
    #expect(error <= tolerance, "\(what): off by \(error)", sourceLocation: location)
    #expect(!found.contains { !$0.isFinite }, "\(what)", sourceLocation: location)
  }
}
