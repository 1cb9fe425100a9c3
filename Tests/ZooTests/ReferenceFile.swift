import Foundation
import NumPyFormat

/// What an independent script computed for one norm, step by step; `Tests/References` says how.
struct ReferenceFile {
  let name: String
  private let archive: NumPyArchive

  init(_ name: String) throws {
    self.name = name
    archive = try NumPyArchive(contentsOf: "\(Self.folder)/\(name).npz")
  }

  /// The names of all reference files, without their extension.
  static let names: [String] = {
    let files = try? FileManager.default.contentsOfDirectory(atPath: folder)
    return (files ?? []).filter { $0.hasSuffix(".npz") }.map { String($0.dropLast(4)) }.sorted()
  }()

  private static let folder = repository + "/Tests/Data/References"

  /// What happens in a step.
  enum Action: Equatable {
    case train, eval
    case event(String)
  }

  /// The steps in order.
  func actions() throws -> [Action] {
    var actions: [Action] = []
    while true {
      let step = actions.count
      if let event = archive.members["\(step).event"] {
        // Text is of no type that a tensor has: it is what follows the header's line.
        actions.append(
          .event(String(decoding: event.split(separator: 10).last ?? [], as: UTF8.self)))
      } else if let phase = try archive.array("\(step).phase") {
        actions.append(phase.numbers == [0] ? .train : .eval)
      } else {
        return actions
      }
    }
  }

  /// The arrays whose names begin with `prefix`, by what follows it.
  func arrays(_ prefix: String) throws -> [(name: String, array: NumPyArray)] {
    try archive.names.filter { $0.hasPrefix(prefix) }.compactMap { name in
      try archive.array(name).map { (String(name.dropFirst(prefix.count)), $0) }
    }
  }

  func array(_ name: String) throws -> NumPyArray? { try archive.array(name) }
}

extension NumPyArray {
  /// The elements as numbers; those of conditions are 0 and 1.
  var numbers: [Double] {
    switch elements {
    case .float16(let values): values.map(Double.init)
    case .bfloat16(let values): values.map { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .float32(let values): values.map(Double.init)
    case .float64(let values): values
    case .bool(let values): values.map { $0 ? 1 : 0 }
    case .uint8(let values): values.map(Double.init)
    case .int32(let values): values.map(Double.init)
    case .int64(let values): values.map(Double.init)
    }
  }
}

/// The folder of the package.
let repository = URL(fileURLWithPath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path
