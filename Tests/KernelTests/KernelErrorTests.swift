import LoopIR
import NormGen
import Testing

/// What a caller gets for a call that does not fit: a thrown value, and nothing written.
@Suite struct KernelErrorTests {
  private let example = ScaleExample()
  private let kernel: Kernel

  init() throws { kernel = try Kernel(ScaleKernel.compiled) }

  /// The error of a forward of the example after a change.
  private func error(
    sizes: [String: Int] = [:],
    _ change: (inout [String: KernelArray], inout [String: KernelValue]) -> Void = { _, _ in }
  ) -> KernelError? {
    var (arrays, values) = (example.inputs, example.values)
    change(&arrays, &values)
    do {
      _ = try kernel.run(.forward, sizes: sizes, arrays: arrays, values: values)
      return nil
    } catch {
      return error
    }
  }

  @Test func theUnchangedExampleIsRight() {
    #expect(error() == nil)
  }

  @Test func missingArraysAreNamed() {
    for name in ["x", "valid", "weight", "phi"] {
      let error = error(sizes: ["N": 3, "C": 4]) { arrays, _ in arrays[name] = nil }
      #expect(error == .missingArgument(name))
    }
  }

  @Test func missingValuesAreNamed() {
    for name in ["factor", "negate", "step"] {
      #expect(error { _, values in values[name] = nil } == .missingArgument(name))
    }
  }

