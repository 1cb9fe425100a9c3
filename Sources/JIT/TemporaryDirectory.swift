import Foundation

/// A directory that only this user can read, deleted with all it holds at the end of its life.
struct TemporaryDirectory: ~Copyable {
  let path: String

  init() throws(JITError) {
    let pattern = FileManager.default.temporaryDirectory.path + "/normgen-XXXXXX"
    var name = Array(pattern.utf8CString)
    let made = name.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    guard let made else {
      throw .system("no temporary directory \(pattern): \(systemText(errno))")
    }
    path = made
  }

  /// The path of a file in the directory.
  func file(_ name: String) -> String { path + "/" + name }

  func write(_ text: String, to name: String) throws(JITError) {
    do {
      try text.write(toFile: file(name), atomically: false, encoding: .utf8)
    } catch {
      throw .system("\(file(name)) cannot be written: \(error.localizedDescription)")
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}
