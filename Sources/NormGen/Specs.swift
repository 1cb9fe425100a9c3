import Basics
import Foundation
import Syntax

/// The norms of some spec files, all of them free of errors.
package struct LoadedSpecs: Sendable {
  /// In the order of the files, and in each in its order.
  package var norms: [CheckedNorm] = []

  /// The norm of that name, or the last where there is no name.
  ///
  /// - Throws: `InputError` if there is none.
  package func norm(named name: String?) throws(InputError) -> CheckedNorm {
    guard let name else {
      guard let last = norms.last else { throw InputError("the file holds no norm") }
      return last
    }
    guard let norm = norms.first(where: { $0.name == name }) else {
      throw InputError(
        "there is no norm named '\(name)'; "
          + listed("there are", norms.map(\.name), near: name))
    }
    return norm
  }
}

/// Reads and checks specs; `warn` is given the text of warnings.
///
/// - Throws: `DiagnosticSet` if any of them has an error, `InputError` if one cannot be read.
package func loadSpecs(
  _ paths: [String], warn: (String) -> Void
) throws -> LoadedSpecs {
  var specs = LoadedSpecs()
  var diagnostics = DiagnosticSet()
  for path in paths {
    specs.norms += check(try sourceFile(path), into: &diagnostics) { sibling($0, of: path) }
  }
  if diagnostics.hasErrors { throw diagnostics }
  if !diagnostics.isEmpty { warn(diagnostics.description) }
  return specs
}

/// What is wrong with some specs.
package struct SpecReport: Sendable {
  private let diagnostics: DiagnosticSet

  fileprivate init(_ diagnostics: DiagnosticSet) { self.diagnostics = diagnostics }

  package var hasErrors: Bool { diagnostics.hasErrors }

  /// As a person reads it; empty where nothing is wrong.
  package var text: String { diagnostics.description }

  /// As programs read it: an array with an object for each diagnostic.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(diagnostics.reports), as: UTF8.self) + "\n"
  }
}

/// Checks all specs and collects what is wrong with any of them.
///
/// - Throws: `InputError` if one cannot be read.
package func checkSpecs(_ paths: [String]) throws(InputError) -> SpecReport {
  var diagnostics = DiagnosticSet()
  for path in paths {
    _ = check(try sourceFile(path), into: &diagnostics) { sibling($0, of: path) }
  }
  return SpecReport(diagnostics)
}

/// Reads a spec without a look at what it says.
func sourceFile(_ path: String) throws(InputError) -> SourceFile {
  SourceFile(name: path, bytes: try readBytes(path))
}

/// The file `NAME.norm` in the folder of `path`, where norms that it calls are looked for; `nil`
/// if there is none that can be read.
func sibling(_ name: String, of path: String) -> SourceFile? {
  guard path != standardStream else { return nil }
  let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
  return try? sourceFile("\(folder)\(name).norm")
}
