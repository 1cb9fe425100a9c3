import Basics

/// A place in the code of an `Assembler`, which jumps name before or after it is known.
package struct Label: Hashable, Sendable {
  fileprivate let index: Int
}

/// Writes x86-64 machine code: instructions in order, labels and constants.
///
/// Each instruction has the shortest encoding that GNU as would choose, except that a jump forward
/// always takes four bytes of distance.
package struct Assembler {
  /// The code so far; distances to labels and constants ahead are still zero.
  private(set) var code: [UInt8] = []
  private var constants = ConstantPool()
  /// Where each label stands in the code; `nil` as long as it does not.
  private var positions: [Int?] = []
  private var jumps: [Use<Label>] = []
  private var reads: [Use<Constant>] = []

  /// Four bytes of the code that hold a distance from `end`.
  private struct Use<Target> {
    let target: Target
    /// Where the four bytes begin.
    let position: Int
    /// Where the instruction ends.
    let end: Int
    /// What is added to the distance.
    let addend: Int32
  }

  package init() {
    code.reserveCapacity(4096)
  }

  /// How many bytes of code have been written.
  package var byteCount: Int { code.count }

  // Labels.

  /// A label that stands nowhere yet.
  package mutating func label() -> Label {
    positions.append(nil)
    return Label(index: positions.count - 1)
  }

  /// Puts a label that stands nowhere yet here.
  package mutating func place(_ label: Label) {
    precondition(positions[label.index] == nil, "a label stands in one place")
    positions[label.index] = code.count
  }

  /// The distance in bytes from here back to a label; `nil` if the label is ahead.
  func distance(to label: Label) -> Int? {
    positions[label.index].map { $0 - code.count }
  }

  // Constants.

  /// A constant of 4, 8, 16, 32 or 64 bytes, aligned to its size. Equal ones are one.
  package mutating func constant(_ bytes: [UInt8]) -> Constant { constants.insert(bytes) }

  package mutating func constant(_ bits: UInt32) -> Constant {
    constants.insert(littleEndianBytes(of: bits))
  }

  package mutating func constant(_ bits: UInt64) -> Constant {
    constants.insert(littleEndianBytes(of: bits))
  }

  package mutating func constant(_ value: Float) -> Constant { constant(value.bitPattern) }

  package mutating func constant(_ value: Double) -> Constant { constant(value.bitPattern) }

  /// The code, filled up to 64 bytes with `nop`, and behind it the constants. It works at any
  /// address that is a multiple of 64.
  ///
  /// - Requires: all labels that jumps name stand somewhere.
  package func finish() -> [UInt8] {
    var image = code
    let (pool, offsets) = constants.layout()
    if !pool.isEmpty {
      while image.count % 64 != 0 { image.append(0x90) }
    }
    let start = image.count
    for jump in jumps {
      guard let position = positions[jump.target.index] else {
        unreachable("Assembler: a jump to a label that stands nowhere")
      }
      image.patch(Int32(position - jump.end), at: jump.position)
    }
    for read in reads {
      let distance = Int32(start + offsets[read.target] - read.end)
      image.patch(distance &+ read.addend, at: read.position)
    }
    return image + pool
  }
}

// What the encoders are made of.

extension Assembler {
  mutating func append(_ byte: UInt8) { code.append(byte) }

  mutating func append(number: Int32) {
    let bits = UInt32(bitPattern: number)
    for shift in [0, 8, 16, 24] as [UInt32] {
      code.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
  }

  mutating func append(number: Int64) {
    append(number: Int32(truncatingIfNeeded: number))
    append(number: Int32(truncatingIfNeeded: number >> 32))
  }

  /// Appends the four bytes of the distance to a label, at the end of an instruction.
  mutating func appendDistance(to label: Label) {
    jumps.append(Use(target: label, position: code.count, end: code.count + 4, addend: 0))
    append(number: Int32(0))
  }

  /// Appends the four bytes of the distance to a constant.
  ///
  /// - Parameter trailing: how many bytes of the instruction come after these four.
  mutating func appendDistance(to constant: Constant, addend: Int32, trailing: Int) {
    let end = code.count + 4 + trailing
    reads.append(Use(target: constant, position: code.count, end: end, addend: addend))
    append(number: Int32(0))
  }
}

private func littleEndianBytes<Bits: FixedWidthInteger>(of bits: Bits) -> [UInt8] {
  (0..<Bits.bitWidth / 8).map { UInt8(truncatingIfNeeded: bits >> ($0 * 8)) }
}

extension [UInt8] {
  /// Writes a number over the four bytes from `position` on.
  fileprivate mutating func patch(_ number: Int32, at position: Int) {
    let bits = UInt32(bitPattern: number)
    for byte in 0..<4 {
      self[position + byte] = UInt8(truncatingIfNeeded: bits >> UInt32(byte * 8))
    }
  }
}
