/// Builds the program of a function on numbers of one format.
struct FunctionBuilder {
  private(set) var program = LaneProgram()
  /// The type of the function's arguments and value.
  let number: LaneType
  /// The integer as wide as that.
  let integer: LaneType
  /// The format of `number`.
  let format: ComputeType
  /// Whether a number times a power of two is one operation.
  let scales: Bool
  private var constants: [LaneType: [UInt64: LaneValue]] = [:]

  /// A builder for functions on `type`, which is `number` or `wide`.
  init(type: LaneType, compute: ComputeType, scales: Bool) {
    self.scales = scales
    number = type
    integer = type == .wide ? .wideInteger : .integer
    format = type == .wide ? .float64 : compute
  }

  mutating func argument(_ index: Int) -> LaneValue {
    program.append(.argument(index), number, name: index == 0 ? "x" : "y")
  }

  /// A number of the given type, once in the program.
  mutating func constant(_ value: Double, _ type: LaneType? = nil) -> LaneValue {
    let type = type ?? number
    if let known = constants[type]?[value.bitPattern] { return known }
    let result = program.append(.constant(value), type)
    constants[type, default: [:]][value.bitPattern] = result
    return result
  }

  mutating func integerConstant(_ value: Int64) -> LaneValue {
    let key = UInt64(bitPattern: value)
    if let known = constants[integer]?[key] { return known }
    let result = program.append(.integerConstant(value), integer)
    constants[integer, default: [:]][key] = result
    return result
  }

  /// The bits of `value` in the function's format, as an integer constant.
  mutating func bitsConstant(_ value: Double) -> LaneValue {
    integerConstant(format.bits(of: value))
  }

  mutating func unary(
    _ operation: LaneUnary, _ a: LaneValue, name: String? = nil
  ) -> LaneValue {
    program.append(.unary(operation, a), type(of: a), name: name)
  }

  mutating func add(_ a: LaneValue, _ b: LaneValue, name: String? = nil) -> LaneValue {
    program.append(.binary(.add, a, b), type(of: a), name: name)
  }

  mutating func subtract(_ a: LaneValue, _ b: LaneValue, name: String? = nil) -> LaneValue {
    program.append(.binary(.subtract, a, b), type(of: a), name: name)
  }

  mutating func multiply(_ a: LaneValue, _ b: LaneValue, name: String? = nil) -> LaneValue {
    program.append(.binary(.multiply, a, b), type(of: a), name: name)
  }

  @discardableResult
  mutating func divide(_ a: LaneValue, _ b: LaneValue, name: String? = nil) -> LaneValue {
    program.append(.binary(.divide, a, b), type(of: a), name: name)
  }

  mutating func scale(_ a: LaneValue, _ power: LaneValue) -> LaneValue {
    program.append(.binary(.scale, a, power), type(of: a))
  }

  @discardableResult
  mutating func fused(
    _ form: FusedForm, _ a: LaneValue, _ b: LaneValue, _ c: LaneValue, name: String? = nil
  ) -> LaneValue {
    program.append(.fused(form, a, b, c), type(of: a), name: name)
  }

  @discardableResult
  mutating func integer(
    _ operation: LaneInteger, _ a: LaneValue, _ b: LaneValue, name: String? = nil
  ) -> LaneValue {
    program.append(.integer(operation, a, b), type(of: a), name: name)
  }

  mutating func compare(
    _ comparison: LaneComparison, _ a: LaneValue, _ b: LaneValue, name: String? = nil
  ) -> LaneValue {
    program.append(.compare(comparison, a, b), .condition, name: name)
  }

  mutating func logic(
    _ operation: LaneLogic, _ a: LaneValue, _ b: LaneValue, name: String? = nil
  ) -> LaneValue {
    program.append(.logic(operation, a, b), .condition, name: name)
  }

  @discardableResult
  mutating func select(
    _ condition: LaneValue, _ a: LaneValue, _ b: LaneValue, name: String? = nil
  ) -> LaneValue {
    program.append(.select(condition, a, b), type(of: a), name: name)
  }

  /// The bits of a number as an integer.
  mutating func bits(_ a: LaneValue) -> LaneValue {
    program.append(.bitcast(a), integer)
  }

  /// The number that has the bits `a`.
  @discardableResult
  mutating func fromBits(_ a: LaneValue, name: String? = nil) -> LaneValue {
    program.append(.bitcast(a), number, name: name)
  }

  mutating func widen(_ a: LaneValue) -> LaneValue {
    program.append(.widen(a), .wide)
  }

  mutating func narrow(_ a: LaneValue, name: String? = nil) -> LaneValue {
    program.append(.narrow(a), .number, name: name)
  }

  /// The polynomial with these coefficients, lowest power first, by Horner's rule.
  mutating func polynomial(_ coefficients: [Double], _ x: LaneValue) -> LaneValue {
    var result = constant(coefficients[coefficients.count - 1], type(of: x))
    for coefficient in coefficients.dropLast().reversed() {
      result = fused(.productPlus, result, x, constant(coefficient, type(of: x)))
    }
    return result
  }

  /// `x`, or `limit` where `x` is greater; a NaN stays.
  mutating func atMost(_ limit: Double, _ x: LaneValue) -> LaneValue {
    let bound = constant(limit)
    let isAbove = compare(.less, bound, x)
    return select(isAbove, bound, x)
  }

  /// `x`, or `limit` where `x` is less; a NaN stays.
  mutating func atLeast(_ limit: Double, _ x: LaneValue) -> LaneValue {
    let bound = constant(limit)
    let isBelow = compare(.less, x, bound)
    return select(isBelow, bound, x)
  }

  /// The sign bit of `x`, whose magnitude is `magnitude`, alone.
  mutating func signBit(of x: LaneValue, _ magnitude: LaneValue) -> LaneValue {
    let xBits = bits(x)
    let magnitudeBits = bits(magnitude)
    return integer(.xor, xBits, magnitudeBits, name: "sign")
  }

  /// `x`, which is not negative, with the sign bit `sign` set.
  mutating func appendSigned(_ x: LaneValue, _ sign: LaneValue) {
    let xBits = bits(x)
    let signed = integer(.or, xBits, sign)
    fromBits(signed)
  }

  private func type(of value: LaneValue) -> LaneType { program.types[value.index] }
}

extension ComputeType {
  /// The number of bits of the significand that are stored.
  var significandBits: Int64 {
    switch self {
    case .float32: 23
    case .float64: 52
    }
  }

  /// What is added to an exponent where it is stored.
  var exponentBias: Int64 {
    switch self {
    case .float32: 127
    case .float64: 1023
    }
  }

  /// The bits of `value`, rounded to the format, as an integer of the format's width.
  func bits(of value: Double) -> Int64 {
    switch self {
    case .float32: Int64(Int32(bitPattern: Float(value).bitPattern))
    case .float64: Int64(bitPattern: value.bitPattern)
    }
  }
}
