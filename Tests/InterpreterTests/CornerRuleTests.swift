import Syntax
import Testing

@testable import Interpreter

@Suite struct CornerRuleTests {
  /// `y = term(x)` over one axis N.
  private func norm(_ term: (Term, AxisID) -> Term) -> CheckedNorm {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let x = builder.tensor("x", [n])
    builder.output("y", term(x, n), [n])
    return builder.norm
  }

  /// The gradient by x where the adjoint of y is 1 everywhere.
  private func gradient(_ x: [Double], _ term: (Term, AxisID) -> Term) throws -> [Double] {
    let binding = Binding(sizes: ["N": x.count], inputs: ["x": x])
    let ones = x.map { _ in 1.0 }
    return try #require(try gradients(of: norm(term), binding, seed: ones)["x"])
  }

  private func results(_ x: [Double], _ term: (Term, AxisID) -> Term) throws -> [Double] {
    try outputs(of: norm(term), Binding(sizes: ["N": x.count], inputs: ["x": x]))
  }

  @Test func aQuotientThatIsNotSelectedGivesNoGradient() throws {
    let safe = { (q: Term, _: AxisID) in
      select(compare(.greater, q, number(0)), number(3) / squareRoot(q), number(0))
    }
    #expect(try results([0, 4], safe) == [0, 1.5])
    #expect(try gradient([0, 4], safe) == [0, -3.0 / 16])
  }

  @Test func whatIsNotSelectedPassesNothingThroughAnInfiniteDerivative() throws {
    // The logarithm has an infinite derivative at 0; 0 times it would be NaN.
    let safe = { (x: Term, _: AxisID) in
      let logarithm = unary(.logarithm, x)
      return select(compare(.greater, x, number(0)), logarithm * x, x)
    }
    #expect(try gradient([0, 1], safe) == [1, 1])
    let loser = { (x: Term, _: AxisID) in
      binary(.maximum, unary(.logarithm, x), number(-5))
    }
    #expect(try gradient([0, 2], loser) == [0, 0.5])
  }

