import Basics
import Foundation
import Syntax
import Testing

/// The texts on record, found by convention: `Goldens/<norm>/<stage>.txt`.
enum Goldens {
  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
  private static let package = tests.deletingLastPathComponent().deletingLastPathComponent()

  /// `true` iff texts are to be put on record; a run that does so fails all the same, so that no
  /// record is ever taken for a check.
  private static var isRecording: Bool {
    ProcessInfo.processInfo.environment["NORMGEN_RECORD"] == "1"
  }

  /// Fails unless `text` is the one on record; then writes it beside, as `*.observed`.
  static func compare(
    _ text: String, with name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = tests.appending(path: "Goldens/\(name)")
    let expected = try? String(contentsOf: file, encoding: .utf8)
    let advice = "NORMGEN_RECORD=1 swift test --filter GoldenTests records it"
    if isRecording {
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
      Issue.record("\(name) is recorded; run again to check it", sourceLocation: sourceLocation)
    } else if expected == nil {
      Issue.record("\(name) is missing; \(advice)", sourceLocation: sourceLocation)
    } else if expected != text {
      try Data(text.utf8).write(to: file.appendingPathExtension("observed"))
      Issue.record(
        "\(name) differs from \(name).observed; if that is right, \(advice)",
        sourceLocation: sourceLocation)
    }
  }

  /// The checked norm of a shipped spec.
  static func shipped(_ name: String) throws -> CheckedNorm {
    let file = package.appending(path: "specs/\(name).norm")
    return try checkedNorm(String(contentsOf: file, encoding: .utf8), name: "\(name).norm")
  }
}

/// The last norm of a text that has no errors.
func checkedNorm(
  _ text: String, name: String = "test.norm", sourceLocation: SourceLocation = #_sourceLocation
) throws -> CheckedNorm {
  var diagnostics = DiagnosticSet()
  let norms = check(SourceFile(name: name, text: text), into: &diagnostics)
  return try #require(norms.last, "\(diagnostics)", sourceLocation: sourceLocation)
}
