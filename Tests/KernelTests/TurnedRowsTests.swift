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
        let call = try call(norm, count, length, TestData.allCases[(index + length) % 3])
        expectSameBits(
          try call.outcome(of: kernel), try call.reference(), "\(engine.rawValue), \(call)")
      }
    }
  }

  @Test(arguments: [8, 1]) func narrowerLanesGiveTheSameBits(_ lanes: Int) throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    let narrow = try kernel(
      norm, .float32, TestedEngine.gcc.engine(["-DNORMGEN_LANES=\(lanes)"]))
    for length in 1...17 {
      for count in Self.counts {
        let call = try call(norm, count, length, .special)
        expectSameBits(
          try call.outcome(of: narrow), try call.reference(), "\(lanes) lanes, \(call)")
      }
    }
  }

  /// A row has the same bits wherever it stands among others.
  @Test(arguments: [3, 8, 16]) func fixedLengthsGiveTheSameBits(_ length: Int) throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    var options = Options()
    options.sizes = ["C": length]
    let compiled = try compile(norm.checked, options)
    for engine in [TestedEngine.jit, .avx2, .gcc] {
      let fixed = try Kernel(compiled, engine: engine.engine())
      for count in Self.counts {
        let call = try call(norm, count, length, .special)
        expectSameBits(
          try call.outcome(of: fixed), try call.reference(), "\(engine.rawValue), \(call)")
      }
    }
  }

  /// So many rows, or places of as many, of a length.
  private func call(
    _ norm: TestNorm, _ count: Int, _ length: Int, _ data: TestData
  ) throws -> TestCall {
    let sizes = norm.sizes { $0 == 0 ? count : length }
    return try TestCall(
      norm, .float32, .train, sizes: sizes, data: data, seed: UInt64(count * 100 + length))
  }
}
