import LoopIR
import Testing

/// The values of the elementary functions that are exact, in both types.
@Suite struct SpecialValueTests {
  static let infinity = Double.infinity
  static let nan = Double.nan
  /// Greater than 0 and denormal in either type, as it is the least of its type.
  static func least(_ compute: ComputeType) -> Double {
    compute == .float32 ? Double(Float.leastNonzeroMagnitude) : .leastNonzeroMagnitude
  }

  private func expect(
    _ function: ElementaryFunction, _ cases: [(Double, Double)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    for compute in ComputeType.allCases {
      for (x, result) in cases {
        expect(function, compute, [x], result, sourceLocation: sourceLocation)
      }
    }
  }

  private func expect(
    _ function: ElementaryFunction, _ compute: ComputeType, _ arguments: [Double],
    _ result: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let program = LaneFunction.program(function, in: .number, compute: compute)
    let lane: [LaneScalar] = arguments.map {
      compute == .float32 ? .float32(Float($0)) : .float64($0)
    }
    let value = program.evaluated(lane, in: compute).last?.number
    #expect(
      value?.bitPattern == result.bitPattern || (value?.isNaN == true && result.isNaN),
      "\(function.rawValue)\(arguments) \(compute) is \(value ?? 99), not \(result)",
      sourceLocation: sourceLocation)
  }

  @Test func exponential() {
    let (infinity, nan) = (Self.infinity, Self.nan)
    expect(
      .exponential,
      [
        (0, 1), (-0.0, 1), (infinity, infinity), (-infinity, 0), (nan, nan), (1000, infinity),
        (-1000, 0), (1e30, infinity), (-1e30, 0), (1e-40, 1),
      ])
    // e^-103.5 is above half of the least float32, and e^-104 below it.
    expect(.exponential, .float32, [-103.5], Self.least(.float32))
    expect(.exponential, .float32, [-104], 0)
    expect(.exponential, .float64, [-745.1], Self.least(.float64))
    expect(.exponential, .float64, [-746], 0)
  }

  @Test func logarithm() {
    let (infinity, nan) = (Self.infinity, Self.nan)
    expect(
      .logarithm,
      [
        (1, 0), (0, -infinity), (-0.0, -infinity), (infinity, infinity), (-1, nan),
        (-infinity, nan), (nan, nan), (-1e-40, nan),
      ])
    expect(.logarithm, .float32, [Self.least(.float32)], Double(Float(-149 * 0.6931471805599453)))
    expect(.logarithm, .float64, [Self.least(.float64)], -744.4400719213812)
  }

  @Test func hyperbolicTangentAndErrorFunctionAreOddAndEndAtOne() {
    let (infinity, nan) = (Self.infinity, Self.nan)
    for function in [ElementaryFunction.hyperbolicTangent, .errorFunction] {
      expect(
        function,
        [
          (0, 0), (-0.0, -0.0), (infinity, 1), (-infinity, -1), (nan, nan), (100, 1), (-100, -1),
          (1e30, 1), (-1e30, -1),
        ])
    }
    for compute in ComputeType.allCases {
      let least = Self.least(compute)
      expect(.hyperbolicTangent, compute, [least], least)
      expect(.hyperbolicTangent, compute, [-5 * least], -5 * least)
      expect(.errorFunction, compute, [-least], -least)
    }
  }

  @Test func sigmoid() {
    let (infinity, nan) = (Self.infinity, Self.nan)
    expect(
      .sigmoid,
      [
        (0, 0.5), (-0.0, 0.5), (infinity, 1), (-infinity, 0), (nan, nan), (100, 1), (-1000, 0),
        (1e30, 1), (-1e30, 0),
      ])
    expect(.sigmoid, .float32, [-103.5], Self.least(.float32))
  }

  /// x, y and x^y after IEEE 754-2019, 9.2.1.
  static let powers: [(Double, Double, Double)] = [
    (nan, 0, 1), (nan, -0.0, 1), (infinity, 0, 1), (0, 0, 1), (-3, 0, 1), (-0.0, -0.0, 1),
    (1, nan, 1), (1, infinity, 1), (1, -infinity, 1), (1, 1e30, 1),
    (nan, 1, nan), (2, nan, nan), (-1, nan, nan), (0, nan, nan), (infinity, nan, nan),
    (-1, infinity, 1), (-1, -infinity, 1), (-1, 3, -1), (-1, 4, 1), (-1, 0.5, nan),
    (0, 3, 0), (-0.0, 3, -0.0), (-0.0, 2, 0), (-0.0, 0.5, 0), (0, 0.5, 0),
    (0, -1, infinity), (-0.0, -1, -infinity), (-0.0, -2, infinity), (-0.0, -0.5, infinity),
    (0, -infinity, infinity), (-0.0, -infinity, infinity), (0, infinity, 0), (-0.0, infinity, 0),
    (0.5, infinity, 0), (-0.5, infinity, 0), (2, infinity, infinity), (-2, infinity, infinity),
    (0.5, -infinity, infinity), (2, -infinity, 0), (-2, -infinity, 0),
    (infinity, 2, infinity), (infinity, -2, 0), (infinity, 1e-30, infinity),
    (-infinity, 3, -infinity), (-infinity, 2, infinity), (-infinity, 0.5, infinity),
    (-infinity, -3, -0.0), (-infinity, -2, 0), (-infinity, -0.5, 0),
    (infinity, infinity, infinity), (infinity, -infinity, 0),
    (-8, 1.0 / 3, nan), (-2, 1e30, infinity), (-2, -1e30, 0), (2, 1e30, infinity),
    (0.5, 1e30, 0), (1e30, 1e30, infinity), (1e-30, 1e30, 0),
    (3, 1, 3), (3, 2, 9), (-3, 3, -27), (2, 10, 1024), (2, -10, 0x1p-10), (4, 0.5, 2),
    (16, 0.25, 2), (10, 2, 100), (-2, -3, -0.125), (1024, 0.1, 2),
  ]

  @Test func power() {
    for compute in ComputeType.allCases {
      for (x, y, result) in Self.powers {
        expect(.power, compute, [x, y], result)
      }
      // Powers of two down to the least denormal are exact.
      let lowest = compute == .float32 ? -149.0 : -1074
      expect(.power, compute, [2, lowest], Self.least(compute))
      expect(.power, compute, [Self.least(compute), 1], Self.least(compute))
      expect(.power, compute, [2, lowest - 2], 0)
    }
  }

  @Test(arguments: ComputeType.allCases) func oddIntegersEndWhereAllNumbersAreEven(
    compute: ComputeType
  ) {
    let lastOdd = compute == .float32 ? 0x1p24 - 1 : 0x1p53 - 1
    expect(.power, compute, [-1, lastOdd], -1)
    expect(.power, compute, [-1, lastOdd + 1], 1)
  }
}
