import Foundation
import Testing

/// Norms that no one thought of: each must check, format, compile, and compute what the
/// interpreter computes, forward and backward.
///
/// `NORMGEN_SEED` and `NORMGEN_NORMS` in the environment try others than CI does.
@Suite struct RandomNormTests {
  private let first: UInt64
  private let count: Int

  init() {
    let environment = ProcessInfo.processInfo.environment
    first = environment["NORMGEN_SEED"].flatMap { UInt64($0) } ?? 1
    count = environment["NORMGEN_NORMS"].flatMap { Int($0) } ?? 300
  }

  /// Norms are tried in shares, side by side.
  private static let shares = 4

  @Test(arguments: 0..<shares)
  func randomNormsComputeWhatTheInterpreterComputes(share: Int) {
    var unstable: [UInt64] = []
    for seed in seeds where seed % UInt64(Self.shares) == UInt64(share) {
      var generator = SpecGenerator(seed: seed)
      let spec = generator.spec()
      let compilers = seed % 25 == 0 ? ["gcc", "clang"] : []
      trace(spec, seed, share)
      switch NormTrial(text: spec.text, seed: seed, compilers: compilers).run() {
      case .holds: break
      case .unstable: unstable.append(seed)
      case .fails(let failure): report(failure, of: spec, seed, compilers)
      }
    }
    #expect(
      unstable.count <= max(2, count / Self.shares / 10),
      "rounding alone explains too much: \(unstable)")
  }

  @Test func everyFeatureIsReached() {
    var reached: [Feature: Int] = [:]
    for seed in UInt64(1)...300 {
      var generator = SpecGenerator(seed: seed)
      _ = generator.spec()
      for feature in generator.features { reached[feature, default: 0] += 1 }
    }
    for feature in Feature.allCases {
      #expect(reached[feature, default: 0] >= 3, "\(feature.rawValue) is hardly tried")
    }
  }

  private var seeds: Range<UInt64> { first..<first + UInt64(count) }

  private func report(
    _ failure: NormTrial.Failure, of spec: Spec, _ seed: UInt64, _ compilers: [String]
  ) {
    let (small, found) = spec.shrunk(failure, seed: seed, compilers: compilers)
    Issue.record(
      """
      seed \(seed): \(failure.property.rawValue) does not hold
      \(small.text)\(found.details)
      (before it was made smaller: \(failure.details))
      """)
  }

  /// A trap ends the process before anything can be said of the norm: where `NORMGEN_TRACE` names
  /// a file, that file with the number of the share holds the norm in trial.
  private func trace(_ spec: Spec, _ seed: UInt64, _ share: Int) {
    guard let path = ProcessInfo.processInfo.environment["NORMGEN_TRACE"] else { return }
    try? "// seed \(seed)\n\(spec.text)".write(
      toFile: path + "\(share)", atomically: false, encoding: .utf8)
  }
}
