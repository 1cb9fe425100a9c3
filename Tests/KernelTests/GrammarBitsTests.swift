import Foundation
import NormGen
import Testing

/// The norms of the syntax tests use all of the language: their kernels give the bits of their
/// graphs, too.
@Suite struct GrammarBitsTests {
  private static let directory =
    URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().path + "/SyntaxTests/Valid/"

  @Test(
    arguments: ["states", "statistics", "conditions", "calls", "events", "indices"],
    Options.Scalar.wide)
  func kernelsGiveTheBitsOfTheirGraphs(_ file: String, _ type: Options.Scalar) throws {
    for norm in try Norm.load(Self.directory + file + ".norm").map({ TestNorm($0.checked) }) {
      let kernel = try kernel(norm, type, .jit)
      for phase in norm.phases {
        for (index, lengths) in [[3, 5, 4, 2], [7, 1, 9, 3], [5, 70, 3, 4], [0, 3, 2, 5]]
          .enumerated()
        {
          let data = TestData.allCases[index % 3]
          let sizes = norm.sizes { lengths[$0 % 4] }
          let call = try TestCall(norm, type, phase, sizes: sizes, data: data, seed: 5)
          let found = try call.outcome(of: kernel)
          expectSameBits(found, try call.reference(), "jit, \(call)")
        }
      }
    }
  }

  /// The instruction sets that this processor does not take by itself.
  @Test(arguments: ["layer_norm", "batch_norm", "group_norm", "softmax"], Options.Scalar.allCases)
  func narrowerLanesGiveTheSameBits(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    for lanes in [1, type == .float64 ? 4 : 8] {
      let narrow = try kernel(
        norm, type, TestedEngine.gcc.engine(["-DNORMGEN_LANES=\(lanes)"]))
      for phase in norm.phases {
        for (index, lengths) in [[3, 5, 17], [1, 1023, 2], [70, 3, 8], [5, 4100, 1]].enumerated() {
          let sizes = norm.sizes { lengths[$0 % 3] }
          let call = try TestCall(norm, type, phase, sizes: sizes, data: .special, seed: 3)
          let wide = try call.outcome(of: SpecKernels.shared[name, type, .gcc])
          expectSameBits(try call.outcome(of: narrow), wide, "\(lanes) lanes, \(call), \(index)")
        }
      }
    }
  }
}
