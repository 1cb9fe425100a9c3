import Syntax
import Testing

@testable import Interpreter

@Suite struct OperationTests {
  /// `y = function(x)`.
  private func norm(_ term: (Term) -> Term) -> CheckedNorm {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let x = builder.tensor("x", [n])
    builder.output("y", term(x), [n])
    return builder.norm
  }

  private func results(_ norm: CheckedNorm, _ x: [Double]) throws -> [Double] {
    try outputs(of: norm, Binding(sizes: ["N": x.count], inputs: ["x": x]))
  }

  /// Arguments and values to 16 digits; of the functions that are no arithmetic from tables.
  private func samples(_ function: UnaryFunction) -> [(x: Double, y: Double)] {
    switch function {
    case .negate: [(2, -2), (-0.5, 0.5)]
    case .absolute: [(2, 2), (-0.5, 0.5), (0, 0)]
    case .sign: [(2, 1), (-0.5, -1), (0, 0)]
    case .squareRoot: [(9, 3), (0, 0), (-1, .nan)]
    case .reciprocalSquareRoot: [(16, 0.25), (0, .infinity)]
    case .exponential: [(0, 1), (1, 2.718281828459045), (-1000, 0)]
    case .logarithm: [(1, 0), (10, 2.302585092994046), (0, -.infinity)]
    case .hyperbolicTangent: [(0, 0), (0.5, 0.46211715726000973), (-1000, -1)]
    case .sigmoid: [(0, 0.5), (1, 0.7310585786300049), (-1000, 0), (1000, 1)]
    case .errorFunction: [(0, 0), (0.5, 0.5204998778130465), (-10, -1)]
    }
  }

  @Test(arguments: UnaryFunction.allCases)
  func unaryFunctionsHaveTheirValues(function: UnaryFunction) throws {
    let samples = samples(function)
    let found = try results(norm { unary(function, $0) }, samples.map(\.x))
    #expect(agree(found, samples.map(\.y), tolerance: 1e-15), "\(function): \(found)")
  }

  private func samples(_ function: BinaryFunction) -> [(x: Double, y: Double, z: Double)] {
    switch function {
    case .add: [(1, 2, 3)]
    case .subtract: [(1, 2, -1)]
    case .multiply: [(3, -2, -6)]
    case .divide: [(3, -2, -1.5), (1, 0, .infinity), (0, 0, .nan)]
    case .power: [(2, 10, 1024), (-2, 3, -8), (-8, 0.5, .nan), (0, 0, 1), (4, -0.5, 0.5)]
    case .modulo: [(7, 3, 1), (-7, 3, 2), (7, -3, -2), (5.5, 2, 1.5)]
    case .maximum: [(1, 2, 2), (2, 1, 2), (.nan, 1, .nan), (1, .nan, .nan)]
    case .minimum: [(1, 2, 1), (2, 1, 1), (.nan, 1, .nan), (1, .nan, .nan)]
    }
  }

  @Test(arguments: BinaryFunction.allCases)
  func binaryFunctionsHaveTheirValues(function: BinaryFunction) throws {
    for sample in samples(function) {
      let norm = norm { binary(function, $0, number(sample.y)) }
      let found = try results(norm, [sample.x])
      #expect(agree(found, [sample.z], tolerance: 1e-15), "\(sample): \(found)")
    }
  }

  @Test(
    arguments: [
      (Comparison.less, [1, 0, 0, 0]), (.lessOrEqual, [1, 1, 0, 0]), (.equal, [0, 1, 0, 0]),
      (.notEqual, [1, 0, 1, 1]), (.greaterOrEqual, [0, 1, 1, 0]), (.greater, [0, 0, 1, 0]),
    ] as [(Comparison, [Double])])
  func comparisonsHoldAsIEEESays(comparison: Comparison, expected: [Double]) throws {
    let norm = norm { select(compare(comparison, $0, number(2)), number(1), number(0)) }
    #expect(try results(norm, [1, 2, 3, .nan]) == expected)
  }

  @Test func conditionsCombine() throws {
    let norm = norm { x in
      let isPositive = compare(.greater, x, number(0))
      let isSmall = compare(.less, x, number(10))
      let isBoth = logic(.and, isPositive, isSmall)
      let isEither = logic(.or, not(isPositive), not(isSmall))
      return select(isBoth, number(1), number(0)) + select(isEither, number(10), number(0))
    }
    #expect(try results(norm, [-1, 5, 20]) == [10, 1, 10])
  }

