import LoopIR
import Syntax
import TestSupport
import Testing

@testable import NormGen

/// What is the same at all places of an axis is computed once for it where it costs much.
@Suite struct RegionHoistingTests {
  private func kernel(
    _ text: String, _ direction: Direction = .forward, _ phase: CallPhase = .train
  ) throws -> LoopKernel {
    let functions = try compiledFunctions(try checkedNorm(text), Options()).functions
    let kernel = try #require(
      functions.first { $0.direction == direction && $0.phase == phase }?.kernel)
    #expect(kernel.problems().isEmpty)
    return kernel
  }

  /// The names of the axes of what each hoisted array holds.
  private func hoisted(_ kernel: LoopKernel) -> [String: [String]] {
    var found: [String: [String]] = [:]
    for buffer in kernel.buffers where buffer.role == .workspace {
      found[buffer.name] = buffer.axes.map { kernel.axes[$0].name }
    }
    return found
  }

  private func costlyOperations(_ region: Region) -> Int {
    region.steps.filter { $0.sweep != nil }.flatMap(\.body.program.operations).count { operation in
      switch operation {
      case .function, .unary(.squareRoot, _), .binary(.divide, _, _): true
      default: false
      }
    }
  }

  private let columns = """
    norm columns(x[N, C]) -> y {
      scalar eps = 1e-5, momentum = 0.1
      reduce N
      center
      divide by std
      track ema(momentum)
      affine C
    }
    """

  @Test func evaluationTakesOneRootForEachChannel() throws {
    let kernel = try kernel(columns, .forward, .eval)
    #expect(hoisted(kernel) == ["rstd_of_each": ["C"]])
    #expect(kernel.regions[0].kept.isEmpty && costlyOperations(kernel.regions[0]) == 2)
    let writer = try #require(kernel.regions.first { $0.title.contains("y") })
    #expect(!writer.kept.isEmpty && costlyOperations(writer) == 0)
  }

  @Test func aGateOfChannelsIsComputedOnceForAllSweeps() throws {
    let text =
      "norm gated(x[N, C]) -> y { param gate[C] = 1 u = x * sigmoid(gate) "
      + "y = u - mean[C](u) }"
    let kernel = try kernel(text)
    #expect(hoisted(kernel).values.map(\.self) == [["C"]])
    #expect(kernel.regions.count == 2 && costlyOperations(kernel.regions[1]) == 0)
    let sweeps = kernel.regions[1].steps.filter { $0.sweep != nil }
    let array = try #require(kernel.buffers.firstIndex { $0.role == .workspace })
    #expect(sweeps.count == 2)
    #expect(sweeps.allSatisfy { $0.body.arguments.contains(.load(BufferID(array))) })
  }

  @Test func anArrayHasTheAxesAlongWhichItsValuesVary() throws {
    let text = "norm gated(x[N, T, C]) -> y { param gate[N, C] = 1 y = x * tanh(gate) }"
    #expect(hoisted(try kernel(text)).values.map(\.self) == [["N", "C"]])
  }

  @Test func aWindowReadsWhatIsComputedOnceForEachElement() throws {
    let kernel = try kernel("norm n(x[N, C, S]) -> y { y = x + sum[C: -1...1](exp(x)) }")
    #expect(hoisted(kernel).values.map(\.self) == [["N", "C_near", "S"]])
    #expect(costlyOperations(kernel.regions[0]) == 1)
    #expect(kernel.regions.dropFirst().allSatisfy { costlyOperations($0) == 0 })
  }

  @Test func aWindowOfCheapValuesKeepsNothing() throws {
    let kernel = try kernel("norm n(x[N, C, S]) -> y { y = x + sum[C: -1...1](x / 3) }")
    #expect(hoisted(kernel).isEmpty)
  }

  @Test(arguments: [
    "y = x * sigmoid(x)", "y = x / sqrt(mean[C](x * x) + 1)", "y = x * (2 + weight)",
  ])
  func whatVariesEverywhereOrIsCheapStays(_ equation: String) throws {
    let kernel = try kernel("norm n(x[N, C]) -> y { param weight[C] = 1 \(equation) }")
    #expect(hoisted(kernel).isEmpty && kernel.regions.count == 1)
  }

  @Test func whatIsMadeOfAnEarlierRegionStays() throws {
    let text =
      "norm mixed(x[N, C], g[N, K]) -> y { param a[K] = 1 "
      + "y = x * sum[K](g * tanh(a / sum[K](a))) }"
    let kernel = try kernel(text)
    #expect(!hoisted(kernel).isEmpty && !hoisted(kernel).values.contains(["K"]))
  }

  @Test func anArrayThatIsReadBeforeItsRegionIsFound() throws {
    var kernel = try kernel(columns, .forward, .eval)
    kernel.regions.append(kernel.regions.removeFirst())
    #expect(kernel.problems().contains { $0.contains("rstd_of_each is read before it is written") })
  }
}
