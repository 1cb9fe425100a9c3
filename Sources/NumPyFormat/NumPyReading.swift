import Glibc

extension NumPyArray {
  /// Reads the file at `path`.
  package init(contentsOf path: String) throws(NumPyError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw .unreadable(path, errno) }
    defer { close(descriptor) }
    try self.init(readingFrom: descriptor, name: path)
  }

  /// Reads an open file, pipe or socket up to its end; errors call it `name`.
  package init(readingFrom descriptor: Int32, name: String) throws(NumPyError) {
    try self.init(name: name) { (count) throws(NumPyError) in
      try read(count, from: descriptor, name: name)
    }
  }

  /// Reads the bytes of a file; errors call it `name`.
  package init(decoding bytes: [UInt8], name: String) throws(NumPyError) {
    var position = 0
    try self.init(name: name) { (count) throws(NumPyError) in
      let end = position + min(count, bytes.count - position)
      defer { position = end }
      return Array(bytes[position..<end])
    }
  }

  /// Reads an array from `next`, which gives the next so many bytes, and fewer only at the end.
  ///
  /// It takes no more memory than what the source holds, whatever the header promises.
  private init(
    name: String, next: (Int) throws(NumPyError) -> [UInt8]
  ) throws(NumPyError) {
    let header = try Self.header(name: name, next: next)
    guard let count = header.count else {
      throw NumPyError(file: name, problem: .tooLarge(shape: header.shape))
    }
    let bytes = try next(count * header.type.size)
    guard bytes.count == count * header.type.size else {
      let problem = NumPyError.Problem.cutShort(
        shape: header.shape, type: header.type, found: bytes.count)
      throw NumPyError(file: name, problem: problem)
    }
    guard try next(1).isEmpty else {
      throw NumPyError(
        file: name, problem: .surplus(shape: header.shape, type: header.type))
    }
    self.init(shape: header.shape, elements: decodedElements(bytes, header))
  }

  private static func header(
    name: String, next: (Int) throws(NumPyError) -> [UInt8]
  ) throws(NumPyError) -> NumPyHeader {
    let magic = try next(NumPyHeader.magic.count)
    guard magic == NumPyHeader.magic else {
      throw NumPyError(file: name, problem: .otherFormat)
    }
    let version = try next(2)
    guard version.count == 2 else { throw NumPyError(file: name, problem: .cutHeader) }
    guard (1...3).contains(version[0]), version[1] == 0 else {
      throw NumPyError(
        file: name, problem: .unknownVersion(major: version[0], minor: version[1]))
    }
    let lengthSize = version[0] == 1 ? 2 : 4
    let lengthBytes = try next(lengthSize)
    guard lengthBytes.count == lengthSize else {
      throw NumPyError(file: name, problem: .cutHeader)
    }
    let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    guard length <= NumPyHeader.maximumLength else {
      throw NumPyError(file: name, problem: .longHeader(bytes: length))
    }
    let text = try next(length)
    guard text.count == length else { throw NumPyError(file: name, problem: .cutHeader) }
    do throws(HeaderProblem) {
      return try NumPyHeader(parsing: text)
    } catch {
      switch error {
      case .problem(let problem): throw NumPyError(file: name, problem: problem)
      }
    }
  }
}

extension NumPyHeader {
  /// The bytes at the start of each file.
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)
}

extension NumPyError {
  fileprivate static func unreadable(_ file: String, _ code: Int32) -> NumPyError {
    NumPyError(file: file, problem: .unreadable(String(cString: strerror(code))))
  }
}

/// The next `count` bytes, or all that are left.
private func read(
  _ count: Int, from descriptor: Int32, name: String
) throws(NumPyError) -> [UInt8] {
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: min(count, 1 << 20))
  while bytes.count < count {
    let wanted = min(chunk.count, count - bytes.count)
    let found = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, wanted) }
    if found < 0 {
      if errno == EINTR { continue }
      throw .unreadable(name, errno)
    }
    if found == 0 { break }
    bytes += chunk[..<found]
  }
  return bytes
}

private func decodedElements(_ bytes: [UInt8], _ header: NumPyHeader) -> NumPyArray.Elements {
  let order = header.order
  switch header.type {
  case .float16: return .float16(words(bytes, order) { Float16(bitPattern: $0) })
  case .bfloat16: return .bfloat16(words(bytes, order) { $0 })
  case .float32: return .float32(words(bytes, order) { Float(bitPattern: $0) })
  case .float64: return .float64(words(bytes, order) { Double(bitPattern: $0) })
  case .bool: return .bool(bytes.map { $0 != 0 })
  case .uint8: return .uint8(bytes)
  case .int32: return .int32(words(bytes, order) { Int32(bitPattern: $0) })
  case .int64: return .int64(words(bytes, order) { Int64(bitPattern: $0) })
  }
}

/// The elements that `make` gives for the words in `bytes`.
private func words<Word: FixedWidthInteger, Element>(
  _ bytes: [UInt8], _ order: NumPyHeader.ByteOrder, _ make: (Word) -> Element
) -> [Element] {
  bytes.withUnsafeBytes { raw in
    stride(from: 0, to: raw.count, by: MemoryLayout<Word>.size).map { offset in
      let word = raw.loadUnaligned(fromByteOffset: offset, as: Word.self)
      return switch order {
      case .little: make(Word(littleEndian: word))
      case .big: make(Word(bigEndian: word))
      }
    }
  }
}