  @Test func indexAndSizeFollowTheAxes() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    _ = builder.tensor("x", [n, c])
    builder.output("y", index([n, c]) + number(100) * index([c]) + number(0.5) * size([n, c]))
    let binding = Binding(sizes: ["N": 2, "C": 3], inputs: ["x": [0, 0, 0, 0, 0, 0]])
    #expect(try outputs(of: builder.norm, binding) == [3, 104, 205, 6, 107, 208])
  }

  @Test func axesMeetByNameInAnyOrder() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let turned = builder.tensor("w", [c, n])
    let row = builder.tensor("r", [c])
    builder.output("y", x + turned * row, [c, n])
    let binding = Binding(
      sizes: ["N": 2, "C": 3],
      inputs: ["x": [1, 2, 3, 4, 5, 6], "w": [10, 20, 30, 40, 50, 60], "r": [1, 2, 3]])
    #expect(try outputs(of: builder.norm, binding) == [11, 24, 62, 85, 153, 186])
    let gradients = try gradients(of: builder.norm, binding, seed: [1, 2, 3, 4, 5, 6])
    #expect(gradients["x"] == [1, 3, 5, 2, 4, 6])
    #expect(gradients["w"] == [1, 2, 6, 8, 15, 18])
    #expect(gradients["r"] == [50, 250, 610])
  }

  @Test(
    arguments: [
      (ReductionKind.sum, [10, 4]), (.mean, [2.5, 1]), (.maximum, [4, 5]), (.minimum, [1, -3]),
      (.variance, [1.25, 8.5]), (.unbiasedVariance, [1.25 * 4 / 3, 34.0 / 3]),
    ] as [(ReductionKind, [Double])])
  func reductionsHaveTheirValues(kind: ReductionKind, expected: [Double]) throws {
    let found = try reduced(kind)
    #expect(agree(found, expected, tolerance: 1e-15), "\(kind): \(found)")
  }

  @Test(
    arguments: [
      (ReductionKind.sum, [6, -1]), (.mean, [3, -0.5]), (.maximum, [4, 2]), (.minimum, [2, -3]),
      (.variance, [1, 6.25]), (.unbiasedVariance, [2, 12.5]),
    ] as [(ReductionKind, [Double])])
  func reductionsTakeWhatIsSelected(kind: ReductionKind, expected: [Double]) throws {
    let found = try reduced(kind, mask: [0, 1, 0, 1])
    #expect(agree(found, expected, tolerance: 1e-15), "\(kind): \(found)")
  }

  /// Reduces two rows of four numbers.
  private func reduced(_ kind: ReductionKind, mask: [Double]? = nil) throws -> [Double] {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    var binding = Binding(
      sizes: ["N": 2, "C": 4], inputs: ["x": [1, 2, 3, 4, 0, 2, 5, -3]])
    var condition: Term?
    if let mask {
      condition = builder.mask("valid", [c])
      binding.inputs["valid"] = mask
    }
    builder.output("y", reduce(kind, [c], x, where: condition))
    return try outputs(of: builder.norm, binding)
  }

  @Test func countTakesWhatIsTrueAndSelected() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let valid = builder.mask("valid", [n])
    builder.output(
      "y", reduce(.count, [n, c], compare(.greater, x, number(0)), where: valid))
    let binding = Binding(
      sizes: ["N": 2, "C": 3], inputs: ["x": [1, -1, 1, 1, 1, 1], "valid": [1, 0]])
    #expect(try outputs(of: builder.norm, binding) == [2])
  }

  @Test func axesThatNothingHasCountAllTheSame() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n])
    let valid = builder.mask("valid", [n])
    let sum = reduce(.sum, [c], x) + reduce(.count, [n, c], valid)
    let rest = reduce(.mean, [c], x) + reduce(.unbiasedVariance, [n, c], x)
    builder.output("y", sum + rest)
    let binding = Binding(
      sizes: ["N": 2, "C": 5], inputs: ["x": [1, 3], "valid": [1, 0]])
    // 5 x + 5 valid ones + x + ten ones' squared deviations over nine.
    let expected = [1.0, 3].map { 5 * $0 + 5 + $0 + 10.0 / 9 }
    #expect(agree(try outputs(of: builder.norm, binding), expected))
    try expectGradient(of: builder.norm, binding, by: "x", seed: 1)
  }
}
