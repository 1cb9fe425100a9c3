import Glibc

/// What stands for the standard streams on the command line.
package let standardStream = "-"

/// The text of the system for an error's number.
func systemReason(_ code: Int32) -> String { String(cString: strerror(code)) }

/// Reads the file at `path`, or the standard input for `-`, of at most `limit` bytes.
///
/// - Throws: `InputError` with the reason of the system, or if there are more bytes.
package func readBytes(
  _ path: String, limit: Int = 64 << 20
) throws(InputError) -> [UInt8] {
  let isStandard = path == standardStream
  let name = isStandard ? "standard input" : path
  let descriptor = isStandard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw .system(name, "read", code: errno) }
  defer { if !isStandard { close(descriptor) } }
  var bytes: [UInt8] = []
  while true {
    var (count, code) = (0, CInt(0))
    let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
      count = read(descriptor, buffer.baseAddress, buffer.count)
      code = errno
      filled = max(count, 0)
    }
    if count < 0 {
      if code == EINTR { continue }
      throw .system(name, "read", code: code)
    }
    if count == 0 { return bytes }
    bytes += chunk
    guard bytes.count <= limit else {
      throw InputError("\(name): is larger than \(limit >> 20) MiB")
    }
  }
}

/// Writes all `bytes` to an open file that errors call `name`.
///
/// - Throws: `InputError` with the reason of the system.
package func writeBytes(
  _ bytes: [UInt8], to descriptor: Int32, name: String
) throws(InputError) {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
    if count < 0 {
      if errno == EINTR { continue }
      throw .system(name, "written", code: errno)
    }
    rest = rest.dropFirst(count)
  }
}
