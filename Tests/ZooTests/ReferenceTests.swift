import Foundation
import Syntax
import Testing

@testable import NormGen

/// Every spec against what an independent script computed from the formula alone.
@Suite struct ReferenceTests {
  @Test(arguments: ReferenceFile.names)
  func aNormIsWhatItsReferenceSays(_ name: String) throws {
    guard withoutSpec[name] == nil else { return }
    let norm = try #require(Zoo.shared.norm(ReferenceEntry.of(name).norm ?? name)).checked
    let file = try ReferenceFile(name)
    try expectClose(.interpreter, "interpreter", norm, file, .float64)
    if let feature = norm.featureThatIsNotCompiled {
      print("\(name): only interpreted, as \(feature)")
      return
    }
    for type in [Options.Scalar.float64, .float32] {
      for (text, engine) in engines {
        var options = Options()
        options.type = type
        let kernel = try Norm(norm).compile(options, engine: engine)
        try expectClose(.kernel(kernel), text, norm, file, type)
      }
    }
  }

  @Test func everyReferenceHasASpecAndEverySpecAReference() throws {
    let used = ReferenceFile.names.map { ReferenceEntry.of($0).norm ?? $0 }
    for (name, norm) in zip(ReferenceFile.names, used) where withoutSpec[name] == nil {
      #expect(Zoo.shared.norm(norm) != nil, "\(name).npz has no norm \(norm)")
    }
    for norm in Zoo.shared.norms where withoutReference[norm.name] == nil {
      #expect(used.contains(norm.name), "\(norm.name) has no reference")
    }
  }

  private let engines: [(String, NormGen.Engine)] = [
    ("jit", .jit),
    // One lane compiles in a tenth of the time; the lanes of processors have tests of their own.
    ("cc", .cc(flags: ["-std=c11", "-O0", "-DNORMGEN_LANES=1"])),
  ]

  /// The one tolerance: roundings of the type, in units of the largest number of the array or 1.
  private func expectClose(
    _ engine: ReferenceRun.Engine, _ text: String, _ norm: CheckedNorm, _ file: ReferenceFile,
    _ type: Options.Scalar
  ) throws {
    var run: ReferenceRun
    let comparisons: [ReferenceRun.Comparison]
    do {
      run = try ReferenceRun(norm, file, type)
      comparisons = try run.comparisons(engine)
    } catch {
      Issue.record("\(file.name), \(text) \(type.rawValue): \(error)")
      return
    }
    #expect(!comparisons.isEmpty)
    for comparison in comparisons {
      let error = scaledDeviation(comparison.expected, comparison.found) / type.epsilon
      if !(error <= roundings) {
        Issue.record(
          """
          \(file.name), step \(comparison.step), \(comparison.name), \(text) \(type.rawValue): \
          off by \(error) roundings
          """)
      }
    }
  }

  private let roundings = 100.0
}

extension CheckedNorm {
  /// What the compiler does not know yet of what the norm uses.
  fileprivate var featureThatIsNotCompiled: String? {
    do { try checkIsCompiled() } catch { return error.description }
    return nil
  }
}

extension Options.Scalar {
  /// The distance from 1 to the next number.
  fileprivate var epsilon: Double {
    switch self {
    case .float32: Double(Float.ulpOfOne)
    case .float64: .ulpOfOne
    case .bfloat16: 0x1p-7
    case .float16: 0x1p-10
    }
  }
}
