/// A constant behind the code of an `Assembler`.
package struct Constant: Hashable, Sendable {
  fileprivate let index: Int
}

/// The constants of one piece of code, each of them once.
struct ConstantPool {
  private var entries: [[UInt8]] = []
  private var known: [[UInt8]: Constant] = [:]

  /// The constant of these bytes.
  ///
  /// - Requires: 4, 8, 16, 32 or 64 bytes.
  mutating func insert(_ bytes: [UInt8]) -> Constant {
    if let constant = known[bytes] { return constant }
    precondition([4, 8, 16, 32, 64].contains(bytes.count), "no instruction reads so many bytes")
    let constant = Constant(index: entries.count)
    entries.append(bytes)
    known[bytes] = constant
    return constant
  }

  /// All constants, each aligned to its size if the whole is to 64 bytes, and where each begins.
  func layout() -> (bytes: [UInt8], offsets: ConstantOffsets) {
    var bytes: [UInt8] = []
    var offsets = [Int](repeating: 0, count: entries.count)
    // From large to small: no gaps, and each is aligned.
    for size in [64, 32, 16, 8, 4] {
      for index in entries.indices where entries[index].count == size {
        offsets[index] = bytes.count
        bytes += entries[index]
      }
    }
    return (bytes, ConstantOffsets(values: offsets))
  }
}

/// Where the constants of a pool begin in it, in bytes.
struct ConstantOffsets {
  fileprivate let values: [Int]

  subscript(constant: Constant) -> Int { values[constant.index] }
}
