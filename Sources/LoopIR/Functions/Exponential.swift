/// The functions that are made of the exponential.
///
/// All of them split x = k ln 2 + r with an integer k and |r| <= ln 2 / 2, and use one polynomial
/// for e^r - 1, which is accurate relative to itself.
extension FunctionBuilder {
  /// e^x.
  mutating func appendExponential(of x: LaneValue) {
    // Beyond these bounds the result is 0 or infinite all the same.
    let limits = format.exponentialLimits
    let above = atLeast(limits.lowest, x)
    let bounded = atMost(limits.highest, above)
    appendScaledExponential(of: bounded)
  }

  /// 1 / (1 + e^-x), as e^-|x| / (1 + e^-|x|) where x < 0, which keeps small results exact.
  mutating func appendSigmoid(of x: LaneValue) {
    let magnitude = unary(.absolute, x)
    let bounded = atMost(-format.exponentialLimits.lowest, magnitude)
    let opposite = unary(.negate, bounded)
    let decay = appendScaledExponential(of: opposite)
    let one = constant(1)
    let isNegative = compare(.less, x, constant(0))
    let numerator = select(isNegative, decay, one)
    let denominator = add(decay, one)
    let quotient = divide(numerator, denominator)
    // With d = e^x and y = d / (1 + d): y = d - d y, where y's error counts d times.
    let refined = fused(.minusProduct, decay, quotient, decay)
    let isSmall = compare(.less, x, constant(-0.6875))
    select(isSmall, refined, quotient)
  }

  /// (e^2a - 1) / (e^2a + 1) with a = |x|, and the sign of x.
  mutating func appendHyperbolicTangent(of x: LaneValue) {
    let magnitude = unary(.absolute, x)
    let sign = signBit(of: x, magnitude)
    // From there on the result is 1.
    let bounded = atMost(format.hyperbolicTangentLimit, magnitude)
    let twice = add(bounded, bounded)
    let (_, shifted, rest) = split(twice)
    let growth = exponentialLessOne(rest)
    let scale = powerOfTwo(shifted)
    let scaleLessOne = subtract(scale, constant(1))
    let numerator = fused(.productPlus, scale, growth, scaleLessOne, name: "e^2a - 1")
    let denominator = add(numerator, constant(2))
    let quotient = divide(numerator, denominator)
    // With n the numerator and y = n / (n + 2): y = n/2 - n/2 y, where y's error counts n/2 times.
    let half = multiply(numerator, constant(0.5))
    let refined = fused(.minusProduct, half, quotient, half)
    let isSmall = compare(.less, half, constant(0.5))
    let result = select(isSmall, refined, quotient)
    appendSigned(result, sign)
  }

  /// 1 - e^h with h = ln(erfc(a)) = a H(a), a = |x|, and the sign of x.
  ///
  /// H has no zero and no pole near the axis, so that one polynomial serves from 0, where
  /// 1 - e^h is about -h, to where erf is 1.
  mutating func appendErrorFunction(of x: LaneValue) {
    let magnitude = unary(.absolute, x)
    let sign = signBit(of: x, magnitude)
    let bounded = atMost(format.errorFunctionLimit, magnitude)
    let slope = format.errorFunctionSlope
    let series = polynomial([slope.low] + format.errorFunctionCoefficients, bounded)
    let curved = multiply(bounded, series)
    let exponent = fused(
      .productPlus, bounded, constant(slope.high), curved, name: "ln erfc")
    let (_, shifted, rest) = split(exponent)
    let growth = exponentialLessOne(rest)
    let scale = powerOfTwo(shifted)
    let oneLessScale = subtract(constant(1), scale)
    let result = fused(.minusProduct, scale, growth, oneLessScale)
    appendSigned(result, sign)
  }

  /// e^x for an x within `exponentialLimits`.
  @discardableResult
  private mutating func appendScaledExponential(of x: LaneValue) -> LaneValue {
    let (k, shifted, rest) = split(x)
    let growth = exponentialLessOne(rest)
    return appendScaled(growth, k, shifted)
  }

  /// (1 + growth) 2^k, rounded once even where the result is denormal; `shifted` is k + `shifter`.
  ///
  /// 2^k itself may be out of range. Where it is not one operation, it is multiplied in two steps,
  /// by about half of the power each, the first of which is exact.
  @discardableResult
  mutating func appendScaled(
    _ growth: LaneValue, _ k: LaneValue, _ shifted: LaneValue
  ) -> LaneValue {
    let significand = add(growth, constant(1))
    if scales { return scale(significand, k) }
    let half = fused(.productPlus, k, constant(0.5), constant(format.shifter))
    let shiftedBits = bits(shifted)
    let halfBits = bits(half)
    let otherBits = integer(.subtract, shiftedBits, halfBits)
    let firstScale = powerOfTwo(bits: halfBits)
    let secondScale = powerOfTwo(bits: otherBits)
    let scaled = multiply(significand, firstScale)
    return multiply(scaled, secondScale)
  }

  /// k, k + `shifter`, and the rest r of x = k ln 2 + r.
  private mutating func split(
    _ x: LaneValue
  ) -> (k: LaneValue, shifted: LaneValue, rest: LaneValue) {
    let shifter = constant(format.shifter)
    let shifted = fused(.productPlus, x, constant(.log2e), shifter)
    let k = subtract(shifted, shifter, name: "k")
    let coarse = fused(.minusProduct, k, constant(format.logarithmOfTwo.high), x)
    let rest = fused(.minusProduct, k, constant(format.logarithmOfTwo.low), coarse, name: "r")
    return (k, shifted, rest)
  }

  /// e^r - 1 for |r| <= ln 2 / 2.
  mutating func exponentialLessOne(_ r: LaneValue) -> LaneValue {
    let square = multiply(r, r)
    let curvature = polynomial(format.exponentialCoefficients, r)
    return fused(.productPlus, square, curvature, r, name: "e^r - 1")
  }

  /// 2^k, where `shifted` is k + `shifter` and 2^k is a normal number.
  private mutating func powerOfTwo(_ shifted: LaneValue) -> LaneValue {
    let shiftedBits = bits(shifted)
    return powerOfTwo(bits: shiftedBits)
  }

  /// 2^k, where k is what the low bits of `bits` hold: the shift drops those of `shifter`.
  private mutating func powerOfTwo(bits: LaneValue) -> LaneValue {
    let exponent = integer(.shiftLeft, bits, integerConstant(format.significandBits))
    let power = integer(.add, exponent, bitsConstant(1))
    return fromBits(power, name: "2^k")
  }
}
