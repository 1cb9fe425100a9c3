/// Numbers that are known not to be -0. Sums of one block end with such a zero, and the loops over
/// parts and blocks add it to others, in float64: what is left of these is nothing.
extension Lowering {
  /// `a + b` where one of them is +0, else `nil`.
  mutating func sumWithZero(
    _ a: Value, _ b: Value, _ scalar: Scalar
  ) throws(Unsupported) -> Value? {
    let (other, zero) = isZero(a) ? (b, a) : (a, b)
    guard isZero(zero), case .floating(let number, _) = other else { return nil }
    if unsignedZeros.contains(number) { return other }
    let sum = pureVector(
      .numberAdd, scalar.element, .scalar, number, try floating(zero, scalar))
    unsignedZeros.insert(sum)
    return .floating(sum, scalar)
  }

  private func isZero(_ value: Value) -> Bool {
    if case .number(let known, _) = value { known == 0 && known.sign == .plus } else { false }
  }

  /// A float32 as float64.
  mutating func widening(_ number: Register) -> Register {
    let wide = pureVector(.widen, .float64, .scalar, number)
    if unsignedZeros.contains(number) {
      unsignedZeros.insert(wide)
      widened[wide] = number
    }
    return wide
  }
}