  @Test func wrongLengthsAreCounted() {
    #expect(
      error(sizes: ["N": 3, "C": 4]) { arrays, _ in arrays["x"] = .float32([1, 2, 3]) }
        == .wrongLength(argument: "x", expected: 12, actual: 3))
    #expect(
      error(sizes: ["C": 6]) { arrays, _ in arrays["x"] = .float32(Array(repeating: 1, count: 6)) }
        == .wrongLength(argument: "valid", expected: 6, actual: 12))
  }

  @Test func wrongTypesAreNamed() {
    let doubles = KernelArray.float64(example.x.map { Double($0) })
    #expect(
      error { arrays, _ in arrays["x"] = doubles }
        == .wrongType(argument: "x", expected: "float32", actual: "float64"))
    #expect(
      error { _, values in values["factor"] = true }
        == .wrongType(argument: "factor", expected: "double", actual: "a condition"))
    #expect(
      error { _, values in values["negate"] = 1.0 }
        == .wrongType(argument: "negate", expected: "bool", actual: "a number"))
    #expect(
      error { _, values in values["step"] = 1.5 }
        == .wrongType(argument: "step", expected: "int64", actual: "a number"))
  }

  @Test func wholeNumbersServeAsNumbers() throws {
    var values = example.values
    values["factor"] = 2
    let y = try kernel.run(.forward, arrays: example.inputs, values: values)["y"]
    var expected = example
    expected.factor = 2
    #expect(y == .float32(expected.y))
  }

  @Test func unknownNamesAreRefused() {
    var values = example.values
    values["epsilon"] = 1e-5
    let error = #expect(throws: KernelError.self) {
      try kernel.run(.forward, arrays: example.inputs, values: values)
    }
    #expect(error?.description.hasPrefix("there is no argument epsilon; there are x, ") == true)
    #expect(
      self.error(sizes: ["B": 1]) == .unknownSize("B", known: ["N", "C", "G"]))
  }

  @Test func sizesAreChecked() {
    #expect(error(sizes: ["N": -1]) == .negativeSize("N", -1))
    #expect(error(sizes: ["G": 3]) == .notDivisible("C", 4, by: "G", 3))
    #expect(error(sizes: ["G": 0]) == .notDivisible("C", 4, by: "G", 0))
    #expect(error(sizes: ["N": 1 << 40, "C": 1 << 40]) == .tooLarge(argument: "x"))
    let error = error { arrays, _ in
      arrays["weight"] = nil
      arrays["phi"] = nil
    }
    #expect(error == .missingSize("N"))
  }

  @Test func workspacesThatCannotBeAreRefused() {
    #expect(throws: KernelError.tooLarge(argument: "the workspace")) {
      try kernel.workspaceByteCount(sizes: ["N": 1 << 40, "C": 1 << 40])
    }
    #expect(throws: KernelError.missingSize("C")) {
      try kernel.workspaceByteCount(sizes: ["N": 1])
    }
  }

  @Test func aStatusIsThrownWithItsText() {
    #expect(
      error { _, values in values["factor"] = 13.0 }
        == .status(function: "scale_forward", code: 2, text: "the sizes are too large"))
  }

  @Test func aSavedArrayThatTheBackwardNeedsIsAStatus() {
    #expect(
      throws: KernelError.status(function: "scale_backward", code: 1, text: "an input is NULL")
    ) { try kernel.run(.backward, arrays: example.inputs, values: example.values) }
  }

  @Test func outputsMustBeWritable() throws {
    var arrays = example.inputs
    arrays["y"] = .float32(example.x)
    try withBuffers(arrays) { buffers in
      #expect(throws: KernelError.notWritable(argument: "y")) {
        try kernel.call(
          .forward, sizes: ["N": 3, "C": 4], values: example.values, buffers: buffers)
      }
    }
  }

  @Test func buffersAreMeasured() throws {
    let sizes = ["N": 2, "C": 4]
    try withBuffers(example.inputs) { buffers in
      #expect(throws: KernelError.wrongLength(argument: "x", expected: 8, actual: 12)) {
        try kernel.call(.forward, sizes: sizes, values: example.values, buffers: buffers)
      }
    }
    var y: [Float] = [1, 2, 3]
    var span = y.mutableSpan
    try withBuffers(example.inputs) { buffers in
      buffers.writing("y", &span) { buffers in
        _ = #expect(throws: KernelError.wrongLength(argument: "y", expected: 12, actual: 3)) {
          try kernel.call(
            .forward, sizes: ["N": 3, "C": 4], values: example.values, buffers: buffers)
        }
      }
    }
    #expect(y == [1, 2, 3])
  }

  @Test func buffersOfAnotherTypeAreRefused() throws {
    var arrays = example.inputs
    arrays["weight"] = .int64([1, 2, 3, 4])
    try withBuffers(arrays) { buffers in
      #expect(
        throws: KernelError.wrongType(argument: "weight", expected: "float32", actual: "int64")
      ) {
        try kernel.call(
          .forward, sizes: ["N": 3, "C": 4], values: example.values, buffers: buffers)
      }
    }
  }

  @Test func resultsThatDoNotExistCannotBeWanted() {
    #expect(
      throws: KernelError.unknownArgument("x", known: ["next_phi", "next_step", "y", "total"])
    ) {
      try kernel.run(.forward, arrays: example.inputs, values: example.values, wanted: ["x", "y"])
    }
  }

  @Test func misalignedArraysAreRefused() throws {
    var bytes = [UInt8](repeating: 0, count: 64)
    try bytes.withUnsafeMutableBytes { raw in
      let start = try #require(raw.baseAddress)
      let odd = start + (Int(bitPattern: start) % 2 == 0 ? 1 : 0)
      try withBuffers(example.inputs) { buffers in
        var buffers = buffers
        buffers["y"] = KernelBuffer(writing: odd, byteCount: 48, of: .float32)
        #expect(throws: KernelError.misaligned(argument: "y")) {
          try kernel.call(
            .forward, sizes: ["N": 3, "C": 4], values: example.values, buffers: buffers)
        }
      }
    }
    #expect(bytes == [UInt8](repeating: 0, count: 64))
  }

  @Test func codeThatLacksAFunctionIsNoKernel() {
    let given = ScaleKernel.compiled
    let norm = CompiledNorm(
      interface: given.interface, header: given.header, source: given.source,
      jitSource: given.jitSource.replacing("scale_status_text", with: "scale_text"))
    let error = #expect(throws: KernelError.self) { try Kernel(norm) }
    #expect(error?.description.contains("scale_status_text") == true)
  }

  @Test func textThatDoesNotCompileIsThrownWithTheMessage() {
    let given = ScaleKernel.compiled
    let norm = CompiledNorm(
      interface: given.interface, header: given.header,
      source: given.source + "\nint wrong = ;",
      jitSource: given.jitSource + "\nint wrong = ;")
    for engine in KernelCallTests.engines {
      let error = #expect(throws: KernelError.self) { try Kernel(norm, engine: engine) }
      #expect(error?.description.contains("error:") == true)
    }
  }
}
