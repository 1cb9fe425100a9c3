import LoopIR
import Testing

@testable import NormGen

/// What costs much is computed once where two sweeps of a place need it.
@Suite struct RowKeepingTests {
  private func region(
    _ name: String, _ direction: Direction = .forward, sizes: [String: Int] = [:]
  ) throws -> (region: Region, kernel: LoopKernel) {
    let norm = try #require(Zoo.shared.norm(name)).checked
    var options = Options()
    options.sizes = sizes
    let functions = try compiledFunctions(norm, options).functions
    let function = try #require(
      functions.first { $0.direction == direction && $0.event == nil && $0.phase == .train })
    return (try #require(function.kernel.regions.first), function.kernel)
  }

  private func functions(in steps: [Step]) -> Int {
    steps.filter { $0.sweep != nil }.reduce(0) { count, step in
      count
        + step.body.program.operations.count { operation in
          if case .function = operation { true } else { false }
        }
    }
  }

  private func keeps(in steps: [Step]) -> Int {
    steps.reduce(0) { count, step in
      if case .reduce(let reduce) = step { count + reduce.keeps.count } else { count }
    }
  }

  @Test(arguments: [("softmax", Direction.forward, 1), ("gated_rms_norm_before", .backward, 2)])
  func oneExponentialAnElementIsTaken(norm: String, _ direction: Direction, rows: Int) throws {
    let (region, kernel) = try region(norm, direction)
    let steps = try #require(region.stepsOfOneBlock)
    #expect(functions(in: region.steps) == 2 && functions(in: steps) == 1)
    #expect(keeps(in: region.steps) == 0 && keeps(in: steps) == rows)
    #expect(kernel.problems().isEmpty)
  }

  @Test func aBackwardThatIsGivenTheOutputTakesNone() throws {
    let region = try region("softmax", .backward).region
    #expect(functions(in: region.steps) == 0 && region.stepsOfOneBlock == nil)
  }

  @Test func fixedSizesDecideOnce() throws {
    let short = try region("softmax", sizes: ["C": 4096]).region
    #expect(short.stepsOfOneBlock == nil && keeps(in: short.steps) == 1)
    let long = try region("softmax", sizes: ["C": 4097]).region
    #expect(long.stepsOfOneBlock == nil && keeps(in: long.steps) == 0)
  }

  @Test func arithmeticIsNotWorthARow() throws {
    let region = try region("layer_norm", .backward).region
    #expect(region.stepsOfOneBlock == nil && keeps(in: region.steps) == 0)
  }

  @Test func aRowThatNobodyFillsIsFound() throws {
    var (region, kernel) = try region("softmax")
    var steps = try #require(region.stepsOfOneBlock)
    for index in steps.indices {
      guard case .reduce(var reduce) = steps[index] else { continue }
      reduce.keeps = []
      steps[index] = .reduce(reduce)
    }
    region.stepsOfOneBlock = steps
    kernel.regions[0] = region
    #expect(kernel.problems().contains { $0.contains("is read before it is kept") })
  }
}
