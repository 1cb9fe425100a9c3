import NormGen
import Testing

/// Rows of up to 16 elements lie in lanes, 16 or 8 of them at once. That changes no bit, however
/// long rows are and whatever number of them is left at the end.
@Suite struct TurnedRowsTests {
  private static let counts = [0, 1, 15, 16, 17, 33, 130]

  /// Moments, sums, maxima, sums that ride, saved statistics, groups of a longer row.
  @Test(
    arguments: ["layer_norm", "rms_norm", "softmax", "add_rms_norm", "group_scaling_1d"],
    [TestedEngine.jit, .avx2, .plain, .gcc])
  func shortRowsHaveTheBitsOfTheGraph(_ name: String, _ engine: TestedEngine) throws {
    let norm = try TestNorm.ofSpec(name)
    let kernel = try SpecKernels.shared[name, .float32, engine]
    for length in 1...17 {
      for (index, count) in Self.counts.enumerated() {
        try norm.call(rows: count, of: length, TestData.allCases[(index + length) % 3])
          .expectBitsOfTheGraph(kernel, engine.rawValue)
      }
    }
  }

  @Test(arguments: [8, 1]) func narrowerLanesGiveTheSameBits(_ lanes: Int) throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    let narrow = try norm.kernel(ofLanes: lanes)
    for length in 1...17 {
      for count in Self.counts {
        try norm.call(rows: count, of: length, .special)
          .expectBitsOfTheGraph(narrow, "\(lanes) lanes")
      }
    }
  }

  /// A row has the same bits wherever it stands among others.
  @Test(arguments: [3, 8, 16]) func fixedLengthsGiveTheSameBits(_ length: Int) throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    for (engine, kernel) in try norm.kernels(fixing: length) {
      for count in Self.counts {
        try norm.call(rows: count, of: length, .special)
          .expectBitsOfTheGraph(kernel, engine.rawValue)
      }
    }
  }
}
