import LoopIR
import Testing

@testable import NormGen

/// Which way a call takes through its kernel changes no bit: results beside the caches, runs of one
/// element, rows in fours, spread rows, stretches of columns, sums over several parts.
@Suite struct PathsTests {
  @Test(arguments: TestNorm.names, Options.Scalar.wide)
  func everyWayGivesTheBitsOfTheGraph(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    let kernels = try kernels(name, type)
    for phase in norm.phases {
      for (index, sizes) in norm.sizesOfPaths.enumerated() {
        let data = TestData.allCases[index % TestData.allCases.count]
        let call = try TestCall(norm, type, phase, sizes: sizes, data: data, seed: UInt64(index))
        let expected = try call.reference()
        for (title, kernel) in kernels {
          for order in PieceOrder.allCases {
            let found = try call.outcome(of: kernel, order)
            expectSameBits(found, expected, "\(title), \(order), \(call)")
          }
        }
      }
    }
  }

  /// Ways from a norm to code, each as it is and with all results beside the caches that may be.
  private func kernels(
    _ name: String, _ type: Options.Scalar
  ) throws -> [(title: String, kernel: Kernel)] {
    var kernels: [(String, Kernel)] = []
    for engine in [TestedEngine.jit, .avx2, .gcc] {
      kernels.append((engine.rawValue, try SpecKernels.shared[name, type, engine]))
    }
    var options = Options()
    options.type = type
    let compiled = try compile(TestNorm.ofSpec(name).checked, options)
    for engine in [TestedEngine.jit, .avx2] {
      kernels.append(
        ("\(engine.rawValue) beside the caches", try compiled.streaming(engine.engine())))
    }
    if type == .float32 || ["layer_norm", "batch_norm"].contains(name) {
      kernels.append(("gcc beside the caches", try compiled.streaming(quick())))
    }
    if ["layer_norm", "batch_norm"].contains(name) {
      let lanes = "-DNORMGEN_LANES=\(type == .float64 ? 4 : 8)"
      kernels.append(("gcc beside the caches, AVX2", try compiled.streaming(quick([lanes]))))
    }
    return kernels
  }

  /// gcc, in less time than with -O2.
  private func quick(_ flags: [String] = []) -> Engine {
    .cc(command: "gcc", flags: strictFlags + ["-O1", "-march=native"] + flags)
  }

  /// Calls of this suite do go beside the caches: without these stores, results are missing.
  @Test func resultsInWholeLinesGoBesideTheCaches() throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    let compiled = try compile(norm.checked, Options())
    var source = compiled.source
    for store in ["_mm512_stream_ps(p, a)", "_mm256_stream_ps(p, a)", "((void)(*(p) = (a)))"] {
      #expect(source.contains(store))
      source = source.replacing(store, with: "((void)(p), (void)(a))")
    }
    let kernel = try CompiledNorm(
      interface: compiled.interface, header: compiled.header, source: source, jitSource: ""
    ).streaming(quick())
    for (channels, isBeside) in [(112, true), (111, false)] {
      let call = try TestCall(norm, .float32, .train, sizes: ["N": 3, "C": channels])
      let expected = try call.reference()
      let found = try call.outcome(of: kernel, .alone)
      #expect((found.forward["y"] != expected.forward["y"]) == isBeside, "\(channels) channels")
    }
  }
}

/// How the pieces of a call are run.
private enum PieceOrder: CaseIterable { case alone, reversed }

extension CompiledNorm {
  /// Its kernel, with all results beside the caches that lie in whole cache lines.
  fileprivate func streaming(_ engine: Engine) throws -> Kernel {
    let limit = "(24u << 20)"
    let kernels: MachineKernels? =
      switch engine {
      case .inMemory(let vectors): machineKernels(for: vectors.instructionSet)
      case .cc: nil
      }
    try #require(source.contains(limit))
    return try Kernel(
      CompiledNorm(
        interface: interface, header: header, source: source.replacing(limit, with: "0"),
        jitSource: text(beside: kernels).replacing(limit, with: "0"), kernels: kernels),
      engine: engine)
  }
}

extension TestCall {
  /// What a kernel makes of it in arrays that begin with a cache line.
  fileprivate func outcome(of kernel: Kernel, _ order: PieceOrder) throws -> Outcome {
    let forward = try run(.forward, kernel, order, saved: [:])
    let backward = try run(.backward, kernel, order, saved: forward)
    return Outcome(
      forward: try bySourceName(forward, kernel).mapValues(\.numbers),
      backward: backward.mapValues(\.numbers))
  }

  private func run(
    _ direction: Kernel.Direction, _ kernel: Kernel, _ order: PieceOrder,
    saved: [String: KernelArray]
  ) throws -> [String: KernelArray] {
    let memory = try CallMemory(self, direction, kernel, saved: saved)
    switch order {
    case .alone: try memory.invoke()
    case .reversed:
      var counts = [0, 0]
      try counts.withUnsafeMutableBufferPointer { counts in
        var executor = CExecutor.reversed(try #require(counts.baseAddress))
        try withUnsafeMutablePointer(to: &executor) { executor in
          memory["executor"] = .array(UnsafeMutableRawPointer(executor))
          try memory.invoke()
        }
      }
    }
    #expect(memory.broken.isEmpty)
    var arrays: [String: KernelArray] = [:]
    for argument in memory.function.arguments where argument.isWritten(by: direction) {
      arrays[argument.name] = memory.array(argument.name)
    }
    return arrays
  }
}

extension TestNorm {
  /// Sizes on both sides of where a kernel takes another way. A split axis is as long as two or
  /// three of its quotient.
  fileprivate var sizesOfPaths: [[String: Int]] {
    let lengths = isFlat ? rowLengths : spatialLengths
    return lengths.map { lengths in sizes { lengths[$0 % lengths.count] } }
  }

  /// Rows in flight, and then stretches of columns, whole cache lines, and blocks and parts.
  private var rowLengths: [[Int]] {
    let rows = [1023, 1024, 1025, 512, 1024, 511, 1023, 513, 1025].enumerated()
    return rows.map { [$0.offset + 1, $0.element] } + columns.map { [3, $0] }
      + (lines + steps).map { [5, $0] } + counts.map { [$0, 16] } + gathered
  }

  /// Enough rows that are short enough to be gathered, of whole cache lines and not.
  private var gathered: [[Int]] { [[32, 16 * 3], [47, 64], [16, 65], [65, 192], [33, 100]] }

  /// The same where another axis is 1 or long, and columns of several blocks in whole lines.
  private var spatialLengths: [[Int]] {
    (columns + lines).map { [3, $0, 1] } + counts.map { [$0, 5, 1] } + counts.map { [$0, 1, 2] }
      + ([1, 3, 49, 64, 65, 1024] + lines + steps).map { [2, 3, $0] } + [[1, 2, 5000]]
      + [[33, 3, 64], [16, 5, 49], [70, 144, 1]]
  }

  private var columns: [Int] { [1, 63, 64, 65, 511, 513, 1023, 1024, 1025, 2049] }

  /// Rows of whole cache lines, with all tails of vectors that are in them.
  private var lines: [Int] { [48, 64, 80, 96, 112] }

  /// Runs of one step, of 64 or 32 elements, whose last vector has few elements or many.
  private var steps: [Int] { [25, 28, 31, 52, 63] }

  private var counts: [Int] { [1, 63, 64, 65, 129, 1100] }
}
