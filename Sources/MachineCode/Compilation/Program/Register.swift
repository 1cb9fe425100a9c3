/// A virtual register of a linear program: as many as it takes.
package struct Register: Hashable, Sendable {
  package let index: Int32

  init(_ index: Int) { self.index = Int32(truncatingIfNeeded: index) }

  /// No register.
  static let none = Register(-1)
  /// The start of the memory for local arrays, in an address only.
  static let frame = Register(-2)

  /// `true` iff it is a register that is allocated.
  var isReal: Bool { index >= 0 }
}

/// What a register can hold.
enum RegisterClass: UInt8, Hashable, Sendable {
  /// Integers and addresses of 64 bits.
  case general
  /// Lanes, and single numbers in the lowest of them.
  case vector
  /// Conditions of lanes, one bit each; AVX-512 only.
  case mask
}
