import Basics
import Syntax
import Testing

@testable import Interpreter

/// Derived gradients against central differences, away from kinks.
@Suite struct DerivativeTests {
  /// Where a function is smooth and its higher derivatives are moderate.
  private func domain(_ function: UnaryFunction) -> ClosedRange<Double> {
    switch function {
    case .negate, .exponential, .hyperbolicTangent, .sigmoid, .errorFunction: -2...2
    case .absolute, .sign: -3 ... -0.1
    case .squareRoot, .reciprocalSquareRoot, .logarithm: 0.5...3
    }
  }

  @Test(arguments: UnaryFunction.allCases)
  func unaryFunctionsHaveTheirDerivatives(function: UnaryFunction) throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let x = builder.tensor("x", [n])
    builder.output("y", unary(function, x) * x)
    var generator = SplitMix64(seed: 11)
    let binding = Binding(
      sizes: ["N": 7], inputs: ["x": generator.numbers(7, in: domain(function))])
    try expectGradient(of: builder.norm, binding, by: "x", seed: 12)
  }

  /// Arguments of each function away from its kinks.
  private func domains(
    _ function: BinaryFunction
  ) -> (x: ClosedRange<Double>, y: ClosedRange<Double>) {
    switch function {
    case .add, .subtract, .multiply: (-2...2, -2...2)
    case .divide: (-2...2, 0.5...2)
    case .power: (0.5...2, -2...3)
    case .modulo: (7.1...7.9, 3...3.4)
    case .maximum: (1...2, -2...0.9)
    case .minimum: (1...2, -2...0.9)
    }
  }

  @Test(arguments: BinaryFunction.allCases)
  func binaryFunctionsHaveTheirDerivatives(function: BinaryFunction) throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let w = builder.tensor("w", [c])
    builder.output("y", binary(function, x, w))
    let domains = domains(function)
    var generator = SplitMix64(seed: 21)
    let binding = Binding(
      sizes: ["N": 3, "C": 4],
      inputs: [
        "x": generator.numbers(12, in: domains.x), "w": generator.numbers(4, in: domains.y),
      ])
    try expectGradient(of: builder.norm, binding, by: "x", seed: 22)
    try expectGradient(of: builder.norm, binding, by: "w", seed: 23)
  }

  @Test(arguments: ReductionKind.allCases)
  func reductionsHaveTheirDerivatives(kind: ReductionKind) throws {
    guard kind != .count else { return }
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let w = builder.tensor("w", [c])
    let valid = builder.mask("valid", [n])
    // One over each axis and over both; the last through a mask that lacks an axis.
    let rows = reduce(kind, [c], x * w)
    let columns = reduce(kind, [n], x, where: valid)
    builder.output("y", rows * columns + reduce(kind, [n, c], x * x, where: valid))
    var generator = SplitMix64(seed: 31)
    let binding = Binding(
      sizes: ["N": 3, "C": 5],
      inputs: [
        "x": generator.numbers(15, in: -2...2), "w": generator.numbers(5, in: -2...2),
        "valid": [1, 0, 1],
      ])
    try expectGradient(of: builder.norm, binding, by: "x", seed: 32)
    try expectGradient(of: builder.norm, binding, by: "w", seed: 33)
  }

  @Test func aQuotientByANamedRootHasItsDerivative() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let root = builder.define("root", squareRoot(reduce(.mean, [c], x * x) + number(0.1)))
    builder.output("y", x / root + root)
    var generator = SplitMix64(seed: 41)
    let binding = Binding(
      sizes: ["N": 3, "C": 4], inputs: ["x": generator.numbers(12, in: -2...2)])
    try expectGradient(of: builder.norm, binding, by: "x", seed: 42)
  }

  @Test func selectionAndStoppedGradientsHaveTheirDerivatives() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let largest = stopGradient(reduce(.maximum, [c], x))
    let isUpper = compare(.less, index([c]), number(2))
    builder.output("y", select(isUpper, unary(.exponential, x - largest), x * largest))
    var generator = SplitMix64(seed: 51)
    let binding = Binding(
      sizes: ["N": 3, "C": 4], inputs: ["x": generator.numbers(12, in: -2...2)])
    try expectGradient(of: builder.norm, binding, by: "x", seed: 52)
  }

  @Test func aStoppedGradientIsReallyHeld() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let x = builder.tensor("x", [n])
    builder.output("y", x * stopGradient(x))
    let binding = Binding(sizes: ["N": 2], inputs: ["x": [3, 5]])
    #expect(try gradients(of: builder.norm, binding, seed: [1, 1])["x"] == [3, 5])
    let interpreter = Interpreter(builder.norm)
    let result = try interpreter.forward(phase: .train, binding)
    let differences = try interpreter.finiteDifferences(
      around: result, binding, outputGradients: ["y": [1, 1]], withRespectTo: "x")
    #expect(agree(differences, [3, 5], tolerance: 1e-8))
  }

  @Test func severalOutputsAddUp() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let x = builder.tensor("x", [n])
    builder.output("y", x * x)
    builder.output("total", reduce(.sum, [n], x))
    let binding = Binding(sizes: ["N": 3], inputs: ["x": [1, 2, 3]])
    let interpreter = Interpreter(builder.norm)
    let result = try interpreter.forward(phase: .train, binding)
    #expect(result.outputs == ["y": [1, 4, 9], "total": [6]])
    let both = try interpreter.backward(
      result, outputGradients: ["y": [1, 1, 1], "total": [10]])
    #expect(both.gradients["x"] == [12, 14, 16])
    let one = try interpreter.backward(result, outputGradients: ["total": [10]])
    #expect(one.gradients["x"] == [10, 10, 10])
  }
}
