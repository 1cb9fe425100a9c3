import LoopIR
import Testing

@testable import NormGen

/// Pieces may run in any order and on any threads.
@Suite struct ExecutorTests {
  @Test(arguments: TestNorm.names, [TestedEngine.jit, .gcc])
  func piecesMayRunInAnyOrder(_ name: String, _ engine: TestedEngine) throws {
    let norm = try TestNorm.ofSpec(name)
    let kernel = try SpecKernels.shared[name, .float32, engine]
    var most = 0
    for phase in norm.phases {
      for shift in 0..<3 {
        let sizes = norm.sizes { [37, 41, 43][($0 + shift) % 3] * (norm.isFlat ? 7 : 1) }
        let call = try TestCall(norm, .float32, phase, sizes: sizes, seed: UInt64(shift))
        let saved = try call.run(.forward, kernel, saved: [:])
        for direction in Kernel.Direction.standard {
          let alone = try CallMemory(call, direction, kernel, saved: saved)
          try alone.invoke()
          var counts = [0, 0]
          let reversed = try counts.withUnsafeMutableBufferPointer { counts in
            try contents(
              CallMemory(call, direction, kernel, saved: saved),
              CExecutor.reversed(#require(counts.baseAddress)))
          }
          most = max(most, counts[1])
          #expect(reversed == alone.contents, "\(call), \(direction), \(counts[1]) pieces")
          let threads = try contents(
            CallMemory(call, direction, kernel, saved: saved), CExecutor.concurrent)
          #expect(threads == alone.contents, "\(call), \(direction), threads")
        }
      }
    }
    // Otherwise the test has shown nothing.
    #expect(most >= 2, "\(name) was never cut into pieces")
  }

  /// All bytes after a call with an executor.
  private func contents(
    _ memory: CallMemory, _ executor: CExecutor
  ) throws -> [String: [UInt8]] {
    var executor = executor
    return try withUnsafeMutablePointer(to: &executor) { pointer in
      try memory.contents(executor: UnsafeMutableRawPointer(pointer))
    }
  }
}

extension TestNorm {
  /// `true` iff its tensors have few axes, which must be longer to make as many elements.
  var isFlat: Bool { checked.values.allSatisfy { $0.dimensions.count < 3 } }
}
