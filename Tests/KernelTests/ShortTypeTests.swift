import LoopIR
import Testing

@testable import NormGen
@testable import Passes

/// Numbers of 16 bits are a matter of loads and stores: a kernel that stores them is that of
/// float32 on the same numbers, with its results rounded.
@Suite struct ShortTypeTests {
  @Test(arguments: TestNorm.names, Options.Scalar.short)
  func resultsAreThoseOfFloat32RoundedOnce(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    let single = try SpecKernels.shared[name, .float32, .gcc]
    // The two formats share their loops: each takes its half of the sizes.
    let half = type == .bfloat16 ? 0 : 1
    for phase in norm.phases {
      for (index, sizes) in (norm.awkwardSizes + norm.vastSizes).enumerated()
      where index % 2 == half {
        let data = TestData.allCases[index % TestData.allCases.count]
        let call = try TestCall(norm, type, phase, sizes: sizes, data: data, seed: UInt64(index))
        let expected = call.rounded(try call.outcome(of: single))
        for engine in TestedEngine.tested(type) {
          let found = try call.outcome(of: SpecKernels.shared[name, type, engine])
          expectSameBits(found, expected, "\(engine.rawValue), \(call)")
        }
      }
    }
  }

  @Test(
    arguments: ["layer_norm", "batch_norm", "group_norm", "power_norm"],
    [
      (.bfloat16, .bfloat16), (.float16, .float16), (.float32, .bfloat16), (.float16, .bfloat16),
    ] as [(Options.Scalar, Options.Scalar)])
  func parametersAndStatesMayHaveATypeOfTheirOwn(
    _ name: String, _ types: (Options.Scalar, Options.Scalar)
  ) throws {
    let norm = try TestNorm.ofSpec(name)
    var options = Options()
    (options.type, options.parameters) = types
    let compiled = try compile(norm.checked, options)
    let kernels = [
      try Kernel(compiled, engine: .jit),
      try Kernel(compiled, engine: TestedEngine.gcc.engine(["-DNORMGEN_LANES=8"])),
    ]
    let single = try SpecKernels.shared[name, .float32, .jit]
    for phase in norm.phases {
      for lengths in [[3, 5, 17], [70, 3, 8], [1, 130, 2]] {
        let sizes = norm.sizes { lengths[$0 % 3] }
        let call = try TestCall(
          norm, types.0, phase, sizes: sizes, parameters: types.1, data: .special, seed: 9)
        let expected = call.rounded(try call.outcome(of: single))
        for kernel in kernels {
          expectSameBits(try call.outcome(of: kernel), expected, "\(types), \(call)")
        }
      }
    }
  }

  @Test(arguments: Options.Scalar.short)
  func anOutputThatBackwardReadsAgainIsNotRounded(_ type: Options.Scalar) throws {
    let norm = try TestNorm(
      text: """
        norm centred(x[N, C]) -> y, m[N] {
          m = mean[C](x)
          y = (x - m) / sqrt(mean[C]((x - m)^2) + 1)
        }
        """)
    #expect(norm.isReadAgain("m") && !norm.isReadAgain("y"))
    let short = try kernel(norm, type, .jit)
    let storages = Dictionary(
      try short.arguments(of: .forward).map { ($0.name, $0.storage) }
    ) { $1 }
    #expect(storages["m"] == .float32 && storages["y"] == short.real([]).storage)
    let call = try TestCall(norm, type, .train, sizes: ["N": 5, "C": 37], data: .shifted)
    let expected = call.rounded(try call.outcome(of: kernel(norm, .float32, .jit)))
    expectSameBits(try call.outcome(of: short), expected, "\(call)")
  }

