import Testing

@testable import NumPyFormat

/// Archives of arrays that are stored as they are, whole and broken.
@Suite struct NumPyArchiveTests {
  private let first = NumPyArray(shape: [2], elements: .float32([1, 2]))
  private let second = NumPyArray(shape: [], elements: .int64([7]))

  @Test func findsEachArrayByItsName() throws {
    let archive = try NumPyArchive(
      decoding: member("a.b", first) + member("c", second) + directory, name: "x.npz")
    #expect(archive.names == ["a.b", "c"])
    #expect(try archive.array("a.b") == first)
    #expect(try archive.array("c") == second)
    #expect(try archive.array("d") == nil)
  }

  @Test func refusesWhatIsCutOrCompressedOrTwice() {
    let whole = member("a", first) + directory
    for length in 0..<(whole.count - directory.count + 4) {
      #expect(throws: NumPyError.self, "the first \(length) bytes") {
        try NumPyArchive(decoding: Array(whole.prefix(length)), name: "x.npz")
      }
    }
    var compressed = whole
    compressed[8] = 8
    expectRefused(compressed, "'a.npy' is compressed, encrypted or of unknown length")
    expectRefused(member("a", first) + whole, "'a.npy' stands twice")
    expectRefused([1, 2, 3, 4], "no member starts at byte 0")
  }

  private func expectRefused(_ bytes: [UInt8], _ reason: String) {
    let error = #expect(throws: NumPyError.self) {
      try NumPyArchive(decoding: bytes, name: "x.npz")
    }
    #expect(error?.problem == .malformedArchive(reason))
  }

  private let directory: [UInt8] = Array("PK\u{1}\u{2}".utf8)

  /// A member as the zip format stores it; nothing reads its date and its checksum.
  private func member(_ name: String, _ array: NumPyArray) -> [UInt8] {
    let (path, bytes) = (Array("\(name).npy".utf8), array.encoded())
    let fixed = Array("PK\u{3}\u{4}".utf8) + number(20, 2) + [UInt8](repeating: 0, count: 12)
    let lengths = number(bytes.count, 4) + number(bytes.count, 4) + number(path.count, 2)
    return fixed + lengths + number(0, 2) + path + bytes
  }

  private func number(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }
}
