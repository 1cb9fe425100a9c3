import LoopIR
import Testing

@Suite struct LaneProgramTests {
  /// Returns the last value of a program of `operations` without arguments, in `compute`.
  private func value(
    _ operations: [(LaneOperation, LaneType)], _ compute: ComputeType = .float32
  ) throws -> LaneScalar? {
    var program = LaneProgram()
    for (operation, type) in operations { program.append(operation, type) }
    try program.verify()
    return program.evaluated([], in: compute).last
  }

  private func problem(_ operations: [(LaneOperation, LaneType)]) -> LaneError? {
    do throws(LaneError) {
      var program = LaneProgram()
      for (operation, type) in operations { program.append(operation, type) }
      try program.verify()
      return nil
    } catch {
      return error
    }
  }

  private let a = LaneValue(0)
  private let b = LaneValue(1)
  private let c = LaneValue(2)

  @Test func numbersAreRoundedToTheirType() throws {
    #expect(try value([(.constant(0.1), .number)]) == .float32(0.1))
    #expect(try value([(.constant(0.1), .number)], .float64) == .float64(0.1))
    #expect(try value([(.constant(0.1), .wide)]) == .float64(0.1))
    let sum: [(LaneOperation, LaneType)] = [
      (.constant(0x1p24), .number), (.constant(1), .number), (.binary(.add, a, b), .number),
    ]
    #expect(try value(sum) == .float32(0x1p24))
    #expect(try value(sum, .float64) == .float64(0x1p24 + 1))
  }

  @Test(arguments: [
    (1.5 as Float, 3 as Float, 12 as Float), (1.25, -150, 0x1p-149), (1.5, -149, 0x1p-148),
    (1.5, 128, .infinity), (1, -126, 0x1p-126), (-1.5, 127, -0x1.8p127),
  ]) func scalingRoundsOnce(number: Float, power: Float, result: Float) throws {
    let program: [(LaneOperation, LaneType)] = [
      (.constant(Double(number)), .number), (.constant(Double(power)), .number),
      (.binary(.scale, a, b), .number),
    ]
    #expect(try value(program) == .float32(result))
  }

  @Test(arguments: [
    (LaneBinary.add, 7.5 as Float), (.subtract, 4.5), (.multiply, 9), (.divide, 4),
  ]) func binaryOperations(operation: LaneBinary, result: Float) throws {
    let program: [(LaneOperation, LaneType)] = [
      (.constant(6), .number), (.constant(1.5), .number), (.binary(operation, a, b), .number),
    ]
    #expect(try value(program) == .float32(result))
  }

  @Test(arguments: [
    (LaneUnary.negate, 2.25, -2.25), (.absolute, -2.25, 2.25), (.squareRoot, 2.25, 1.5),
    (.floor, -2.25, -3), (.floor, 2.75, 2), (.negate, 0, -0.0), (.absolute, -0.0, 0),
  ]) func unaryOperations(operation: LaneUnary, x: Double, result: Double) throws {
    let program: [(LaneOperation, LaneType)] = [
      (.constant(x), .number), (.unary(operation, a), .number),
    ]
    for compute in ComputeType.allCases {
      #expect(try value(program, compute)?.number?.bitPattern == result.bitPattern)
    }
  }

  @Test(arguments: [
    (FusedForm.productPlus, -1.0, 0x1p-12 + 0x1p-26), (.minusProduct, 1.0, -0x1p-12 - 0x1p-26),
    (.productMinus, 1.0, 0x1p-12 + 0x1p-26),
  ]) func fusedOperationsRoundOnce(form: FusedForm, addend: Double, result: Double) throws {
    let program: [(LaneOperation, LaneType)] = [
      (.constant(1 + 0x1p-13), .number), (.constant(addend), .number),
      (.fused(form, a, a, b), .number),
    ]
    #expect(try value(program)?.number == result)
  }

