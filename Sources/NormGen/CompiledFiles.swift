import LoopIR
import Syntax

/// Whether a norm's manifest is written beside its C.
package enum ManifestChoice: Sendable {
  case written, omitted
}

/// The files that a norm is compiled to: `NAME.h`, `NAME.c`, and its manifest where it is wanted.
///
/// - Throws: `InputError` if the options do not fit the norm.
package func compiledFiles(
  _ norm: CheckedNorm, _ options: Options, manifest: ManifestChoice
) throws -> [NewFile] {
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
