import Testing

@testable import Benchmark

/// The memory that measured calls work on.
@Suite struct ArrayMemoryTests {
  @Test(arguments: [0, 1, 4096, 4 << 20, (4 << 20) + 3])
  func arraysAreAlignedAndDoNotShareTheirPlaceInAPage(byteCount: Int) throws {
    let arrays = try (0..<16).map { try ArrayMemory(byteCount: byteCount, order: $0) }
    for array in arrays { #expect(UInt(bitPattern: array.start) % 64 == 0) }
    if byteCount >= 4 << 20 {
      #expect(Set(arrays.map { UInt(bitPattern: $0.start) % 4096 }).count == 16)
    }
  }

  @Test func aPatternIsRepeatedToTheLastByte() throws {
    let array = try ArrayMemory(byteCount: 10, order: 3)
    [1, 2, 3, 4].withUnsafeBufferPointer { (pattern: UnsafeBufferPointer<UInt8>) in
      array.fill(with: UnsafeRawBufferPointer(pattern))
    }
    let bytes = UnsafeRawBufferPointer(start: array.start, count: 10)
    #expect(Array(bytes) == [1, 2, 3, 4, 1, 2, 3, 4, 1, 2])
  }

  @Test(arguments: [Int.max, 1 << 60])
  func tooMuchMemoryIsAnError(byteCount: Int) {
    #expect(throws: OutOfMemory.self) { try ArrayMemory(byteCount: byteCount, order: 0) }
  }
}
