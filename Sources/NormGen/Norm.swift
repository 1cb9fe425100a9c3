import Basics
import Syntax

/// A norm that was read and checked, ready to be compiled.
///
///     let norm = try Norm.load("specs/layer_norm.norm")[0]
///     var layer = try NormLayer(norm.compile(), sizes: ["C": 64])
public struct Norm: Sendable {
  /// The norm with its clauses written out.
  package let checked: CheckedNorm
  /// What was noticed in its file that is no error.
  public let warnings: String

  package init(_ checked: CheckedNorm, warnings: String = "") {
    self.checked = checked
    self.warnings = warnings
  }

  /// Reads all norms of a text.
  ///
  /// - Parameter name: what messages call the text.
  /// - Throws: a `SpecError` with every error that the text has.
  public static func parse(_ text: String, name: String = "norm") throws(SpecError) -> [Norm] {
    try parse(SourceFile(name: name, text: text))
  }

  /// Reads all norms of a file, `-` being the standard input. Norms of other files that they call
  /// are those of the same folder.
  ///
  /// - Throws: a `SpecError` with every error that the file has, or the system's reason.
  public static func load(_ path: String) throws(SpecError) -> [Norm] {
    let bytes: [UInt8]
    do { bytes = try readBytes(path) } catch { throw SpecError(error.description) }
    return try parse(SourceFile(name: path, bytes: bytes)) { sibling($0, of: path) }
  }

  private static func parse(
    _ source: SourceFile, file: (_ name: String) -> SourceFile? = { _ in nil }
  ) throws(SpecError) -> [Norm] {
    var diagnostics = DiagnosticSet()
    let norms = check(source, into: &diagnostics, file: file)
    guard !diagnostics.hasErrors else { throw SpecError(diagnostics.description) }
    return norms.map { Norm($0, warnings: diagnostics.description) }
  }

  /// The name of the norm, unique in its file.
  public var name: String { checked.name }

  /// The text of the `///` comments before the norm.
  public var documentation: String { checked.documentation.joined(separator: "\n") }
}

/// The errors of a spec, as a person reads them: each with its place, its line and a caret.
public struct SpecError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
