import LoopIR
import Syntax
import Testing

@testable import NormGen

/// Forward mode and second derivatives of every spec, through the JIT in float64, against central
/// differences of the interpreter's forward and gradient.
@Suite struct DerivativeTests {
  /// Those that are compiled and replace no gradient.
  static let norms: [String] = Zoo.shared.norms.filter { norm in
    norm.checked.train.gradients.isEmpty && norm.checked.eval.gradients.isEmpty
      && (try? norm.checked.checkIsCompiled()) != nil
  }.map(\.name)

  /// Central differences with steps of 1e-6 to 1e-4 err by 1e-8 of what is of order 1; the third
  /// derivatives of norms of a few elements are some hundred times that.
  private static let tolerance = 1e-6

  @Test(arguments: norms)
  func derivativesAreWhatDifferencesGive(_ name: String) throws {
    let norm = try #require(Zoo.shared.norm(name))
    var options = Options()
    options.type = .float64
    options.derivatives = Set(Options.Derivative.allCases)
    let kernel = try norm.compile(options)
    for phase in CallPhase.allCases {
      let seed: UInt64 = 5
      let call = try DerivedCall(norm.checked, kernel, phase, seed: seed)
      for comparison in try call.comparisons() {
        #expect(
          comparison.deviation <= Self.tolerance,
          "\(name), \(phase.rawValue), seed \(seed): \(comparison.name)")
      }
    }
  }

  @Test func mostNormsHaveThem() {
    #expect(Self.norms.count > 130)
  }
}
