/// A number of 16 bits with the range of a float32: its upper half.
///
/// It is for storing numbers, not for computing: convert to `Float`.
public struct BFloat16: Sendable, BitwiseCopyable {
  /// One bit of sign, 8 of exponent, 7 of fraction.
  public var bitPattern: UInt16

  public init(bitPattern: UInt16) { self.bitPattern = bitPattern }

  /// The nearest number, of two the even one. A NaN becomes quiet and keeps the upper bits of its
  /// payload.
  public init(_ number: Float) {
    let bits = number.bitPattern
    let upper = UInt16(truncatingIfNeeded: bits >> 16)
    if number.isNaN {
      bitPattern = upper | 0x40
    } else {
      bitPattern = UInt16(truncatingIfNeeded: (bits + 0x7FFF + UInt32(upper & 1)) >> 16)
    }
  }

  /// The nearest number, of two the even one, rounded once.
  public init(_ number: Double) {
    let near = Float(number)
    guard near.isFinite, Double(near) != number, near.bitPattern & 1 == 0 else {
      self.init(near)
      return
    }
    // Rounded to odd: a float between two of 16 bits then lies where the double does.
    self.init(Double(near) < number ? near.nextUp : near.nextDown)
  }
}

extension Float {
  /// The same number.
  public init(_ number: BFloat16) { self.init(bitPattern: UInt32(number.bitPattern) << 16) }
}

extension BFloat16: Hashable {
  /// As numbers compare: zeros of both signs are equal, and a NaN equals nothing.
  public static func == (a: BFloat16, b: BFloat16) -> Bool { Float(a) == Float(b) }

  public func hash(into hasher: inout Hasher) { hasher.combine(Float(self)) }
}
