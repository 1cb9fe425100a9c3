import NormGen
import Testing

@testable import Passes

/// The statistics of 32 rows of up to 64 elements, and of 16 of up to 256, are made together, in
/// lanes. That changes no bit, however long rows are and whatever number is left at the end.
@Suite struct GatheredRowsTests {
  private static let counts = [15, 16, 17, 31, 32, 33, 47, 48, 64, 65]
  private static let lengths = [17, 24, 33, 48, 64, 65, 100, 200, 255, 256, 257]
  private static let specs = ["layer_norm", "rms_norm", "softmax", "group_norm"]

  /// Moments, sums with a root, maxima and rows that are kept, groups of a longer row.
  @Test(arguments: specs, [TestedEngine.jit, .avx2, .plain, .gcc])
  func rowsHaveTheBitsOfTheGraph(_ name: String, _ engine: TestedEngine) throws {
    let norm = try TestNorm.ofSpec(name)
    let kernel = try SpecKernels.shared[name, .float32, engine]
    for length in Self.lengths {
      for (index, count) in Self.counts.enumerated() where (index + length) % 3 == 0 {
        try norm.call(
          rows: count, of: length, others: 3, TestData.allCases[(index + length) % 3]
        ).expectBitsOfTheGraph(kernel, engine.rawValue)
      }
    }
  }

  @Test(arguments: [8, 1]) func narrowerLanesGiveTheSameBits(_ lanes: Int) throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    let narrow = try norm.kernel(ofLanes: lanes)
    for length in Self.lengths {
      for count in [33, 64] {
        try norm.call(rows: count, of: length, .special)
          .expectBitsOfTheGraph(narrow, "\(lanes) lanes")
      }
    }
  }

  @Test(arguments: [24, 100, 256, 300]) func fixedLengthsGiveTheSameBits(_ length: Int) throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    for (engine, kernel) in try norm.kernels(fixing: length) {
      for count in Self.counts {
        try norm.call(rows: count, of: length, .special)
          .expectBitsOfTheGraph(kernel, engine.rawValue)
      }
    }
  }

  /// A single sweep without a root gains nothing, nor do rows that are always longer.
  @Test func rowsAreGatheredWhereItPays() throws {
    func names(_ spec: String, _ sizes: [String: Int] = [:]) throws -> [String] {
      var options = Options()
      options.sizes = sizes
      let norm = try TestNorm.ofSpec(spec).checked
      let kernels = try #require(try compile(norm, options).machineKernels(for: .avx512))
      return kernels.kernelNames.filter { $0.contains("gathered") }
    }
    #expect(try names("layer_norm") == ["forward_gathered", "forward_gathered_stream"])
    #expect(try names("layer_norm", ["C": 256]).count == 2)
    #expect(try names("layer_norm", ["C": 257]).isEmpty)
    #expect(try names("rms_norm") == ["forward_gathered"])
    #expect(try names("softmax") == ["forward_gathered", "forward_gathered_stream"])
    #expect(try names("batch_norm").isEmpty)
  }
}
