import TensorIR
import Testing

@testable import Passes

@Suite struct PolynomialTests {
  private let nodes: [Node]

  init() {
    var graph = Graph(axes: [])
    nodes = ["a", "b", "c"].map {
      graph.insert(input: GraphInput(name: $0, kind: .scalar, axes: []))
    }
  }

  private var a: Node { nodes[0] }
  private var b: Node { nodes[1] }
  private var c: Node { nodes[2] }

  /// `2 a^2 / b`, say, as `[2, 2, -1, 0]`.
  private func parts(_ monomial: Monomial) -> [Double] {
    [monomial.coefficient] + nodes.map { Double(monomial.exponent(of: $0)) }
  }

  private func monomial(_ coefficient: Double, _ exponents: [Int]) -> Monomial {
    var result = Monomial(coefficient)
    for (node, exponent) in zip(nodes, exponents) where exponent != 0 {
      result.multiply(by: node, exponent)
    }
    return result
  }

  @Test func productsAddExponents() {
    let product = monomial(2, [2, -1, 0]).times(monomial(-3, [1, 1, 4]))
    #expect(parts(product) == [-6, 3, 0, 4])
    #expect(product.factors.map(\.node) == [a, c], "a factor to the power 0 is none")
  }

  @Test func theOrderOfFactorsDoesNotMatter() {
    var product = Monomial(c)
    product.multiply(by: a, 2)
    product.multiply(by: b, -1)
    #expect(product.isLike(monomial(5, [2, -1, 1])))
    #expect(!product.isLike(monomial(1, [2, 1, 1])))
    #expect(!product.isLike(monomial(1, [2, -1, 0])))
  }

  @Test func aMonomialTimesItsReciprocalIsOne() {
    let product = monomial(4, [2, -3, 0])
    #expect(parts(product.reciprocal) == [0.25, -2, 3, 0])
    #expect(parts(product.times(product.reciprocal)) == [1, 0, 0, 0])
  }

  @Test func aPartHasTheChosenFactorsAndNoCoefficient() {
    #expect(parts(monomial(7, [1, -2, 3]).part { $0 != b }) == [1, 1, 0, 3])
  }

  @Test(arguments: [
    ([2, -1, 0], [1, -1, 0], true), ([2, -1, 0], [2, 0, 0], true), ([2, -1, 0], [3, 0, 0], false),
    ([2, -1, 0], [0, -2, 0], false), ([2, -1, 0], [0, 1, 0], false), ([2, -1, 0], [], true),
  ])
  func aMonomialContainsWhatDividesItWithoutChangeOfSign(
    whole: [Int], part: [Int], contains: Bool
  ) {
    #expect(monomial(3, whole).contains(monomial(5, part)) == contains)
  }

  @Test func likeTermsAddUpAndVanishAtZero() {
    let sum = Polynomial([
      monomial(2, [1, 0, 0]), monomial(1, [0, 1, 0]), monomial(3, [1, 0, 0]),
      monomial(-1, [0, 1, 0]), monomial(0, [0, 0, 1]),
    ])
    #expect(sum.terms.map(parts) == [[5, 1, 0, 0]])
    #expect(sum.plus(sum.times(Monomial(-1))).terms.isEmpty)
  }

  @Test func aPolynomialTimesAMonomialIsThatOfItsTerms() {
    let sum = Polynomial([monomial(2, [1, 0, 0]), monomial(1, [0, -1, 0])])
    #expect(sum.times(monomial(3, [0, 1, 0])).terms.map(parts) == [[6, 1, 1, 0], [3, 0, 0, 0]])
  }

  @Test func commonFactorsHaveThePowerThatAllTermsHave() {
    let sum = Polynomial([
      monomial(2, [3, -1, 1]), monomial(4, [2, -2, -1]), monomial(-1, [2, -3, 0]),
    ])
    #expect(parts(sum.commonFactors) == [1, 2, -1, 0])
    #expect(parts(Polynomial([monomial(2, [3, 0, 0])]).commonFactors) == [1, 0, 0, 0])
    #expect(parts(Polynomial([]).commonFactors) == [1, 0, 0, 0])
  }
}
