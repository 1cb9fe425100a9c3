/// One lane's value at run time.
package enum LaneScalar: Hashable, Sendable {
  case float32(Float)
  case float64(Double)
  case int32(Int32)
  case int64(Int64)
  case condition(Bool)

  /// The number in float64, exactly; nil for an integer or a condition.
  package var number: Double? {
    switch self {
    case .float32(let value): Double(value)
    case .float64(let value): value
    case .int32, .int64, .condition: nil
    }
  }
}

extension LaneUnary {
  func applied<Real: BinaryFloatingPoint>(to a: Real) -> Real {
    switch self {
    case .negate: -a
    case .absolute: a.magnitude
    case .squareRoot: a.squareRoot()
    case .floor: a.rounded(.down)
    }
  }
}

extension LaneBinary {
  package func applied<Real: BinaryFloatingPoint>(to a: Real, _ b: Real) -> Real {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .scale: scaled(a, by: b)
    }
  }

  /// The first of two products is exact.
  private func scaled<Real: BinaryFloatingPoint>(_ a: Real, by power: Real) -> Real {
    guard let whole = Int(exactly: power) else { return .nan }
    let powerOfTwo = { (power: Int) in
      Real(sign: .plus, exponent: Real.Exponent(power), significand: 1)
    }
    return a * powerOfTwo(whole / 2) * powerOfTwo(whole - whole / 2)
  }
}

extension FusedForm {
  func applied<Real: BinaryFloatingPoint>(to a: Real, _ b: Real, _ c: Real) -> Real {
    switch self {
    case .productPlus: c.addingProduct(a, b)
    case .minusProduct: c.addingProduct(-a, b)
    case .productMinus: (-c).addingProduct(a, b)
    }
  }
}

extension LaneInteger {
  func applied<Integer: FixedWidthInteger & SignedInteger>(
    to a: Integer, _ b: Integer
  ) -> Integer {
    switch self {
    case .add: a &+ b
    case .subtract: a &- b
    case .multiply: a &* b
    case .and: a & b
    case .or: a | b
    case .xor: a ^ b
    case .shiftLeft: a &<< b
    case .shiftRightLogical:
      Integer(
        truncatingIfNeeded: Integer.Magnitude(truncatingIfNeeded: a)
          &>> Integer.Magnitude(truncatingIfNeeded: b))
    case .shiftRightArithmetic: a &>> b
    }
  }
}

extension LaneComparison {
  func applied<Operand: Comparable>(to a: Operand, _ b: Operand) -> Bool {
    switch self {
    case .less: a < b
    case .lessOrEqual: a <= b
    case .equal: a == b
    case .notEqual: a != b
    }
  }
}

extension LaneLogic {
  func applied(to a: Bool, _ b: Bool) -> Bool {
    switch self {
    case .and: a && b
    case .or: a || b
    }
  }
}
