import NormGen
import Testing

/// Rows that are short, which kernels take several of at once.
extension TestNorm {
  /// A call with so many rows, or places of as many, of a length.
  ///
  /// - Parameter others: the length of the axes behind that of the rows; without it, as theirs.
  func call(
    rows count: Int, of length: Int, others: Int? = nil, _ data: TestData
  ) throws -> TestCall {
    let sizes = sizes { $0 == 0 ? count : $0 == 1 ? length : others ?? length }
    return try TestCall(
      self, .float32, .train, sizes: sizes, data: data, seed: UInt64(count * 1000 + length))
  }

  /// Kernels for which the axis `C` has this length.
  func kernels(fixing length: Int) throws -> [(engine: TestedEngine, kernel: Kernel)] {
    var options = Options()
    options.sizes = ["C": length]
    let compiled = try compile(checked, options)
    return try [TestedEngine.jit, .avx2, .gcc].map { engine in
      (engine, try Kernel(compiled, engine: engine.engine()))
    }
  }

  /// The kernel of gcc for at most so many lanes.
  func kernel(ofLanes lanes: Int) throws -> Kernel {
    try KernelTests.kernel(self, .float32, TestedEngine.gcc.engine(["-DNORMGEN_LANES=\(lanes)"]))
  }
}

extension TestCall {
  /// Expects that a kernel gives the bits of the graph.
  func expectBitsOfTheGraph(
    _ kernel: Kernel, _ title: String, location: SourceLocation = #_sourceLocation
  ) throws {
    expectSameBits(
      try outcome(of: kernel), try reference(), "\(title), \(self)", location: location)
  }
}
