import Foundation
import LoopIR
import NormGen
import Testing

@Suite struct KernelCallTests {
  private let example = ScaleExample()

  static let engines: [Engine] = [.jit, .cc()]

  @Test(arguments: engines) func forwardGivesWhatTheFormulaSays(_ engine: Engine) throws {
    let kernel = try Kernel(ScaleKernel.compiled, engine: engine)
    let results = try kernel.run(
      .forward, sizes: ["G": 2], arrays: example.inputs, values: example.values)
    #expect(results["y"] == .float32(example.y))
    #expect(results["total"] == .float32(example.total))
    #expect(results["next_phi"] == .float32(example.nextPhi))
    #expect(results["next_step"] == .int64([7]))
    #expect(results.count == 4)
  }

  @Test(arguments: engines) func backwardGivesWhatTheFormulaSays(_ engine: Engine) throws {
    let kernel = try Kernel(ScaleKernel.compiled, engine: engine)
    var arrays = example.inputs
    arrays["total"] = .float32(example.total)
    let values = example.values
    let results = try kernel.run(.backward, arrays: arrays, values: values)
    #expect(results["d_x"] == .float32(example.xGradient))
    #expect(results["d_weight"] == .float32(example.weightGradient))
    #expect(results.keys.sorted() == ["d_weight", "d_x", "next_nu"])
  }

  @Test func onlyWhatIsWantedIsMade() throws {
    let kernel = try Kernel(ScaleKernel.compiled)
    let results = try kernel.run(
      .forward, arrays: example.inputs, values: example.values, wanted: ["total"])
    #expect(results == ["total": .float32(example.total)])
  }

  @Test func evaluationWithoutItsOwnFunctionIsTraining() throws {
    let kernel = try Kernel(ScaleKernel.compiled)
    let results = try kernel.run(
      .forward, .eval, arrays: example.inputs, values: example.values, wanted: ["y"])
    #expect(results == ["y": .float32(example.y)])
  }

  @Test func argumentsAreDescribed() throws {
    let kernel = try Kernel(ScaleKernel.compiled)
    let arguments = try kernel.arguments(of: .backward)
    #expect(
      arguments.map(\.name) == [
        "d_y", "x", "valid", "weight", "nu", "next_nu", "factor", "negate", "d_x", "d_weight",
        "total",
      ])
    let total = try #require(arguments.last)
    #expect(total.isRead && !total.isWritten && total.axes == ["C"] && total.storage == .float32)
    let factor = try #require(arguments.first { $0.name == "factor" })
    #expect(factor.storage == nil && factor.role == "scalar" && !factor.isRead)
    #expect(kernel.name == "scale" && kernel.sizeNames == ["N", "C", "G"])
  }

  @Test func arraysAreMadeFromNumbersAndBack() throws {
    let kernel = try Kernel(ScaleKernel.compiled)
    #expect(kernel.real([1.5, 0.1]) == .float32([1.5, 0.1]))
    #expect(KernelArray([0, 2, -1], as: .mask) == .mask([false, true, true]))
    #expect(KernelArray([3, -4], as: .int64) == .int64([3, -4]))
    #expect(KernelArray([0.5], as: .int64) == nil)
    #expect(KernelArray([1], as: .bytes) == nil)
    #expect(KernelArray.mask([true, false]).numbers == [1, 0])
    #expect(KernelArray.float32([1, 2]).elements(as: Float.self) == [1, 2])
    #expect(KernelArray.float32([1, 2]).elements(as: Double.self) == nil)
    #expect(KernelArray(copying: example.x.span) == .float32(example.x))
  }

  @Test func sizesOfZeroAreLegal() throws {
    let kernel = try Kernel(ScaleKernel.compiled)
    var arrays = example.inputs
    arrays["x"] = .float32([])
    arrays["valid"] = .mask([])
    let results = try kernel.run(.forward, sizes: ["N": 0], arrays: arrays, values: example.values)
    #expect(results["y"] == .float32([]))
    #expect(results["total"] == .float32([0, 0, 0, 0]))
    #expect(results["next_phi"] == .float32(example.phi))
  }

  @Test func spansAreReadAndWritten() throws {
    let kernel = try Kernel(ScaleKernel.compiled)
    var y = [Float](repeating: -1, count: 12)
    var out = y.mutableSpan
    let (x, valid, weight, phi) = (example.x, example.valid, example.weight, example.phi)
    try KernelBuffers().reading("x", x.span) { b in
      try b.reading("valid", valid.span) { b in
        try b.reading("weight", weight.span) { b in
          try b.reading("phi", phi.span) { b in
            try b.writing("y", &out) { b in
              try kernel.call(
                .forward, sizes: ["N": 3, "C": 4], values: example.values, buffers: b)
            }
          }
        }
      }
    }
    #expect(y == example.y)
  }

  @Test func theCallersWorkspaceIsUsed() throws {
    let kernel = try Kernel(ScaleKernel.compiled)
    let sizes = ["N": 3, "C": 4]
    #expect(try kernel.workspaceByteCount(sizes: sizes) == 32)
    let workspace = UnsafeMutablePointer<Double>.allocate(capacity: 4)
    workspace.initialize(repeating: -1, count: 4)
    defer { workspace.deallocate() }
    try withBuffers(example.inputs) { buffers in
      var buffers = buffers
      buffers["workspace"] = KernelBuffer(writing: workspace, byteCount: 32, of: .bytes)
      try kernel.call(.forward, sizes: sizes, values: example.values, buffers: buffers)
      #expect((0..<4).map { Float(workspace[$0]) } == example.total)
      buffers["workspace"] = KernelBuffer(writing: workspace, byteCount: 31, of: .bytes)
      #expect(
        throws: KernelError.wrongLength(argument: "workspace", expected: 32, actual: 31)
      ) {
        try kernel.call(.forward, sizes: sizes, values: example.values, buffers: buffers)
      }
    }
  }

  @Test func severalThreadsCallOneKernel() async throws {
    let kernel = try Kernel(ScaleKernel.compiled)
    let wrong = await withTaskGroup(of: Int.self) { group in
      for thread in 0..<8 {
        group.addTask {
          var example = ScaleExample()
          example.factor = Double(thread)
          let runs = (0..<50).map { _ in
            try? kernel.run(.forward, arrays: example.inputs, values: example.values)["y"]
          }
          return runs.filter { $0 != .float32(example.y) }.count
        }
      }
      return await group.reduce(0, +)
    }
    #expect(wrong == 0)
  }
}

/// Calls `body` with the arrays in memory, by recursion: each stays where it is meanwhile.
func withBuffers(
  _ arrays: [String: KernelArray], _ body: (KernelBuffers) throws -> Void
) throws {
  func step(
    _ rest: ArraySlice<(key: String, value: KernelArray)>, _ buffers: KernelBuffers
  ) throws {
    guard let (name, array) = rest.first else { return try body(buffers) }
    let next = rest.dropFirst()
    switch array {
    case .float32(let elements): try buffers.reading(name, elements.span) { try step(next, $0) }
    case .float64(let elements): try buffers.reading(name, elements.span) { try step(next, $0) }
    case .float16(let elements): try buffers.reading(name, elements.span) { try step(next, $0) }
    case .bfloat16(let elements): try buffers.reading(name, elements.span) { try step(next, $0) }
    case .mask(let elements): try buffers.reading(name, elements.span) { try step(next, $0) }
    case .int64(let elements): try buffers.reading(name, elements.span) { try step(next, $0) }
    }
  }
  try step(arrays.sorted { $0.key < $1.key }[...], KernelBuffers())
}
