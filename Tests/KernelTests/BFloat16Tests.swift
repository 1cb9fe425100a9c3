import NormGen
import Testing

@testable import NormGen

/// The conversions in Swift, against a search among all numbers of the format.
@Suite struct BFloat16Tests {
  /// The numbers from 0 to infinity, where infinity counts as 2^128.
  private static let numbers: [Double] = (0...UInt16(0x7F80)).map { bits in
    bits == 0x7F80 ? 0x1p128 : Double(Float(bitPattern: UInt32(bits) << 16))
  }

  /// The bits of the nearest number, of two those of the even one.
  private func nearest(_ number: Double) -> UInt16 {
    let size = abs(number)
    let sign: UInt16 = number.sign == .minus ? 0x8000 : 0
    var (low, high) = (0, Self.numbers.count - 1)
    if size >= Self.numbers[high] { return sign | UInt16(high) }
    while high - low > 1 {
      let middle = (low + high) / 2
      if Self.numbers[middle] <= size { low = middle } else { high = middle }
    }
    // Both differences are exact: the numbers lie within a factor of two, or one is 0.
    let (below, above) = (size - Self.numbers[low], Self.numbers[high] - size)
    let isLow = below < above || below == above && low % 2 == 0
    return sign | UInt16(isLow ? low : high)
  }

  @Test func everyPatternIsReadAndWrittenBack() {
    for bits in UInt16.min...UInt16.max {
      let number = Float(BFloat16(bitPattern: bits))
      #expect(number.bitPattern == UInt32(bits) << 16)
      let expected = number.isNaN ? bits | 0x40 : bits
      #expect(BFloat16(number).bitPattern == expected)
    }
  }

  @Test func floatsAreRoundedToTheNearest() {
    var wrong = 0
    for high in UInt32(0)...0xFFFF {
      for low in [0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF] as [UInt32] {
        let number = Float(bitPattern: high << 16 | low)
        if number.isNaN {
          wrong += Float(BFloat16(number)).isNaN ? 0 : 1
        } else {
          wrong += BFloat16(number).bitPattern == nearest(Double(number)) ? 0 : 1
        }
      }
    }
    #expect(wrong == 0)
  }

  /// A double just beside a tie of 16 bits is a tie as a float.
  @Test func doublesAreRoundedOnce() {
    var wrong = 0
    for pattern in stride(from: UInt16(0), to: 0x7F80, by: 7) {
      let (low, high) = (Self.numbers[Int(pattern)], Self.numbers[Int(pattern) + 1])
      let tie = low + (high - low) / 2
      for number in [tie, tie.nextUp, tie.nextDown, low.nextUp, high.nextDown] {
        wrong += BFloat16(number).bitPattern == nearest(number) ? 0 : 1
        wrong += BFloat16(-number).bitPattern == nearest(-number) ? 0 : 1
      }
    }
    #expect(wrong == 0)
    #expect(BFloat16(1 + 0x1p-8 + 0x1p-40).bitPattern == 0x3F81)
    #expect(BFloat16(-1e300 as Double).bitPattern == 0xFF80)
    #expect(Float(BFloat16(Double.nan)).isNaN)
  }

  @Test func itComparesAsANumber() {
    #expect(BFloat16(0.0 as Float) == BFloat16(-0.0 as Float))
    #expect(BFloat16(Float.nan) != BFloat16(Float.nan))
    #expect(Set([BFloat16(0.0 as Float), BFloat16(-0.0 as Float)]).count == 1)
  }
}
