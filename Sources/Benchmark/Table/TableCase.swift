import Foundation
import LoopIR
import NormGen

/// One case of the table, as its file describes it.
package struct TableCase: Codable, Equatable, Sendable {
  /// What the table calls it: `LayerNorm 64x768`.
  package var title: String
  /// The spec, from the root of the package.
  package var spec: String
  package var sizes: [String: Int]
  /// The type of tensors; `f32` where there is none.
  package var type: String?
  /// The axes that are fixed in further kernels, beside those that take all sizes.
  package var fixed: [String]?
  /// The number of threads on which the kernels run once more.
  package var threads: Int?
  /// What the same norm is called in `peers.py`; `nil` if no peer has it.
  package var peer: String?
}

/// The files of the table.
package struct TableFiles: Sendable {
  /// The root of the package.
  package var root: String

  package init(root: String) { self.root = URL(filePath: root).standardizedFileURL.path }

  /// The cases, in order.
  ///
  /// - Throws: `InputError` if the file cannot be read or holds something else.
  package func cases() throws(InputError) -> [TableCase] {
    let path = "\(root)/Benchmarks/cases.json"
    let bytes = try readBytes(path)
    do {
      return try JSONDecoder().decode([TableCase].self, from: Data(bytes))
    } catch {
      throw InputError("\(path): holds no cases of a benchmark: \(error)")
    }
  }

  /// The norm of a case, on its sizes.
  ///
  /// - Throws: `InputError` or diagnostics.
  package func norm(of row: TableCase) throws -> NormCase {
    var options = Options()
    options.sizes = row.sizes
    if let name = row.type {
      guard let type = Options.Scalar(rawValue: name) else {
        throw InputError("\(row.title): there is no type '\(name)'")
      }
      options.type = type
    }
    let specs = try loadSpecs(["\(root)/\(row.spec)"]) { _ in }
    var norm = NormCase(try specs.norm(named: nil), options: options)
    norm.directions = Direction.standard
    return norm
  }

  /// The loops that a programmer writes for a norm, compiled as fast as gcc can; `nil` for another
  /// type than theirs.
  package func plain(_ norm: NormCase) throws(InputError) -> BenchmarkEngine? {
    switch norm.options.type {
    case .float32: break
    case .float64, .bfloat16, .float16: return nil
    }
    let folder = "\(root)/Benchmarks/plain"
    let text = String(decoding: try readBytes("\(folder)/\(norm.norm.name).c"), as: UTF8.self)
    let flags = ["-std=c11", "-O3", "-march=native", "-ffast-math", "-I", folder]
    return BenchmarkEngine("plain", .cc(command: "gcc", flags: flags), source: text)
  }
}
