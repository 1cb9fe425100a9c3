import Basics
import Foundation

@testable import Syntax

/// The specs that the project ships.
enum SpecFiles {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// The names of the shipped specs, sorted.
  static let names: [String] = {
    let folder = root.appending(path: "specs").path
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.filter { $0.hasSuffix(".norm") }.sorted()
  }()

  static func source(_ name: String) throws -> SourceFile {
    let data = try Data(contentsOf: root.appending(path: "specs/\(name)"))
    return SourceFile(name: name, bytes: Array(data))
  }
}

/// Returns the norms of `text`, and its diagnostics as they are printed.
func checked(_ text: String) -> (norms: [CheckedNorm], messages: String) {
  var diagnostics = DiagnosticSet()
  let norms = check(SourceFile(name: "test.norm", text: text), into: &diagnostics)
  return (norms, diagnostics.description)
}
