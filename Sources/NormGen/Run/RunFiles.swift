import Glibc
import NumPyFormat

/// Reads the arrays that a run is given; `-` is the standard input, for one of them.
///
/// - Throws: `InputError` with the sentence of the file that cannot be read.
package func loadArrays(
  _ files: [(name: String, path: String)]
) throws(InputError) -> [RunRequest.Input] {
  guard files.count(where: { $0.path == standardStream }) <= 1 else {
    throw InputError("only one input can come from the standard input")
  }
  var inputs: [RunRequest.Input] = []
  for (name, path) in files {
    do throws(NumPyError) {
      let array =
        path == standardStream
        ? try NumPyArray(readingFrom: STDIN_FILENO, name: "standard input")
        : try NumPyArray(contentsOf: path)
      inputs.append(RunRequest.Input(name: name, file: path, array: array))
    } catch {
      throw InputError(error.description)
    }
  }
  return inputs
}

/// Writes each array to `NAME.npy` in `directory`, all or none; for `-` one after the other to the
/// standard output, from where `numpy.load` reads them one by one.
package func writeArrays(
  _ arrays: [NamedArray], to directory: String
) throws(InputError) {
  if directory == standardStream {
    for array in arrays {
      try writeBytes(array.array.encoded(), to: STDOUT_FILENO, name: "standard output")
    }
    return
  }
  let files = arrays.map { NewFile(name: $0.name + ".npy", bytes: $0.array.encoded()) }
  try writeAtomically(files, into: directory)
}
