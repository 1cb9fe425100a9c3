/// What `a op= b` may be on general registers; the raw value is the number in an encoding.
package enum GeneralBinary: UInt8, CaseIterable, Sendable {
  case add = 0
  case or = 1
  case addWithCarry = 2
  case subtractWithBorrow = 3
  case and = 4
  case subtract = 5
  case xor = 6
  /// Sets the flags as `subtract` does, and keeps `a`.
  case compare = 7
}

/// An operation on one place; the raw value is the number in an encoding.
package enum GeneralUnary: UInt8, CaseIterable, Sendable {
  case not = 2
  case negate = 3
  /// `rdx:rax = rax * a`, unsigned.
  case multiply = 4
  /// `rdx:rax = rax * a`, signed.
  case signedMultiply = 5
  /// `rax, rdx = quotient, remainder of rdx:rax / a`, unsigned.
  case divide = 6
  /// `rax, rdx = quotient, remainder of rdx:rax / a`, signed.
  case signedDivide = 7
}

/// Adds or subtracts one; the raw value is the number in an encoding.
package enum GeneralStep: UInt8, CaseIterable, Sendable {
  case increment = 0
  case decrement = 1
}

/// A shift of a general register; the raw value is the number in an encoding.
package enum GeneralShift: UInt8, CaseIterable, Sendable {
  case rotateLeft = 0
  case rotateRight = 1
  case left = 4
  case right = 5
  case arithmeticRight = 7
}

/// By how many bits a general register is shifted, modulo its width.
package enum ShiftCount: Hashable, Sendable {
  case immediate(UInt8)
  /// What the lowest byte of `rcx` holds.
  case cl
}

/// What is computed from the bits of one operand.
package enum BitCount: CaseIterable, Sendable {
  /// The number of the lowest bit that is set; undefined for 0 (`bsf`).
  case lowestSet
  /// The number of the highest bit that is set; undefined for 0 (`bsr`).
  case highestSet
  case trailingZeros
  case leadingZeros
  case ones
}

/// An instruction of BMI1 or BMI2, which leaves its operands alone.
package enum BitOperation: CaseIterable, Sendable {
  /// `a << b`, modulo the width; the flags stay, as with the two that follow.
  case shiftLeft
  /// `a >> b`, unsigned.
  case shiftRight
  /// `a >> b`, signed.
  case shiftRightArithmetic
  /// The lowest `b` bits of `a`: all of them if the lowest byte of `b` is not below the width.
  case keepLowest
}

/// What a load does to fill the register; the raw value is the last byte of the opcode.
package enum Extension: UInt8, CaseIterable, Sendable {
  case zeroExtendedByte = 0xB6
  case zeroExtendedWord = 0xB7
  case signExtendedByte = 0xBE
  case signExtendedWord = 0xBF
}

/// How many of the lower bytes of a general register a store writes.
package enum StoreWidth: CaseIterable, Sendable {
  case byte, word, doubleWord, quadWord
}

/// How near the memory that a prefetch asks for shall be; the raw value is the number in an
/// encoding.
package enum PrefetchHint: UInt8, CaseIterable, Sendable {
  case nonTemporal, nearest, second, third
}
