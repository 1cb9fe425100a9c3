import Basics
import Foundation
import LoopIR
import Testing

@Suite struct LaneFunctionTests {
  /// The errors in ulp that the table of `LaneFunction` states.
  static let bounds: [(ElementaryFunction, ComputeType, Double)] = [
    (.exponential, .float32, 1.042), (.exponential, .float64, 1.0),
    (.logarithm, .float32, 0.828), (.logarithm, .float64, 0.8),
    (.hyperbolicTangent, .float32, 1.855), (.hyperbolicTangent, .float64, 2.04),
    (.sigmoid, .float32, 1.641), (.sigmoid, .float64, 1.619),
    (.errorFunction, .float32, 1.766), (.errorFunction, .float64, 1.568),
    (.power, .float32, 1.044), (.power, .float64, 1.695),
  ]

  /// Every 997th float32 and a million float64; with NORMGEN_EXHAUSTIVE set, which takes about a
  /// quarter of an hour and prints the figures, every float32 and the samples of the table.
  @Test func staysWithinTheStatedErrors() throws {
    let isExhaustive = ProcessInfo.processInfo.environment["NORMGEN_EXHAUSTIVE"] != nil
    let harness = try FunctionHarness()
    defer { harness.remove() }
    for (function, compute, bound) in Self.bounds {
      let count =
        switch (function.arity, compute) {
        case (1, .float32): isExhaustive ? 1 << 32 : (1 << 32) / 997
        case (_, .float32): isExhaustive ? 300_000_000 : 4_000_000
        case (_, .float64): isExhaustive ? 100_000_000 : 1_000_000
        }
      let worst = try harness.worst(function, compute, count: count)
      #expect(worst.error <= bound, "\(function) \(compute) at \(worst.arguments)")
      #expect(worst.faults == 0, "\(function) \(compute)")
      if isExhaustive { print(function, compute, worst.error, worst.arguments) }
    }
  }

  @Test func theEvaluatorAndCompiledCGiveTheSameBits() throws {
    let harness = try FunctionHarness()
    defer { harness.remove() }
    for compute in ComputeType.allCases {
      for function in ElementaryFunction.allCases {
        let program = LaneFunction.program(function, in: .number, compute: compute)
        let results = try harness.values(function, compute, count: 3000)
        #expect(results.count == 3000)
        var generator = SplitMix64(seed: 1)
        for result in results {
          let x = generator.next()
          let y = generator.next()
          let ours = run(program, compute, bits(x, compute), bits(y, compute))
          let theirs = bits(result, compute)
          #expect(
            agree(ours, theirs),
            "\(function) \(compute) of bits \(x), \(y), seed 1")
        }
      }
    }
  }

  /// Where arguments of any bits are rare that give results near the ends of the exponents, or
  /// beyond them, these are more often there.
  @Test(arguments: ElementaryFunction.allCases, ComputeType.allCases)
  func scalingInOneOperationGivesTheSameBits(
    function: ElementaryFunction, compute: ComputeType
  ) throws {
    let program = LaneFunction.program(function, in: .number, compute: compute)
    let scaling = LaneFunction.program(function, in: .number, compute: compute, scales: true)
    try scaling.verify()
    var generator = SplitMix64(seed: 2)
    for _ in 0..<3000 {
      let (any, other) = (bits(generator.next(), compute), bits(generator.next(), compute))
      let widest = compute == .float32 ? 110.0 : 760
      let near = number(Double(Int64(bitPattern: generator.next())) * widest * 0x1p-63, compute)
      for arguments in [[any, other], [near, other], [number(2.5, compute), near]] {
        let one = scaling.evaluated(arguments, in: compute).last
        let two = program.evaluated(arguments, in: compute).last
        #expect(agree(one, two), "\(function) \(compute) of \(arguments), seed 2")
      }
    }
  }

  private func number(_ value: Double, _ compute: ComputeType) -> LaneScalar {
    switch compute {
    case .float32: .float32(Float(value))
    case .float64: .float64(value)
    }
  }

  private func bits(_ bits: UInt64, _ compute: ComputeType) -> LaneScalar {
    switch compute {
    case .float32: .float32(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))
    case .float64: .float64(Double(bitPattern: bits))
    }
  }

  /// The same bits, or two NaN.
  private func agree(_ a: LaneScalar?, _ b: LaneScalar?) -> Bool {
    guard let a = a?.number, let b = b?.number else { return false }
    return a.bitPattern == b.bitPattern || (a.isNaN && b.isNaN)
  }

  private func run(
    _ program: LaneProgram, _ compute: ComputeType, _ arguments: LaneScalar...
  ) -> LaneScalar? {
    program.evaluated(arguments, in: compute).last
  }

  @Test(arguments: ElementaryFunction.allCases, ComputeType.allCases)
  func programsVerifyAndHaveTheFunctionsType(
    function: ElementaryFunction, compute: ComputeType
  ) throws {
    for type in [LaneType.number, .wide] {
      let program = LaneFunction.program(function, in: type, compute: compute)
      try program.verify()
      #expect(program.types.last == type)
      let calls = program.operations.count {
        if case .function = $0 { true } else { false }
      }
      #expect(calls == 0)
    }
  }

  @Test(arguments: ElementaryFunction.allCases)
  func wideIsFloat64BesideEitherType(function: ElementaryFunction) {
    let wide = LaneFunction.program(function, in: .wide, compute: .float32)
    let plain = LaneFunction.program(function, in: .number, compute: .float64)
    for x in [0.3, -2.5, 7] {
      let arguments = [LaneScalar.float64(x), .float64(1.5)]
      let a = wide.evaluated(arguments, in: .float32).last
      let b = plain.evaluated(arguments, in: .float64).last
      #expect(agree(a, b), "\(x)")
    }
  }

  /// Operations other than arguments, constants and bit casts: what a lane costs.
  static let costs: [(ElementaryFunction, Int, Int)] = [
    (.exponential, 23, 29), (.logarithm, 31, 34), (.hyperbolicTangent, 26, 32),
    (.sigmoid, 30, 36), (.errorFunction, 31, 51), (.power, 83, 123),
  ]

  @Test(arguments: costs)
  func costsNoMoreThanStated(function: ElementaryFunction, single: Int, double: Int) {
    for (compute, most) in [(ComputeType.float32, single), (.float64, double)] {
      let program = LaneFunction.program(function, in: .number, compute: compute)
      let cost = program.operations.count { operation in
        switch operation {
        case .argument, .constant, .integerConstant, .truth, .bitcast: false
        default: true
        }
      }
      #expect(cost <= most, "\(function) \(compute)")
    }
  }
}
