/// x^y = 2^(y log2 |x|), with the exponent in about twice the format's precision.
///
/// Special values are those of IEEE 754's pow.
extension FunctionBuilder {
  mutating func appendPower(of x: LaneValue, to y: LaneValue) {
    let magnitude = unary(.absolute, x)
    // 1 to the power of an infinity is 1.
    let isOne = compare(.equal, magnitude, constant(1))
    let finiteY = select(isOne, constant(0), y)
    let exponent =
      switch format {
      case .float32: wideExponent(magnitude, finiteY)
      case .float64: doubledExponent(magnitude, finiteY)
      }
    let growth = exponentialLessOne(exponent.rest)
    let power = appendScaled(growth, exponent.whole, exponent.shifted)
    appendPowerWithSign(of: x, magnitude, to: y, power, exponent.product)
  }

  /// What the exponent product = y log2 |x| is split into: 2^product = 2^k e^rest.
  private struct Exponent {
    /// The product, rounded; infinite where the result is 0 or infinite whatever the precision.
    let product: LaneValue
    /// k, within the exponents that make a difference.
    let whole: LaneValue
    /// k + `shifter`.
    let shifted: LaneValue
    /// The rest times ln 2; 0 where the product is not within bounds.
    let rest: LaneValue
  }

  /// The exponent for float32: log2 |x| and its product with y are float64.
  private mutating func wideExponent(_ magnitude: LaneValue, _ y: LaneValue) -> Exponent {
    let (k, m) = decomposed(magnitude)
    let f = subtract(m, constant(1))
    let wideF = widen(f)
    let denominator = add(wideF, constant(2, .wide))
    let s = divide(wideF, denominator)
    let z = multiply(s, s)
    let series = polynomial(PowerCoefficients.binaryLogarithm, z)
    let wideK = widen(k)
    let logarithm = fused(.productPlus, s, series, wideK, name: "log2 |x|")
    let wideY = widen(y)
    let wideProduct = multiply(wideY, logarithm)
    let finite = narrow(wideProduct)

    let product = specialProduct(magnitude, y, finite)
    let (bounded, isWithin) = withinExponents(product)
    let shifter = constant(format.shifter)
    let shifted = add(bounded, shifter)
    let whole = subtract(shifted, shifter)
    let wideWhole = widen(whole)
    let fraction = subtract(wideProduct, wideWhole)
    let scaled = multiply(fraction, constant(.ln2, .wide))
    let narrowed = narrow(scaled)
    let rest = select(isWithin, narrowed, constant(0))
    return Exponent(product: product, whole: whole, shifted: shifted, rest: rest)
  }

  /// The exponent for float64: log2 |x| and its product with y are sums of two numbers.
  private mutating func doubledExponent(_ magnitude: LaneValue, _ y: LaneValue) -> Exponent {
    let (k, m) = decomposed(magnitude)
    let logarithm = doubledBinaryLogarithm(k, m)
    let high = multiply(y, logarithm.high)
    let error = fused(.productMinus, y, logarithm.high, high)
    let low = fused(.productPlus, y, logarithm.low, error)
    let sum = add(high, low)
    // Beyond that the parts may overflow, and infinities cancel to NaN; high alone tells enough.
    let size = unary(.absolute, high)
    let isModerate = compare(.less, size, constant(2048))
    let finite = select(isModerate, sum, high)

    let product = specialProduct(magnitude, y, finite)
    let (bounded, isWithin) = withinExponents(product)
    let shifter = constant(format.shifter)
    let shifted = add(bounded, shifter)
    let whole = subtract(shifted, shifter)
    let fraction = subtract(bounded, whole)
    let taken = subtract(sum, high)
    let left = subtract(low, taken)
    let precise = add(fraction, left)
    let scaled = multiply(precise, constant(.ln2))
    let rest = select(isWithin, scaled, constant(0))
    return Exponent(product: product, whole: whole, shifted: shifted, rest: rest)
  }

  /// The product y log2 |x| where |x| is 0, infinite or NaN, and `finite` elsewhere.
  private mutating func specialProduct(
    _ magnitude: LaneValue, _ y: LaneValue, _ finite: LaneValue
  ) -> LaneValue {
    let zero = constant(0)
    let infinity = constant(.infinity)
    let isZero = compare(.equal, magnitude, zero)
    let isFinite = compare(.less, magnitude, infinity)
    let extreme = select(isZero, constant(-.infinity), magnitude)
    let extremeProduct = multiply(y, extreme)
    let isPositive = compare(.less, zero, magnitude)
    let isRegular = logic(.and, isPositive, isFinite)
    return select(isRegular, finite, extremeProduct, name: "y log2 |x|")
  }

  /// `product`, bounded to the exponents of finite results and a little more, and whether it is
  /// within them.
  private mutating func withinExponents(
    _ product: LaneValue
  ) -> (bounded: LaneValue, isWithin: LaneValue) {
    let limits = format.powerLimits
    let above = atLeast(limits.lowest, product)
    let bounded = atMost(limits.highest, above)
    let isWithin = compare(.equal, bounded, product)
    return (bounded, isWithin)
  }

