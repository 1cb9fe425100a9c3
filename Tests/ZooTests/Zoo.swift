import Foundation
import NormGen

/// All norms of `specs/` and its folders.
struct Zoo: Sendable {
  /// In the order of their files.
  let norms: [Norm]
  /// The file of each norm, from `specs/` on, by its name.
  let files: [String: String]
  private let byName: [String: Norm]

  func norm(_ name: String) -> Norm? { byName[name] }

  static let shared = Zoo()

  private init() {
    let root = repository + "/specs"
    let paths = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    var (norms, files): ([Norm], [String: String]) = ([], [:])
    for path in paths.filter({ $0.hasSuffix(".norm") }).sorted() {
      // A spec that is wrong has no norm here, which the tests of its reference say.
      for norm in (try? Norm.load("\(root)/\(path)")) ?? [] {
        norms.append(norm)
        files[norm.name] = path
      }
    }
    self.norms = norms
    self.files = files
    byName = Dictionary(norms.map { ($0.name, $0) }) { first, _ in first }
  }
}

/// References that no spec is for, with the reason.
let withoutSpec: [String: String] = [:]

/// Norms that no reference is for, with the reason.
let withoutReference: [String: String] = [
  "power_norm": "run behind group_scaling_1d on the reference of mask_power_norm",
  "power_scaling": "called by mask_power_norm; group_scaling_1d is the same",
]
