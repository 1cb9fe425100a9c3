import Basics
import Testing

@testable import NumPyFormat

/// Files that are cut, changed or lie about themselves.
@Suite struct BrokenFilesTests {
  private let whole = NumPyArray(
    shape: [3, 2], elements: .float32([0, 1, 2, 3, 4, 5])
  ).encoded()

  @Test func everyPrefixOfAFileIsRefused() throws {
    #expect(try NumPyArray(decoding: whole, name: "a").shape == [3, 2])
    for length in whole.indices {
      #expect(throws: NumPyError.self, "the first \(length) bytes") {
        try NumPyArray(decoding: Array(whole.prefix(length)), name: "a")
      }
    }
  }

  @Test func saysHowMuchIsMissing() {
    let error = #expect(throws: NumPyError.self) {
      try NumPyArray(decoding: whole.dropLast(5), name: "x.npy")
    }
    #expect(
      error?.description
        == "x.npy: is cut short: (3, 2) of float32 takes 24 bytes, but only 19 follow the header"
    )
  }

  @Test func saysThatAFileGoesOn() {
    let error = #expect(throws: NumPyError.self) {
      try NumPyArray(decoding: whole + [0], name: "x.npy")
    }
    #expect(error?.problem == .surplus(shape: [3, 2], type: .float32))
  }

  @Test func refusesOtherFormatsAndVersions() {
    expect(Array("PK\u{3}\u{4}".utf8), .otherFormat)
    expect([], .otherFormat)
    expect(changed(6, to: 4), .unknownVersion(major: 4, minor: 0))
    expect(changed(7, to: 1), .unknownVersion(major: 1, minor: 1))
  }

  /// A header that promises the address space costs no memory, for the source holds little.
  @Test func promisesDoNotTakeMemory() {
    expect(
      file(shape: "(1152921504606846975,)"),
      .cutShort(
        shape: [1_152_921_504_606_846_975], type: .float64, found: 0))
    expect(file(shape: "(1152921504606846976,)"), .tooLarge(shape: [1_152_921_504_606_846_976]))
    let long = NumPyHeader.magic + [2, 0, 0xFF, 0xFF, 0xFF, 0xFF]
    expect(long, .longHeader(bytes: 4_294_967_295))
  }

  /// Whatever a few changed bytes make of a file, it is read or refused, never more.
  @Test(arguments: 0..<8)
  func survivesRandomChanges(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    for _ in 0..<500 {
      var bytes = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 6..<100, using: &random)
        bytes[place] =
          Bool.random(using: &random)
          ? .random(in: 0...255, using: &random) : whole[Int.random(in: 6..<100, using: &random)]
      }
      guard let array = try? NumPyArray(decoding: bytes, name: "a") else { continue }
      #expect(
        array.shape.reduce(1, *) == array.elements.count, "seed \(seed), bytes \(bytes)")
      // An array that is read is written in a form that is read again as the same.
      let again = try? NumPyArray(decoding: array.encoded(), name: "a").encoded()
      #expect(again == array.encoded(), "seed \(seed), bytes \(bytes)")
    }
  }

  private func expect(_ bytes: [UInt8], _ problem: NumPyError.Problem) {
    #expect(throws: NumPyError(file: "a", problem: problem)) {
      try NumPyArray(decoding: bytes, name: "a")
    }
  }

  private func changed(_ place: Int, to byte: UInt8) -> [UInt8] {
    var bytes = whole
    bytes[place] = byte
    return bytes
  }

  /// A file of version 1.0 with this shape and no elements.
  private func file(shape: String) -> [UInt8] {
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': \(shape), }\n"
    return NumPyHeader.magic + [1, 0, UInt8(text.utf8.count), 0] + Array(text.utf8)
  }
}