  @Test(arguments: Options.Scalar.allCases, Options.Scalar.allCases)
  func parametersAreOfTheTypeThatIsComputedInOrShorter(
    _ type: Options.Scalar, _ parameters: Options.Scalar
  ) throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    var options = Options()
    (options.type, options.parameters) = (type, parameters)
    options.derivatives = Set(Options.Derivative.allCases)
    guard (type == .float64) == (parameters == .float64) else {
      #expect(throws: InputError.self) { try compile(norm.checked, options) }
      return
    }
    let interface = try compile(norm.checked, options).interface
    for argument in interface.functions.flatMap(\.arguments) {
      let storage = argument.storage(in: interface)
      switch argument.role {
      case .tensor, .outputGradient, .output, .outputTangent, .outputGradientAdjoint:
        #expect(storage == type.storage)
      case .gradient, .tangent, .gradientAdjoint:
        #expect(storage == (argument.subject == "x" ? type.storage : parameters.storage))
      case .parameter: #expect(storage == parameters.storage)
      case .saved: #expect(storage == (type == .float64 ? .float64 : .float32))
      case .size, .mask, .index, .state, .nextState, .counter, .nextCounter, .scalar,
        .eventArgument, .partials, .merged, .workspace, .executor:
        break
      }
    }
  }

  /// Elements that do not lie side by side are copied as they are, and converted together.
  @Test(arguments: Options.Scalar.short)
  func otherOrdersInMemoryAreConvertedAlike(_ type: Options.Scalar) throws {
    var options = Options()
    options.layouts = ["x": ["C", "N"]]
    let spec = try TestNorm.ofSpec("layer_norm").checked
    let norm = TestNorm(spec, options)
    let single = try Kernel(compile(spec, options), engine: .jit)
    options.type = type
    let compiled = try compile(spec, options)
    let kernels = [
      try Kernel(compiled, engine: .jit), try Kernel(compiled, engine: TestedEngine.gcc.engine()),
    ]
    for sizes in [["N": 3, "C": 70], ["N": 67, "C": 5]] {
      let call = try TestCall(norm, type, .train, sizes: sizes, data: .special)
      let expected = call.rounded(try call.outcome(of: single))
      for kernel in kernels { expectSameBits(try call.outcome(of: kernel), expected, "\(call)") }
    }
  }

  @Test func anElementOf16BitsMovesTwoBytes() throws {
    var options = Options()
    options.type = .bfloat16
    let norm = try TestNorm.ofSpec("layer_norm").checked
    let forward = try #require(compiledFunctions(norm, options).functions.first)
    let data = 2 * 10 * 100
    let statistics = 2 * 10 + 2 * 100
    let moved = forward.kernel.traffic.moved.value(["N": 10, "C": 100])
    #expect(moved == Double(2 * data + 4 * statistics))
    #expect(forward.kernel.show().contains("input bf16 x[N, C]"))
  }

  @Test func aLayerKeepsItsParametersInFloat32() throws {
    let norm = try TestNorm(text: "norm twice(x[N]) -> y { param w[N] = 1  y = 2 * x * w }").checked
    var options = Options()
    options.type = .bfloat16
    let kernel = try Kernel(
      compile(norm, options), engine: .jit, defaults: Defaults(of: norm))
    var layer = try NormLayer(kernel, sizes: ["N": 2])
    #expect(layer["w"] == .float32([1, 1]))
    try layer.set("w", to: .float32([1, 1.5]))
    let pass = try layer.forward(["x": kernel.real([3, 1 + 0x1p-7])])
    #expect(pass["y"] == kernel.real([6, 3 + 0x3p-7]))
    let gradients = try layer.backward(pass, ["y": kernel.real([1, -2])])
    #expect(gradients["x"] == kernel.real([2, -6]))
    #expect(gradients["w"] == .float32([6, -4 - 0x1p-5]))
  }

  /// The text says what the bits are, and none of what it does not use.
  @Test(arguments: Options.Scalar.allCases)
  func textsNameTheirFormat(_ type: Options.Scalar) throws {
    var options = Options()
    options.type = type
    let compiled = try compile(TestNorm.ofSpec("rms_norm").checked, options)
    for (other, name, operation) in [
      (Options.Scalar.bfloat16, "bfloat16", "_bf16("), (.float16, "float16 ", "_f16("),
    ] {
      #expect(compiled.header.contains(" \(name)") == (type == other))
      #expect(compiled.source.contains(operation) == (type == other))
      #expect(compiled.jitSource.contains(operation) == (type == other))
    }
    #expect(compiled.header.contains("uint16_t") == Options.Scalar.short.contains(type))
  }

  @Test func swiftPassesNumbersOf16Bits() throws {
    let norm = try TestNorm(text: "norm twice(x[N]) -> y { param w[N] = 1  y = 2 * x * w }")
    let bfloats = [1.5, -0.0, .infinity, 3.140625].map { BFloat16($0 as Double) }
    let results = try kernel(norm, .bfloat16, .jit).run(
      .forward, arrays: ["x": .bfloat16(bfloats), "w": .float32([1, 1, 1, 0.5])])
    #expect(
      results["y"]?.elements(as: BFloat16.self)?.map(\.bitPattern)
        == [0x4040, 0x8000, 0x7F80, 0x4049])
    let half = try kernel(norm, .float16, .jit)
    let x: [Float16] = [1.5, -0.0, .infinity, 0x1p-24]
    let w = try half.array("w", [1, 1, 1, 0.5])
    #expect(
      try half.run(.forward, arrays: ["x": .float16(x), "w": w])["y"]
        == .float16([
          3, -0.0, .infinity, 0x1p-24,
        ]))
    #expect(throws: KernelError.wrongType(argument: "x", expected: "float16", actual: "float32")) {
      try half.run(.forward, arrays: ["x": .float32([1]), "w": .float32([1])])
    }
    #expect(throws: KernelError.self) { try half.array("z", [1]) }
  }
}

extension TestCall {
  /// What a float32 kernel makes of the call, as the arrays of the call hold it.
  fileprivate func rounded(_ outcome: Outcome) -> Outcome {
    Outcome(
      forward: stored(outcome.forward, .forward), backward: stored(outcome.backward, .backward))
  }
}

extension Options.Scalar {
  fileprivate var storage: KernelStorage {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }
}
