import Basics
import Foundation
import Testing

@testable import Syntax

/// Texts beside the tests, found by convention.
enum TestFiles {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()

  /// The names in `subfolder` with an ending, sorted.
  static func names(in subfolder: String, ending: String) -> [String] {
    let path = folder.appending(path: subfolder).path
    let files = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return files.filter { $0.hasSuffix(ending) }.sorted()
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: folder.appending(path: name)))
  }

  /// Fails unless `text` is what the file holds; then writes it beside, as `NAME.observed`.
  static func compare(_ text: String, with name: String) {
    let file = folder.appending(path: name)
    let expected = try? String(contentsOf: file, encoding: .utf8)
    guard text != expected else { return }
    let observed = file.appendingPathExtension("observed")
    try? Data(text.utf8).write(to: observed)
    let hint = "read \(name).observed; if it is right, rename it to \(name)"
    Issue.record(
      expected == nil
        ? "\(name) is missing: \(hint)" : "\(name) differs from what was observed: \(hint)")
  }
}

/// Where a spec text comes from.
struct NamedSpec: CustomTestStringConvertible {
  var name: String
  var source: SourceFile

  var testDescription: String { name }

  /// The shipped specs and those of `Valid`.
  static let valid: [NamedSpec] = {
    let shipped = SpecFiles.names.compactMap { name in
      (try? SpecFiles.source(name)).map { NamedSpec(name: name, source: $0) }
    }
    let own = TestFiles.names(in: "Valid", ending: ".norm").compactMap { name in
      (try? TestFiles.bytes("Valid/\(name)")).map {
        NamedSpec(name: name, source: SourceFile(name: name, bytes: $0))
      }
    }
    return shipped + own
  }()
}

extension CheckedNorm {
  /// The norm without what layout and comments change: its text and its line numbers.
  var meaning: CheckedNorm {
    var norm = self
    norm.documentation = []
    norm.source = ""
    norm.calledSources = []
    for index in norm.values.indices { norm.values[index].line = 0 }
    norm.train = norm.train.withoutLines
    norm.eval = norm.eval.withoutLines
    norm.events = norm.events.map {
      Event(
        name: $0.name, arguments: $0.arguments, shared: stripped($0.shared),
        equations: stripped($0.equations), updates: stripped($0.updates))
    }
    return norm
  }
}

private func stripped(_ equations: [Equation]) -> [Equation] {
  equations.map { Equation(value: $0.value, term: $0.term) }
}

extension Phase {
  fileprivate var withoutLines: Phase {
    Phase(
      equations: stripped(equations), updates: stripped(updates),
      gradients: gradients.map {
        GradientBlock(
          value: $0.value, adjoint: $0.adjoint, equations: stripped($0.equations),
          contributions: stripped($0.contributions), updates: stripped($0.updates))
      })
  }
}
