import CCode

/// C's operators on integers that are known.
extension CBinary {
  /// What C computes of two integers of a type.
  func value(_ x: Int64, _ y: Int64, _ scalar: Scalar) throws(Unsupported) -> Int64 {
    let (p, q) = (UInt64(bitPattern: x), UInt64(bitPattern: y))
    let isUnsigned = scalar.isUnsigned
    switch self {
    case .add: return x &+ y
    case .subtract: return x &- y
    case .multiply: return x &* y
    case .divide where y != 0: return isUnsigned ? Int64(bitPattern: p / q) : x / y
    case .remainder where y != 0: return isUnsigned ? Int64(bitPattern: p % q) : x % y
    case .bitAnd: return x & y
    case .bitOr: return x | y
    case .bitXor: return x ^ y
    case .shiftLeft: return x << y
    case .shiftRight: return isUnsigned ? Int64(bitPattern: p >> q) : x >> y
    default: throw Unsupported("the operator \(rawValue) of known integers")
    }
  }

  /// `true` iff two integers of a type compare so.
  func holds(_ x: Int64, _ y: Int64, _ scalar: Scalar) -> Bool {
    let (p, q) = (UInt64(bitPattern: x), UInt64(bitPattern: y))
    let isUnsigned = scalar.isUnsigned
    switch self {
    case .less: return isUnsigned ? p < q : x < y
    case .lessOrEqual: return isUnsigned ? p <= q : x <= y
    case .greater: return isUnsigned ? p > q : x > y
    case .greaterOrEqual: return isUnsigned ? p >= q : x >= y
    case .equal: return x == y
    default: return x != y
    }
  }
}

extension Int64 {
  /// The integer as C converts it to an integer type; 32 bits are kept extended by their sign or
  /// by zeros.
  func converted(to scalar: Scalar) -> Int64 {
    switch scalar {
    case .bool: self != 0 ? 1 : 0
    case .byte: self & 0xff
    case .word: self & 0xffff
    case .int32: Int64(Int32(truncatingIfNeeded: self))
    case .uint32: self & 0xffff_ffff
    case .int64, .size, .float, .double: self
    }
  }
}
