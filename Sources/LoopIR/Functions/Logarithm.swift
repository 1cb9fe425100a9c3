extension FunctionBuilder {
  /// ln x = k ln 2 + ln m, with x = m 2^k and m from sqrt(1/2) to sqrt(2).
  ///
  /// With f = m - 1 and s = f / (2 + f): ln m = 2 atanh(s) = 2 s + s R(s^2). Since
  /// 2 s = f - s f, that is f - (f^2 / 2 - s (f^2 / 2 + R)), whose first term is exact.
  mutating func appendLogarithm(of x: LaneValue) {
    let (k, m) = decomposed(x)
    let f = subtract(m, constant(1), name: "f")
    let sum = add(m, constant(1))
    let s = divide(f, sum, name: "s")
    let z = multiply(s, s)
    let series = polynomial(format.logarithmCoefficients, z)
    let half = multiply(f, constant(0.5))
    let halfSquare = multiply(half, f)
    let bracket = fused(.productPlus, z, series, halfSquare)
    let small = multiply(k, constant(format.logarithmOfTwo.low))
    let correction = fused(.productPlus, s, bracket, small)
    let fall = subtract(halfSquare, correction)
    let logarithm = subtract(f, fall, name: "ln m")
    let finite = fused(
      .productPlus, k, constant(format.logarithmOfTwo.high), logarithm, name: "ln x")

    let zero = constant(0)
    let isFinite = compare(.less, x, constant(.infinity))
    let bounded = select(isFinite, finite, x)
    let isNegative = compare(.less, x, zero)
    let real = select(isNegative, constant(.nan), bounded)
    let isZero = compare(.equal, x, zero)
    select(isZero, constant(-.infinity), real)
  }

  /// The integer k and the number m from sqrt(1/2) to sqrt(2) of x = m 2^k, for x > 0 and finite.
  mutating func decomposed(_ x: LaneValue) -> (k: LaneValue, m: LaneValue) {
    let significandBits = format.significandBits
    let isSmall = compare(.less, x, constant(format.leastNormal))
    let enlarged = multiply(x, constant(format.denormalScale.factor))
    let normal = select(isSmall, enlarged, x)

    // The exponent of x / sqrt(1/2), biased, becomes a number as the last bits of `carrier`.
    let carrier = Double(sign: .plus, exponent: Int(significandBits), significand: 1)
    let bias = carrier + Double(format.exponentBias)
    let smallBias = constant(bias + format.denormalScale.exponent)
    let offset = select(isSmall, smallBias, constant(bias))
    let root = format.bits(of: format.rootOfHalf)
    let normalBits = bits(normal)
    let biased = integer(.add, normalBits, integerConstant(format.bits(of: 1) - root))
    let exponent = integer(.shiftRightLogical, biased, integerConstant(significandBits))
    let carried = integer(.or, exponent, bitsConstant(carrier))
    let carriedNumber = fromBits(carried)
    let k = subtract(carriedNumber, offset, name: "k")

    let mask = integerConstant((1 << significandBits) - 1)
    let fraction = integer(.and, biased, mask)
    let significand = integer(.add, fraction, integerConstant(root))
    let m = fromBits(significand, name: "m")
    return (k, m)
  }
}
