import Glibc

/// A `.npz` file: a zip archive of `.npy` files that are stored as they are, as `numpy.savez`
/// writes them.
///
///     archive ::= member*, what the zip format puts behind them
///     member  ::= "PK\3\4", header of 26 bytes, name, extra field, bytes of a `.npy` file
package struct NumPyArchive: Sendable {
  /// What the `.npy` files hold, by their names without `.npy`.
  package private(set) var members: [String: [UInt8]] = [:]
  /// These names in the order of the file.
  package private(set) var names: [String] = []
  private let file: String

  /// Reads the file at `path`.
  package init(contentsOf path: String) throws(NumPyError) {
    guard let file = fopen(path, "rb") else {
      throw NumPyError(file: path, problem: .unreadable(String(cString: strerror(errno))))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = fread(&chunk, 1, chunk.count, file), count > 0 {
      bytes += chunk[..<count]
    }
    try self.init(decoding: bytes, name: path)
  }

  /// Reads the bytes of a file; errors call it `name`.
  package init(decoding bytes: [UInt8], name: String) throws(NumPyError) {
    file = name
    var reader = ZipReader(bytes: bytes, file: name)
    while let member = try reader.next() {
      guard member.name.hasSuffix(".npy") else {
        throw reader.problem("'\(member.name)' is no .npy file")
      }
      let key = String(member.name.dropLast(4))
      guard members[key] == nil else { throw reader.problem("'\(member.name)' stands twice") }
      members[key] = member.bytes
      names.append(key)
    }
  }

  /// The array of that name; `nil` if there is none.
  package func array(_ name: String) throws(NumPyError) -> NumPyArray? {
    guard let bytes = members[name] else { return nil }
    return try NumPyArray(decoding: bytes, name: "\(file): \(name).npy")
  }
}

/// Goes through the members of a zip archive from its start.
private struct ZipReader {
  let bytes: [UInt8]
  let file: String
  private var position = 0

  init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  /// The next member; `nil` at the directory, which stands behind all of them.
  mutating func next() throws(NumPyError) -> (name: String, bytes: [UInt8])? {
    switch try number(4) {
    case 0x0403_4B50: break
    case 0x0201_4B50, 0x0605_4B50: return nil
    default: throw problem("no member starts at byte \(position - 4)")
    }
    _ = try number(2)
    let flags = try number(2)
    let method = try number(2)
    position += 8
    let (stored, size) = (try number(4), try number(4))
    let (nameLength, extraLength) = (try number(2), try number(2))
    let name = String(decoding: try take(nameLength), as: UTF8.self)
    guard flags & 0x9 == 0, method == 0, stored == size, size != 0xFFFF_FFFF else {
      throw problem("'\(name)' is compressed, encrypted or of unknown length")
    }
    _ = try take(extraLength)
    return (name, Array(try take(size)))
  }

  func problem(_ sentence: String) -> NumPyError {
    NumPyError(file: file, problem: .malformedArchive(sentence))
  }

  /// The number in the next bytes, the lowest first.
  private mutating func number(_ count: Int) throws(NumPyError) -> Int {
    try take(count).reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  private mutating func take(_ count: Int) throws(NumPyError) -> ArraySlice<UInt8> {
    guard position <= bytes.count, bytes.count - position >= count else {
      throw problem("it ends inside a member")
    }
    defer { position += count }
    return bytes[position..<(position + count)]
  }
}
