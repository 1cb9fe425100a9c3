import Glibc

extension Subject {
  /// `memcpy` moving so many bytes between memory and processor: half of them are read, half
  /// written.
  package static func copy(moving byteCount: Int) throws(OutOfMemory) -> Subject {
    let half = byteCount / 2
    let source = try ArrayMemory(byteCount: half, order: 0)
    let target = try ArrayMemory(byteCount: half, order: 1)
    // Pages that nobody wrote are all the same page of zeros.
    memset(source.start, 1, half)
    memset(target.start, 2, half)
    return Subject("memcpy") { times in
      for _ in 0..<times { memcpy(target.start, source.start, half) }
    }
  }
}
