import Glibc

/// A file to write: its name in a directory, and its bytes.
package struct NewFile: Equatable, Sendable {
  package var name: String
  package var bytes: [UInt8]

  package init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
  }
}

/// Writes `files` into `directory`, all or none: each is written aside under another name, and
/// takes its place only when all are complete. Makes the directory where it is missing.
///
/// - Throws: `InputError` with the reason of the system; then no file has changed.
package func writeAtomically(
  _ files: [NewFile], into directory: String
) throws(InputError) {
  let made = try makeDirectories(directory)
  var staged: [(aside: String, path: String)] = []
  do throws(InputError) {
    for file in files {
      let path = directory + "/" + file.name
      let aside = "\(directory)/.\(file.name).\(getpid()).partial"
      staged.append((aside, path))
      try refuseDirectory(path)
      try writeNew(file.bytes, aside: aside, path: path)
    }
    for (aside, path) in staged where rename(aside, path) != 0 {
      throw InputError.system(path, "written", code: errno)
    }
  } catch {
    for (aside, _) in staged { unlink(aside) }
    for path in made.reversed() { rmdir(path) }
    throw error
  }
}

/// A rename onto a directory would fail when other files are already in place.
private func refuseDirectory(_ path: String) throws(InputError) {
  var status = stat()
  guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { return }
  throw .system(path, "written", code: EISDIR)
}

private func writeNew(
  _ bytes: [UInt8], aside: String, path: String
) throws(InputError) {
  unlink(aside)
  let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
  guard descriptor >= 0 else { throw .system(path, "written", code: errno) }
  do throws(InputError) {
    try writeBytes(bytes, to: descriptor, name: path)
  } catch {
    close(descriptor)
    throw error
  }
  // Some file systems report a full disk here first.
  guard close(descriptor) == 0 else { throw .system(path, "written", code: errno) }
}

/// Makes `path` and what is missing above it; returns the directories that it made.
private func makeDirectories(_ path: String) throws(InputError) -> [String] {
  var made: [String] = []
  var prefix = path.hasPrefix("/") ? "/" : ""
  for part in path.split(separator: "/") {
    prefix += part
    if mkdir(prefix, 0o777) == 0 {
      made.append(prefix)
    } else if errno != EEXIST && errno != EISDIR {
      let code = errno
      // Some file systems answer so for a directory that exists and cannot be written.
      if access(prefix, F_OK) != 0 {
        for path in made.reversed() { rmdir(path) }
        throw .system(path, "made", code: code)
      }
    }
    prefix += "/"
  }
  return made
}