  @Test(
    arguments: [
      (LaneInteger.add, -7, 3, -4), (.subtract, -7, 3, -10), (.multiply, -7, 3, -21),
      (.and, -7, 3, 1), (.or, -7, 3, -5), (.xor, -7, 3, -6), (.shiftLeft, -7, 3, -56),
      (.shiftRightArithmetic, -7, 1, -4), (.shiftRightArithmetic, -7, 0, -7),
      (.shiftRightLogical, -7, 0, -7), (.shiftRightLogical, 56, 3, 7),
    ] as [(LaneInteger, Int64, Int64, Int64)])
  func integerOperations(operation: LaneInteger, x: Int64, y: Int64, result: Int64) throws {
    for type in [LaneType.integer, .wideInteger] {
      let program: [(LaneOperation, LaneType)] = [
        (.integerConstant(x), type), (.integerConstant(y), type),
        (.integer(operation, a, b), type),
      ]
      let single = try value(program)
      #expect(single == (type == .integer ? .int32(Int32(result)) : .int64(result)))
      #expect(try value(program, .float64) == .int64(result))
    }
  }

  @Test func integersWrapAroundAndShiftInZeros() throws {
    let shift: [(LaneOperation, LaneType)] = [
      (.integerConstant(-1), .integer), (.integerConstant(31), .integer),
      (.integer(.shiftRightLogical, a, b), .integer),
    ]
    #expect(try value(shift) == .int32(1))
    #expect(try value(shift, .float64) == .int64(0x1_FFFF_FFFF))
    let product: [(LaneOperation, LaneType)] = [
      (.integerConstant(0x4000_0001), .integer), (.integerConstant(4), .integer),
      (.integer(.multiply, a, b), .integer),
    ]
    #expect(try value(product) == .int32(4))
  }

  @Test(arguments: LaneComparison.allCases) func comparisons(comparison: LaneComparison) throws {
    let expected: [LaneComparison: [Bool]] = [
      .less: [true, false, false, false], .lessOrEqual: [true, true, false, false],
      .equal: [false, true, false, false], .notEqual: [true, false, true, true],
    ]
    let pairs: [(Double, Double)] = [(1, 2), (0, -0.0), (2, 1), (.nan, .nan)]
    for ((x, y), result) in zip(pairs, expected[comparison] ?? []) {
      let program: [(LaneOperation, LaneType)] = [
        (.constant(x), .number), (.constant(y), .number),
        (.compare(comparison, a, b), .condition),
      ]
      #expect(try value(program) == .condition(result), "\(x) \(y)")
    }
    let integers: [(LaneOperation, LaneType)] = [
      (.integerConstant(-1), .integer), (.integerConstant(1), .integer),
      (.compareInteger(comparison, a, b), .condition),
    ]
    #expect(try value(integers) == .condition(comparison != .equal))
  }

  @Test func conditionsSelect() throws {
    for (x, y) in [(false, false), (false, true), (true, false), (true, true)] {
      let start: [(LaneOperation, LaneType)] = [
        (.truth(x), .condition), (.truth(y), .condition),
      ]
      #expect(try value(start + [(.logic(.and, a, b), .condition)]) == .condition(x && y))
      #expect(try value(start + [(.logic(.or, a, b), .condition)]) == .condition(x || y))
      #expect(try value(start + [(.not(b), .condition)]) == .condition(!y))
      let chosen = try value([
        (.truth(x), .condition), (.constant(1), .number), (.constant(2), .number),
        (.select(a, b, c), .number),
      ])
      #expect(chosen == .float32(x ? 1 : 2))
    }
  }

