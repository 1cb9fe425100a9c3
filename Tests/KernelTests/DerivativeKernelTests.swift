import Testing

@testable import NormGen

/// The kernels of forward mode and of second derivatives. That their formulas are right is for
/// `ZooTests`; here is whether code gives what these say.
@Suite struct DerivativeKernelTests {
  /// The specs that replace no gradient.
  static let names: [String] = TestNorm.names.filter { name in
    (try? TestNorm.ofSpec(name)).map { norm in
      norm.checked.train.gradients.isEmpty && norm.checked.eval.gradients.isEmpty
    } ?? true
  }

  private func options(_ type: Options.Scalar) -> Options {
    var options = Options()
    options.type = type
    options.derivatives = Set(Options.Derivative.allCases)
    return options
  }

  @Test(arguments: names, Options.Scalar.wide)
  func enginesGiveTheBitsOfTheGraph(_ name: String, _ type: Options.Scalar) throws {
    // What compilers make of the two types differs little.
    let engines: [TestedEngine] = type == .float32 ? [.jit, .gcc] : [.jit]
    try expectBitsOfTheGraph(
      TestNorm.ofSpec(name), type, engines,
      lengths: [[0, 3, 2], [1, 1, 1], [3, 7, 5], [2, 64, 17], [67, 3, 9], [1, 4100, 2]])
  }

  /// A sum from some place on that is no multiple of a step, beside sums that ride along short
  /// runs: these spread arrays over rows from their beginning.
  @Test(arguments: Options.Scalar.wide)
  func placesBeyondTheFirstStepAreFound(type: Options.Scalar) throws {
    let norm = try TestNorm(
      text: """
        norm extreme(x[N, C, H]) -> y, z {
          param weight[C] = 1, bias[C] = 0
          u = x / sqrt(mean[N, H](x^2) + 0.01) * weight + bias
          z = min[C, H](u)
          y = stop_gradient(u)
        }
        """)
    try expectBitsOfTheGraph(norm, type, [.jit, .gcc], lengths: [[8, 16, 3], [3, 40, 5]])
  }

  /// The backward looks for the elements of an extreme, which it makes of what forward saved. Where
  /// it is not alone, the forward has nothing else in common with it.
  @Test func furtherDerivativesChangeNoBitOfTheGradient() throws {
    let norm = try TestNorm(
      text: """
        norm extreme(x[C, H, W]) -> y {
          v = sum[C: -2...2, H: -1...33](x^2)
          y = max[C: 0...1](v)
        }
        """)
    let alone = try Kernel(compile(norm.checked, Options()))
    let beside = try Kernel(compile(norm.checked, options(.float32)))
    for seed in UInt64(1)...12 {
      let sizes = norm.sizes { _ in 2 }
      let call = try TestCall(norm, .float32, .train, sizes: sizes, data: .ordinary, seed: seed)
      let (expected, found) = try (call.outcome(of: alone), call.outcome(of: beside))
      let difference = firstDifference(found.backward["d_x"] ?? [], expected.backward["d_x"] ?? [])
      #expect(difference == nil, "\(call): d_x\(difference ?? "")")
    }
  }

  /// Checks all derivatives at some sizes, of the axes in turn.
  private func expectBitsOfTheGraph(
    _ norm: TestNorm, _ type: Options.Scalar, _ engines: [TestedEngine], lengths: [[Int]]
  ) throws {
    let options = options(type)
    let norm = TestNorm(norm.checked, options)
    let compiled = try compile(norm.checked, options)
    let kernels = try engines.map {
      ($0.rawValue, try Kernel(compiled, engine: $0.engine()))
    }
    for phase in norm.phases {
      for (index, lengths) in lengths.enumerated() {
        let sizes = norm.sizes { lengths[$0 % 3] }
        let data = TestData.allCases[index % TestData.allCases.count]
        let seed = UInt64(index)
        let call = try TestCall(norm, type, phase, sizes: sizes, data: data, seed: seed)
          .withDirections(seed: seed)
        let expected = try call.referenceOfDerivatives()
        for (engine, kernel) in kernels {
          let found = try call.derivatives(of: kernel)
          #expect(found.keys.sorted() == expected.keys.sorted(), "\(engine), \(call)")
          for (name, numbers) in expected {
            let difference = firstDifference(found[name] ?? [], numbers)
            #expect(difference == nil, "\(engine), \(call): \(name)\(difference ?? "")")
          }
        }
      }
    }
  }