  @Test func maskedPlacesMayHoldAnything() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let valid = builder.mask("valid", [n])
    let mean = reduce(.mean, [n], x, where: valid)
    let variance = reduce(.variance, [n], x, where: valid)
    let normalized = (x - mean) / squareRoot(variance + number(1e-5))
    builder.output("y", select(valid, normalized, number(0)))
    var clean = Binding(
      sizes: ["N": 3, "C": 2],
      inputs: ["x": [1, 2, 0, 0, 3, -5], "valid": [1, 0, 1]])
    let seed: [Double] = [0.5, -1, 7, 9, 2, 0.25]
    let values = try outputs(of: builder.norm, clean)
    let expected = try #require(try gradients(of: builder.norm, clean, seed: seed)["x"])
    clean.inputs["x"] = [1, 2, .nan, .infinity, 3, -5]
    #expect(try outputs(of: builder.norm, clean) == values)
    #expect(try gradients(of: builder.norm, clean, seed: seed)["x"] == expected)
    #expect(Array(expected[2...3]) == [0, 0])
    #expect(expected[0] != 0)
  }

  @Test func reductionsOfNothingHaveTheirValuesAndNoGradient() throws {
    let kinds: [(ReductionKind, Double)] = [
      (.sum, 0), (.mean, 0), (.variance, 0), (.unbiasedVariance, 0), (.maximum, -.infinity),
      (.minimum, .infinity),
    ]
    for (kind, expected) in kinds {
      let term = { (x: Term, n: AxisID) in
        reduce(kind, [n], x, where: compare(.greater, x, number(10)))
      }
      #expect(try results([1, 2], term) == [expected, expected], "\(kind)")
      #expect(try gradient([1, 2], term) == [0, 0], "\(kind)")
    }
  }

  @Test func reductionsOverAnAxisWithoutPlacesAreReductionsOfNothing() throws {
    var builder = NormBuilder()
    let n = builder.axis("N")
    let c = builder.axis("C")
    let x = builder.tensor("x", [n, c])
    let w = builder.tensor("w", [c])
    builder.output("y", w + reduce(.mean, [n], x) + reduce(.maximum, [n], w))
    let binding = Binding(sizes: ["N": 0, "C": 2], inputs: ["x": [], "w": [1, 2]])
    #expect(try outputs(of: builder.norm, binding) == [-.infinity, -.infinity])
    let gradients = try gradients(of: builder.norm, binding, seed: [3, 4])
    #expect(gradients == ["x": [], "w": [3, 4]])
  }

  @Test func unbiasedVarianceOfOneElementIsTheBiasedOne() throws {
    let term = { (x: Term, n: AxisID) in reduce(.unbiasedVariance, [n], x) }
    #expect(try results([5], term) == [0])
    #expect(try gradient([5], term) == [0])
  }

  @Test func rootAndMagnitudeHaveTheDerivativeZeroAtZero() throws {
    #expect(try gradient([0, 4]) { x, _ in squareRoot(x) } == [0, 0.25])
    #expect(try gradient([0, -4]) { x, _ in unary(.absolute, x) } == [0, -1])
    #expect(try gradient([0, 4]) { x, _ in unary(.sign, x) } == [0, 0])
    // A 3-norm of nothing but zeros.
    let norm = { (x: Term, n: AxisID) in
      let cubes = binary(.power, unary(.absolute, x), number(3))
      return binary(.power, reduce(.sum, [n], cubes), number(1.0 / 3))
    }
    #expect(try gradient([0, 0], norm) == [0, 0])
  }

  @Test func aQuotientByARootFollowsIEEEAtZero() throws {
    let direct = try gradient([0]) { v, _ in number(2) / squareRoot(v) }
    #expect(direct == [-.infinity])
    #expect(try gradient([0]) { v, _ in unary(.reciprocalSquareRoot, v) } == [-.infinity])
    #expect(try gradient([0]) { v, _ in v / squareRoot(v) }[0].isNaN)
    var builder = NormBuilder()
    let n = builder.axis("N")
    let x = builder.tensor("x", [n])
    let root = builder.define("root", squareRoot(x))
    builder.output("y", number(2) / root)
    let binding = Binding(sizes: ["N": 1], inputs: ["x": [0]])
    #expect(try gradients(of: builder.norm, binding, seed: [1])["x"] == [-.infinity])
  }

  @Test func powersHaveTheirDerivativesAtZero() throws {
    let expected: [(exponent: Double, derivative: Double)] = [
      (3, 0), (2, 0), (1, 1), (0.5, 0), (0, 0), (-1, -.infinity),
    ]
    for (exponent, derivative) in expected {
      let found = try gradient([0]) { x, _ in binary(.power, x, number(exponent)) }
      #expect(found == [derivative], "x^\(exponent)")
    }
    // By the exponent: log(base) z, but 0 where the base is 0.
    #expect(try gradient([2]) { x, _ in binary(.power, number(0), x) } == [0])
    #expect(try gradient([2]) { x, _ in binary(.power, number(1), x) } == [0])
    #expect(try gradient([-3]) { x, _ in binary(.power, x, number(2)) } == [-6])
  }

  @Test func ofEqualsTheFirstGetsTheGradient() throws {
    #expect(try gradient([0, 1, -1]) { x, _ in binary(.maximum, number(0), x) } == [0, 1, 0])
    #expect(try gradient([0, 1, -1]) { x, _ in binary(.maximum, x, number(0)) } == [1, 1, 0])
    #expect(try gradient([0, 1, -1]) { x, _ in binary(.minimum, number(0), x) } == [0, 0, 1])
    #expect(try gradient([0, 1, -1]) { x, _ in binary(.minimum, x, number(0)) } == [1, 0, 1])
    // Each of the three outputs gives 1 to the first of the extreme elements.
    #expect(try gradient([7, 9, 9]) { x, n in reduce(.maximum, [n], x) } == [0, 3, 0])
    #expect(try gradient([5, 2, 2]) { x, n in reduce(.minimum, [n], x) } == [0, 3, 0])
  }

  @Test func notANumberWinsEveryComparison() throws {
    let largest = { (x: Term, n: AxisID) in reduce(.maximum, [n], x) }
    let smallest = { (x: Term, n: AxisID) in reduce(.minimum, [n], x) }
    #expect(try results([1, .nan, 3], largest).allSatisfy(\.isNaN))
    #expect(try results([1, .nan, 3], smallest).allSatisfy(\.isNaN))
    // A zero is +0, whichever came first.
    #expect(try results([-0.0, -0.0], largest).allSatisfy { $0.sign == .plus })
    #expect(try results([-0.0, 0], smallest).allSatisfy { $0.sign == .plus })
  }

  @Test func whatIsSelectedPassesNaNAndInfinityOn() throws {
    let term = { (x: Term, n: AxisID) in x - reduce(.mean, [n], x) }
    let found = try results([1, .infinity], term)
    #expect(found[0] == -.infinity && found[1].isNaN)
  }
}
