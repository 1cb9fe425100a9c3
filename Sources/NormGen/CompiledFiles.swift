import LoopIR
import Syntax

/// Whether a norm's manifest is written beside its C.
package enum ManifestChoice: Sendable {
  case written, omitted
}

/// The files that a norm is compiled to: `NAME.h`, `NAME.c`, and its manifest where it is wanted.
///
/// - Throws: `InputError` if the options name what the norm does not have; what the compiler
///   throws for its own bugs.
package func compiledFiles(
  _ norm: CheckedNorm, _ options: Options, manifest: ManifestChoice
) throws -> [NewFile] {
  try check(options, for: norm)
  let compiled = try compile(norm, options)
  let name = compiled.interface.prefix
  var files = [
    NewFile(name: name + ".h", bytes: Array(compiled.header.utf8)),
    NewFile(name: name + ".c", bytes: Array(compiled.source.utf8)),
  ]
  switch manifest {
  case .written:
    let json = try Manifest(compiled.interface).json()
    files.append(NewFile(name: name + ".json", bytes: Array(json.utf8)))
  case .omitted: break
  }
  return files
}

/// Writes compiled files into a directory, all or none; for `-` one after the other to the
/// standard output.
///
/// - Throws: `InputError` if two of them have one name, or with the reason of the system.
package func writeFiles(_ files: [NewFile], to directory: String) throws(InputError) {
  var names: Set<String> = []
  for file in files where !names.insert(file.name).inserted {
    throw InputError("two norms would both be written to \(file.name)")
  }
  if directory == standardStream {
    for file in files { try writeBytes(file.bytes, to: 1, name: "standard output") }
  } else {
    try writeAtomically(files, into: directory)
  }
}

/// - Throws: `InputError` if the options name what the norm does not have.
package func check(_ options: Options, for norm: CheckedNorm) throws(InputError) {
  try norm.checkSettings(options.settings)
  for (name, size) in options.sizes.sorted(by: { $0.key < $1.key }) {
    try norm.checkSize(name, size)
  }
  _ = try laidOut(norm, options.layouts)
  if let prefix = options.prefix {
    let isName = prefix.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "_"):
        true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
      default: false
      }
    }
    guard isName, !prefix.isEmpty else {
      throw InputError("the prefix '\(prefix)' is no name in C")
    }
  }
  for axis in norm.axes {
    guard case .quotient(let whole, by: let part) = axis.extent,
      let size = options.sizes[norm.sizes[whole.index].name],
      let divisor = options.sizes[norm.sizes[part.index].name]
    else { continue }
    guard divisor > 0, size % divisor == 0 else {
      throw .indivisible(norm.sizes[whole.index], size, by: norm.sizes[part.index], divisor)
    }
  }
}