  @Test func conversions() throws {
    #expect(try value([(.constant(-1.75), .number), (.toInteger(a), .integer)]) == .int32(-1))
    #expect(try value([(.constant(1.75), .wide), (.toInteger(a), .wideInteger)]) == .int64(1))
    let odd: [(LaneOperation, LaneType)] = [
      (.integerConstant(0x100_0001), .integer), (.toNumber(a), .number),
    ]
    #expect(try value(odd) == .float32(0x1p24))
    #expect(try value(odd, .float64) == .float64(0x1p24 + 1))
    #expect(
      try value([(.constant(-2), .number), (.bitcast(a), .integer)]) == .int32(-0x4000_0000))
    #expect(
      try value([(.integerConstant(0x3F80_0000), .integer), (.bitcast(a), .number)])
        == .float32(1))
    #expect(
      try value([(.constant(0.1), .number), (.widen(a), .wide)]) == .float64(Double(Float(0.1))))
    #expect(try value([(.constant(0.1), .wide), (.narrow(a), .number)]) == .float32(0.1))
  }

  @Test func functionsCanBeInlined() throws {
    var program = LaneProgram()
    let x = program.append(.argument(0), .number)
    let y = program.append(.argument(1), .number)
    let power = program.append(.function(.power, [x, y]), .number)
    let result = program.append(.binary(.subtract, power, x), .number)
    try program.verify()
    let (inlined, values) = program.inliningFunctions(in: .float32)
    try inlined.verify()
    let lane: [LaneScalar] = [.float32(3), .float32(2)]
    #expect(program.evaluated(lane, in: .float32)[result.index] == .float32(6))
    #expect(inlined.evaluated(lane, in: .float32)[values[result.index].index] == .float32(6))
    #expect(!inlined.text.contains("pow"))
  }

  @Test func textHasALineForEachValue() {
    var program = LaneProgram()
    let x = program.append(.argument(0), .number, name: "x")
    let square = program.append(.binary(.multiply, x, x), .number, name: "square")
    let isSmall = program.append(.compare(.less, square, x), .condition)
    program.append(.select(isSmall, square, x), .number)
    #expect(
      program.text == """
        %0 = argument 0 : number  // x
        %1 = multiply %0 %0 : number  // square
        %2 = less %1 %0 : condition
        %3 = select %2 %1 %0 : number

        """)
  }

  @Test func operandsMustBeDefinedBefore() {
    let ahead = problem([(.unary(.negate, a), .number)])
    #expect(ahead?.description == "%0: operand %0 is not defined before")
    #expect(problem([(.unary(.negate, LaneValue(-1)), .number)]) != nil)
  }

  @Test func operandsMustHaveTheOperationsTypes() {
    let one: (LaneOperation, LaneType) = (.constant(1), .number)
    let wide: (LaneOperation, LaneType) = (.constant(1), .wide)
    let count: (LaneOperation, LaneType) = (.integerConstant(1), .integer)
    let truth: (LaneOperation, LaneType) = (.truth(true), .condition)
    let mixed = problem([one, wide, (.binary(.add, a, b), .number)])
    #expect(mixed?.description == "%2: operand %1 is a wide, not a number")
    let wrong: [[(LaneOperation, LaneType)]] = [
      [(.constant(1), .integer)], [(.integerConstant(1), .number)], [(.truth(true), .number)],
      [(.argument(-1), .number)],
      [count, (.unary(.negate, a), .integer)], [count, (.unary(.negate, a), .number)],
      [one, wide, (.fused(.productPlus, a, a, b), .number)],
      [one, (.integer(.add, a, a), .integer)], [one, (.integer(.add, a, a), .number)],
      [one, wide, (.compare(.less, a, b), .condition)], [one, (.compare(.less, a, a), .number)],
      [count, (.compare(.less, a, a), .condition)],
      [one, (.compareInteger(.less, a, a), .condition)],
      [one, truth, (.logic(.and, a, b), .condition)], [one, (.not(a), .condition)],
      [one, (.select(a, a, a), .number)], [truth, one, wide, (.select(a, b, c), .number)],
      [one, (.bitcast(a), .wideInteger)], [truth, (.bitcast(a), .condition)],
      [wide, (.toInteger(a), .integer)], [one, (.toInteger(a), .number)],
      [one, (.toNumber(a), .number)], [wide, (.widen(a), .wide)], [one, (.narrow(a), .number)],
      [one, (.function(.power, [a]), .number)], [one, (.function(.sigmoid, [a, a]), .number)],
      [one, (.function(.sigmoid, [a]), .wide)], [truth, (.function(.sigmoid, [a]), .condition)],
    ]
    for operations in wrong {
      #expect(problem(operations)?.value == LaneValue(operations.count - 1), "\(operations)")
    }
  }
}
