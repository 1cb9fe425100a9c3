import LoopIR
import Syntax
import Testing

@testable import NormGen

/// How far kernels and interpreter are from the references, family by family: `make errors`.
///
/// C has the bits of the JIT, which other tests assert, so it is left out here.
@Suite struct FamilyErrorTests {
  /// Largest deviations, in units of the largest number of their array or 1, where that is larger.
  fileprivate struct Errors {
    var references = 0
    var interpreted = 0.0
    var outputs: [Options.Scalar: Double] = [:]
    var gradients: [Options.Scalar: Double] = [:]
    var states: [Options.Scalar: Double] = [:]
    /// The reference and the array of the largest deviation in float32.
    var worst = ""
  }

  private static let types: [Options.Scalar] = [.float32, .float64]

  @Test func theLargestErrorOfEachFamilyIsRounding() throws {
    var families: [String: Errors] = [:]
    for name in ReferenceFile.names where withoutSpec[name] == nil {
      let norm = try #require(Zoo.shared.norm(ReferenceEntry.of(name).norm ?? name)).checked
      let path = try #require(Zoo.shared.files[norm.name])
      let family = path.contains("/") ? String(path.prefix { $0 != "/" }) : "specs"
      try measure(ReferenceFile(name), norm, into: &families[family, default: Errors()])
    }
    print("\n" + table(families))
    #expect(families.values.reduce(0) { $0 + $1.references } == ReferenceFile.names.count)
    for (family, errors) in families {
      #expect(errors.interpreted < 1e-13, "\(family)")
      for type in Self.types {
        let limit = type == .float32 ? 1e-5 : 1e-13
        let all = [errors.outputs, errors.gradients, errors.states].compactMap { $0[type] }
        #expect(all.allSatisfy { $0 < limit }, "\(family), \(type.rawValue): \(errors.worst)")
      }
    }
  }

  private func measure(
    _ file: ReferenceFile, _ norm: CheckedNorm, into errors: inout Errors
  ) throws {
    errors.references += 1
    var run = try ReferenceRun(norm, file, .float64)
    for comparison in try run.comparisons(.interpreter) {
      errors.interpreted = max(errors.interpreted, comparison.deviation)
    }
    // What a kernel alone cannot do is interpreted.
    guard (try? norm.checkIsCompiled()) != nil, try file.array("rank_sizes") == nil else { return }
    for type in Self.types {
      var options = Options()
      options.type = type
      let kernel = try Norm(norm).compile(options)
      var run = try ReferenceRun(norm, file, type)
      for comparison in try run.comparisons(.kernel(kernel)) {
        errors.note(comparison, type, in: file, of: norm)
      }
    }
  }

  private func table(_ families: [String: Errors]) -> String {
    let types = Self.types.map(\.rawValue)
    var table = TextTable(
      columns: ["family", "references", "interpreter"]
        + ["outputs", "gradients", "states"].flatMap { kind in types.map { "\(kind) \($0)" } }
        + ["worst in f32"])
    for (family, errors) in families.sorted(by: { $0.key < $1.key }) {
      let numbers = [errors.outputs, errors.gradients, errors.states].flatMap { kind in
        Self.types.map { kind[$0].map(scientific) ?? "-" }
      }
      table.append(
        [family, String(errors.references), scientific(errors.interpreted)] + numbers
          + [errors.worst])
    }
    return table.text
  }
}

extension FamilyErrorTests.Errors {
  fileprivate mutating func note(
    _ comparison: ReferenceRun.Comparison, _ type: Options.Scalar, in file: ReferenceFile,
    of norm: CheckedNorm
  ) {
    let deviation = comparison.deviation
    let before = [outputs, gradients, states].compactMap { $0[.float32] }.max() ?? 0
    if type == .float32, deviation > before { worst = "\(file.name) \(comparison.name)" }
    let names = norm.outputs.map { norm.values[$0.index].name }
    if comparison.name.hasPrefix("d_") {
      gradients[type] = max(gradients[type] ?? 0, deviation)
    } else if names.contains(comparison.name) {
      outputs[type] = max(outputs[type] ?? 0, deviation)
    } else {
      states[type] = max(states[type] ?? 0, deviation)
    }
  }
}

extension ReferenceRun.Comparison {
  fileprivate var deviation: Double { scaledDeviation(expected, found) }
}
