import Foundation
import Synchronization
import Testing

@testable import NormGen

/// Any number of threads gives the same bits.
@Suite struct ThreadsTests {
  @Test(arguments: TestNorm.names, Options.Scalar.wide + [.bfloat16])
  func theNumberOfThreadsChangesNoBit(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    let pools = try [1, 2, 3, 7].map { try Kernel.Threads(count: $0) }
    var most = 0
    for phase in norm.phases {
      for (seed, sizes) in (norm.sizesOfManyPieces + norm.vastSizes).enumerated() {
        let call = try TestCall(norm, type, phase, sizes: sizes, seed: UInt64(seed))
        for engine in [TestedEngine.jit, .gcc] {
          let kernel = try SpecKernels.shared[name, type, engine]
          let saved = try call.run(.forward, kernel, saved: [:])
          for direction in Kernel.Direction.standard {
            let (expected, pieces) = try callInReverse(call, direction, kernel, saved)
            most = max(most, pieces)
            for threads in pools {
              let memory = try CallMemory(call, direction, kernel, saved: saved)
              let found = try memory.contents(executor: threads.executor)
              #expect(
                found == expected,
                "\(call), \(direction), \(engine), \(pieces) pieces, \(threads.count) threads")
            }
          }
        }
      }
    }
    // Otherwise the test has shown nothing.
    #expect(most >= 7, "\(name) was cut into \(most) pieces at most")
  }

  /// All bytes after a call on this thread, last piece first, and the number of pieces.
  private func callInReverse(
    _ call: TestCall, _ direction: Kernel.Direction, _ kernel: Kernel,
    _ saved: [String: KernelArray]
  ) throws -> (contents: [String: [UInt8]], pieces: Int) {
    var counts = [0, 0]
    let contents = try counts.withUnsafeMutableBufferPointer { counts in
      var executor = CExecutor.reversed(try #require(counts.baseAddress))
      return try withUnsafeMutablePointer(to: &executor) { executor in
        try CallMemory(call, direction, kernel, saved: saved)
          .contents(executor: UnsafeMutableRawPointer(executor))
      }
    }
    return (contents, counts[1])
  }

  @Test func manyThreadsMayShareAKernelAndItsThreads() throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    let kernel = try SpecKernels.shared["layer_norm", .float32, .gcc]
    let threads = try Kernel.Threads(count: 3)
    let calls = try (0..<8).map { place in
      try TestCall(
        norm, .float32, .train, sizes: ["N": 300 + 17 * place, "C": 401 - place],
        seed: UInt64(place))
    }
    let wrong = Mutex<[String]>([])
    let group = DispatchGroup()
    for call in calls {
      group.enter()
      Thread.detachNewThread {
        defer { group.leave() }
        let result = Result {
          let expected = try call.outcome(of: kernel)
          for round in 0..<10 {
            let found = try call.outcome(of: kernel, threads: threads)
            guard found.forward != expected.forward || found.backward != expected.backward
            else { continue }
            wrong.withLock { $0.append("\(call), round \(round)") }
          }
        }
        if case .failure(let error) = result {
          wrong.withLock { $0.append("\(call): \(error)") }
        }
      }
    }
    group.wait()
    #expect(wrong.withLock { $0 } == [])
  }

  @Test func aLayerUsesItsThreads() throws {
    let norm = try Norm.load(specs + "/batch_norm.norm")[0]
    let sizes = ["C": 40]
    var alone = try NormLayer(norm.compile(), sizes: sizes)
    var layer = try NormLayer(norm.compile(), sizes: sizes, threads: .shared)
    let x = KernelArray.float32((0..<(64 * 40 * 33)).map { Float(($0 * 7919) % 1013) / 64 })
    for _ in 0..<3 {
      let expected = try alone.forward(["x": x], sizes: ["N": 64])
      let pass = try layer.forward(["x": x], sizes: ["N": 64])
      #expect(pass["y"] == expected["y"])
      try #expect(layer.backward(pass, ["y": x]) == alone.backward(expected, ["y": x]))
      #expect(layer.arrays == alone.arrays)
    }
  }

  @Test(arguments: [-1, 0, Kernel.Threads.limit + 1])
  func aCountWithoutSenseIsRefused(_ count: Int) {
    #expect(throws: KernelError.noThreads(count)) { try Kernel.Threads(count: count) }
  }

  @Test func thereIsAThreadForEachProcessor() throws {
    #expect(Kernel.Threads.shared.count == Kernel.Threads.processorCount)
    try #expect(Kernel.Threads().count == Kernel.Threads.processorCount)
    try #expect(Kernel.Threads(count: 5).count == 5)
  }

  private let specs = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "specs").path
}

extension TestNorm {
  /// Sizes at which most functions are cut into more pieces than there are threads.
  fileprivate var sizesOfManyPieces: [[String: Int]] {
    (0..<2).map { shift in
      sizes { [53, 47, 59][($0 + shift) % 3] * (isFlat ? 7 : 1) }
    }
  }
}