  /// `power` with the sign of x where y is odd; NaN where x < 0 and y is no integer, or where the
  /// exponent is NaN; 1 where y is 0 or x is 1.
  private mutating func appendPowerWithSign(
    of x: LaneValue, _ magnitude: LaneValue, to y: LaneValue, _ power: LaneValue,
    _ product: LaneValue
  ) {
    let zero = constant(0)
    let one = constant(1)
    let isNumber = compare(.equal, product, product)
    let size = select(isNumber, power, product)

    let wholeY = unary(.floor, y)
    let isInteger = compare(.equal, wholeY, y)
    let halfY = multiply(y, constant(0.5))
    let wholeHalfY = unary(.floor, halfY)
    let hasHalf = compare(.notEqual, wholeHalfY, halfY)
    let isOdd = logic(.and, isInteger, hasHalf)
    let signOfX = signBit(of: x, magnitude)
    let sign = select(isOdd, signOfX, integerConstant(0))
    let sizeBits = bits(size)
    let signedBits = integer(.or, sizeBits, sign)
    let signed = fromBits(signedBits)

    let isNegative = compare(.less, x, zero)
    let isFinite = compare(.less, magnitude, constant(.infinity))
    let isNegativeFinite = logic(.and, isNegative, isFinite)
    let isFraction = compare(.notEqual, wholeY, y)
    let isUndefined = logic(.and, isNegativeFinite, isFraction)
    let defined = select(isUndefined, constant(.nan), signed)
    let isZeroPower = compare(.equal, y, zero)
    let isOneBase = compare(.equal, x, one)
    let isOne = logic(.or, isZeroPower, isOneBase)
    select(isOne, one, defined)
  }

  /// log2(m 2^k) as a sum of two numbers, to about 2^-63 of its size.
  ///
  /// log2 m = 2 / ln 2 (s + s^3 / 3 + s^5 T(s^2)), where s = (m - 1) / (m + 1), its square and
  /// the sum of the first two terms are kept in two numbers each.
  private mutating func doubledBinaryLogarithm(
    _ k: LaneValue, _ m: LaneValue
  ) -> (high: LaneValue, low: LaneValue) {
    let s = ratio(m)
    let factor = series(s)
    let natural = product(s, factor)
    let scale = PowerCoefficients.twiceBinaryE
    let scaleHigh = constant(scale.high)
    let scaleLow = constant(scale.low)
    let logarithm = product(natural, (scaleHigh, scaleLow))
    let high = add(k, logarithm.high)
    let taken = subtract(high, k)
    let left = subtract(logarithm.high, taken)
    let low = add(left, logarithm.low)
    return (high, low)
  }

  /// s = (m - 1) / (m + 1) in two numbers.
  private mutating func ratio(_ m: LaneValue) -> (high: LaneValue, low: LaneValue) {
    let one = constant(1)
    let f = subtract(m, one)
    let sum = add(m, one)
    let sumLessOne = subtract(sum, one)
    let sumRest = subtract(m, sumLessOne)
    let s = divide(f, sum)
    let remainder = fused(.minusProduct, s, sum, f)
    let finer = fused(.minusProduct, s, sumRest, remainder)
    let sRest = divide(finer, sum)
    return (s, sRest)
  }

  /// atanh(s) / s = 1 + z / 3 + z^2 T(z) with z = s^2, in two numbers.
  private mutating func series(
    _ s: (high: LaneValue, low: LaneValue)
  ) -> (high: LaneValue, low: LaneValue) {
    let z = multiply(s.high, s.high)
    let zError = fused(.productMinus, s.high, s.high, z)
    let twice = add(s.high, s.high)
    let zRest = fused(.productPlus, twice, s.low, zError)
    let tail = polynomial(PowerCoefficients.tail, z)
    let zz = multiply(z, z)
    let tailTerm = multiply(zz, tail)

    let one = constant(1)
    let third = constant(PowerCoefficients.third.high)
    let u = multiply(z, third)
    let uError = fused(.productMinus, z, third, u)
    let uFiner = fused(.productPlus, z, constant(PowerCoefficients.third.low), uError)
    let uRest = fused(.productPlus, zRest, third, uFiner)
    let series = add(one, u)
    let seriesLessOne = subtract(series, one)
    let seriesError = subtract(u, seriesLessOne)
    let small = add(uRest, tailTerm)
    let seriesRest = add(seriesError, small)
    return (series, seriesRest)
  }

  /// The product of two sums of two numbers.
  private mutating func product(
    _ a: (high: LaneValue, low: LaneValue), _ b: (high: LaneValue, low: LaneValue)
  ) -> (high: LaneValue, low: LaneValue) {
    let high = multiply(a.high, b.high)
    let error = fused(.productMinus, a.high, b.high, high)
    let crossed = fused(.productPlus, a.low, b.high, error)
    let low = fused(.productPlus, a.high, b.low, crossed)
    return (high, low)
  }
}