  @Test func numbersOf16BitsAreThoseOfFloat32RoundedOnce() throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    for type in Options.Scalar.short {
      let options = options(type)
      let short = TestNorm(norm.checked, options)
      let kernel = try Kernel(compile(short.checked, options), engine: .jit)
      let call = try TestCall(short, type, .train, sizes: ["N": 9, "C": 70], seed: 3)
        .withDirections(seed: 3)
      let found = try call.derivatives(of: kernel)
      for (name, numbers) in try call.referenceOfDerivatives() {
        let difference = firstDifference(found[name] ?? [], numbers)
        #expect(difference == nil, "\(call): \(name)\(difference ?? "")")
      }
    }
  }

  @Test(arguments: ["layer_norm", "batch_norm"])
  func threadsChangeNoBit(_ name: String) throws {
    let norm = TestNorm(try TestNorm.ofSpec(name).checked, options(.float32))
    let kernel = try Kernel(compile(norm.checked, options(.float32)), engine: .jit)
    let sizes = norm.sizes { [37, 41, 43][$0 % 3] }
    let call = try TestCall(norm, .float32, .train, sizes: sizes, seed: 4).withDirections(seed: 4)
    let threads = try Kernel.Threads(count: 3)
    #expect(try call.derivatives(of: kernel) == call.derivatives(of: kernel, threads: threads))
  }

  /// What forward and backward are does not depend on what else is derived.
  @Test(arguments: names)
  func forwardAndBackwardStayAsTheyAre(_ name: String) throws {
    let norm = try TestNorm.ofSpec(name)
    let (alone, beside) = (
      try compile(norm.checked, Options()).interface,
      try compile(norm.checked, options(.float32)).interface
    )
    for function in alone.functions {
      let same = try #require(beside.functions.first { $0.symbol == function.symbol })
      #expect(same.arguments.map(\.name) == function.arguments.map(\.name))
    }
    var options = Options()
    options.derivatives = [.jvp]
    let forward = try #require(compile(norm.checked, options).interface.functions.first)
    #expect(forward.arguments.map(\.name) == alone.functions.first?.arguments.map(\.name))
    #expect(beside.functions.count > alone.functions.count)
  }

  /// A mean of nothing is 0 whatever a number in it is.
  @Test func aMeanOfNothingHasNoTangent() throws {
    let kernel = try Kernel(
      compile(
        TestNorm(text: "norm f(x[N], p) -> y { y = mean[N](x + p) }").checked, options(.float64)))
    for (count, tangent) in [(0, 0.0), (2, 3.0)] {
      let zeros = Array(repeating: 0.0, count: count)
      let found = try kernel.run(
        .jvp, sizes: ["N": count],
        arrays: [
          "x": kernel.array("x", zeros), "p": kernel.array("p", [1]),
          "t_x": kernel.array("x", zeros), "t_p": kernel.array("p", [3]),
        ])
      #expect(found["t_y"]?.numbers == [tangent])
    }
  }

  @Test func aDerivativeThatWasNotAskedForIsMissing() throws {
    let kernel = try Norm(TestNorm.ofSpec("layer_norm").checked).compile()
    #expect(throws: KernelError.noFunction("jvp of layer_norm")) {
      try kernel.run(.jvp, arrays: [:])
    }
    var options = Options()
    options.derivatives = [.jvp]
    let forwardMode = try Norm(TestNorm.ofSpec("layer_norm").checked).compile(options)
    #expect(throws: KernelError.noFunction("backward of layer_norm")) {
      try forwardMode.run(.backward, arrays: [:])
    }
    let names = try forwardMode.arguments(of: .jvp).map(\.name)
    #expect(
      names == ["t_x", "t_weight", "t_bias", "x", "weight", "mean", "rstd", "t_y"])
  }

  @Test func atLeastOneDerivativeIsAskedFor() throws {
    var options = Options()
    options.derivatives = []
    #expect(throws: KernelError.options("no derivative is asked for")) {
      try Norm(TestNorm.ofSpec("layer_norm").checked).compile(options)
    }
  }

  /// A name of the source that a derivative needs has another one in C.
  @Test func namesOfTangentsAreKeptFree() throws {
    let norm = try Norm.parse(
      """
      norm clash(x[N, C], t_x[N, C]) -> dd_x {
        param t_t_x[C] = 1
        dd_x = x * t_x * t_t_x
      }
      """)[0]
    let kernel = try norm.compile(options(.float32))
    for direction in [Kernel.Direction.forward, .backward, .jvp, .vjp2] {
      let names = try kernel.arguments(of: direction).map(\.name)
      #expect(Set(names).count == names.count, "\(direction): \(names)")
    }
    let tangents = try kernel.run(
      .jvp,
      arrays: Dictionary(
        uniqueKeysWithValues: try kernel.arguments(of: .jvp).filter(\.isRead).map {
          ($0.name, .float32($0.role == "tangent" && $0.subject != "x" ? [0, 0] : [3, 5]))
        }),
      values: [:])
    // Of x alone there is a direction: 3 * 3 * 3, and 5 * 5 * 5.
    #expect(tangents.values.first == .float32([27, 125]))
  }
}
