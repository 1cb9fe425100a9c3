import Glibc

/// Memory of arrays, laid out as numerical libraries do: from 4 MB on in huge pages.
package final class ArrayMemory {
  package let start: UnsafeMutableRawPointer
  package let byteCount: Int
  private let mapping: UnsafeMutableRawPointer
  private let mappedCount: Int

  /// From so many bytes on NumPy asks for huge pages.
  private static let hugeByteCount = 4 << 20
  private static let hugePage = 2 << 20

  /// Maps zeros.
  ///
  /// - Parameter order: different for arrays that are used together. Arrays that all began at the
  ///   same place of a page would compete for the same lines of the caches, and a store to one
  ///   would seem to touch the loads of another.
  /// - Throws: `OutOfMemory`.
  package init(byteCount: Int, order: Int) throws(OutOfMemory) {
    let offset = order % 16 * (4096 + 64)
    let isHuge = byteCount >= Self.hugeByteCount
    let alignment = isHuge ? Self.hugePage : 64
    let (count, overflows) = max(byteCount, 1).addingReportingOverflow(offset + alignment)
    mappedCount = count
    guard !overflows,
      let mapping = mmap(
        nil, mappedCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      mapping != MAP_FAILED
    else { throw OutOfMemory(byteCount: byteCount) }
    self.mapping = mapping
    self.byteCount = byteCount
    let aligned = mapping.alignedUp(toMultipleOf: alignment)
    // Where there are no huge pages, this fails, and small ones serve.
    if isHuge { madvise(aligned, byteCount + offset, MADV_HUGEPAGE) }
    start = aligned + offset
  }

  deinit { munmap(mapping, mappedCount) }

  /// Fills the memory with the bytes, over and over.
  package func fill(with pattern: UnsafeRawBufferPointer) {
    guard let source = pattern.baseAddress, !pattern.isEmpty else { return }
    var place = 0
    while place < byteCount {
      let count = min(pattern.count, byteCount - place)
      memcpy(start + place, source, count)
      place += count
    }
  }
}

/// The system has no such memory.
package struct OutOfMemory: Error, CustomStringConvertible {
  package var byteCount: Int

  package var description: String { "there are no \(byteCount) bytes of memory" }
}
