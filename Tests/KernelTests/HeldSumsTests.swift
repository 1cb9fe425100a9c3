import NormGen
import Testing

@testable import Passes

/// Sums over rows of up to 128 elements stay in vectors from the first row of a set to the last.
/// That changes no bit, however long rows are and whatever number of them is left at the end.
@Suite struct HeldSumsTests {
  private static let counts = [0, 1, 2, 63, 64, 65, 129]
  private static let lengths = [17, 31, 32, 48, 63, 64, 65, 80, 100, 127, 128, 129]

  /// Sums that ride where the row is reduced, where it is written, and only where a condition
  /// holds; rows of two axes.
  private static let norms = [
    "layer_norm": nil, "rms_norm": nil,
    "shift": ElementwiseNorms.shift, "rectifier": ElementwiseNorms.rectifier,
    "planes": """
    norm planes(x[N, C, D]) -> y {
      param a[C, D] = 1
      y = (x - mean[C, D](x)) * a
    }
    """,
  ]

  private static func norm(_ name: String) throws -> TestNorm {
    try norms[name]?.map { try TestNorm(text: $0) } ?? TestNorm.ofSpec(name)
  }

  @Test(arguments: norms.keys.sorted(), [TestedEngine.jit, .avx2, .plain, .gcc])
  func rowsHaveTheBitsOfTheGraph(_ name: String, _ engine: TestedEngine) throws {
    let norm = try Self.norm(name)
    let kernel = try kernel(norm, .float32, engine.engine())
    for length in Self.lengths {
      for (index, count) in Self.counts.enumerated() where (index + length) % 3 == 0 {
        try norm.call(
          rows: count, of: length, others: 1, TestData.allCases[(index + length) % 3]
        ).expectBitsOfTheGraph(kernel, engine.rawValue)
      }
    }
  }

  @Test(arguments: [8, 1]) func narrowerLanesGiveTheSameBits(_ lanes: Int) throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    let narrow = try norm.kernel(ofLanes: lanes)
    for length in Self.lengths {
      try norm.call(rows: 65, of: length, .special).expectBitsOfTheGraph(narrow, "\(lanes) lanes")
    }
  }

  @Test(arguments: [24, 64, 100, 128]) func fixedLengthsGiveTheSameBits(_ length: Int) throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    for (engine, kernel) in try norm.kernels(fixing: length) {
      for count in Self.counts {
        try norm.call(rows: count, of: length, .special)
          .expectBitsOfTheGraph(kernel, engine.rawValue)
      }
    }
  }

  /// Sums that ride along runs of their own have slots for these, and columns are no rows.
  @Test func sumsAreHeldWhereRowsMayBeShort() throws {
    func names(_ spec: String, _ type: Options.Scalar = .float32, _ sizes: [String: Int] = [:])
      throws -> [String]
    {
      var options = Options()
      options.type = type
      options.sizes = sizes
      let norm = try TestNorm.ofSpec(spec).checked
      let kernels = try #require(try compile(norm, options).machineKernels(for: .avx512))
      return kernels.kernelNames.filter { $0.contains("held") }
    }
    #expect(try names("layer_norm") == ["backward_1_held", "backward_1_held_stream"])
    #expect(try names("layer_norm", .float32, ["C": 128]).count == 2)
    #expect(try names("layer_norm", .float32, ["C": 129]).isEmpty)
    #expect(try names("layer_norm", .float64, ["C": 64]).count == 2)
    #expect(try names("layer_norm", .float64, ["C": 65]).isEmpty)
    #expect(try names("group_norm").isEmpty)
    #expect(try names("softmax").isEmpty)
  }
}
