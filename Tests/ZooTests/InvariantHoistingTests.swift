import LoopIR
import Testing

@testable import NormGen

/// What is the same in all segments of a sweep is computed before them where it costs much.
@Suite struct InvariantHoistingTests {
  private func kernel(_ name: String, _ direction: Direction) throws -> LoopKernel {
    let norm = try #require(Zoo.shared.norm(name)).checked
    let functions = try compiledFunctions(norm, Options()).functions
    return try #require(
      functions.first { $0.direction == direction && $0.event == nil && $0.phase == .train }
    ).kernel
  }

  private func stores(_ region: Region) -> [StoreStep] {
    region.steps.compactMap { step in
      if case .store(let store) = step { store } else { nil }
    }
  }

  private func divisionsAndRoots(_ step: StoreStep) -> Int {
    step.body.program.operations.count { operation in
      switch operation {
      case .unary(.squareRoot, _), .binary(.divide, _, _): true
      default: false
      }
    }
  }

  @Test(arguments: [Direction.forward, .backward])
  func whatEachChannelHasIsComputedOnceAChannel(_ direction: Direction) throws {
    let kernel = try kernel("global_response_norm", direction)
    let region = try #require(kernel.regions.first { stores($0).count == 2 })
    let (hoisted, rest) = (stores(region)[0], stores(region)[1])
    #expect(hoisted.sweep == Sweep(segments: [], run: rest.sweep.run))
    #expect(!rest.sweep.segments.isEmpty)
    #expect(divisionsAndRoots(hoisted) > 0 && divisionsAndRoots(rest) == 0)
    for (_, buffer) in hoisted.stores {
      #expect(kernel.buffers[buffer.index].role == .workspace)
      #expect(kernel.buffers[buffer.index].axes == region.kept + rest.sweep.run)
      #expect(rest.body.arguments.contains(.load(buffer)))
    }
    #expect(kernel.problems().isEmpty)
  }

  @Test func whatVariesFromSegmentToSegmentStays() throws {
    for name in ["group_norm", "batch_norm", "softmax"] {
      let kernel = try kernel(name, .backward)
      #expect(kernel.regions.allSatisfy { stores($0).allSatisfy { writesOutputs($0, kernel) } })
    }
  }

  private func writesOutputs(_ step: StoreStep, _ kernel: LoopKernel) -> Bool {
    step.stores.allSatisfy { kernel.buffers[$0.buffer.index].role == .output }
  }

  @Test func anArrayThatIsReadBeforeItsSweepIsFound() throws {
    var kernel = try kernel("global_response_norm", .backward)
    let place = try #require(kernel.regions.firstIndex { stores($0).count == 2 })
    let count = kernel.regions[place].steps.count
    kernel.regions[place].steps.swapAt(count - 2, count - 1)
    let problem = "factor_of_each is read before it is written"
    #expect(kernel.problems().contains { $0.contains(problem) })
  }
}
