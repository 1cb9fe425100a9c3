import TensorIR
import Testing

@testable import Passes

@Suite struct GraphBuildingTests {
  private static let nc = Fixture.n.union(Fixture.c)

  @Test func equalOperationsAreOneValue() {
    var fixture = Fixture(seed: 1)
    let x = fixture.tensor("x", Self.nc)
    let u = fixture.tensor("u", Fixture.n)
    let count = fixture.graph.nodeCount
    let sums = (0..<2).map { _ in fixture.graph.add(x, u) }
    #expect(sums[0] == sums[1] && fixture.graph.nodeCount == count + 1)
    #expect(fixture.graph.add(u, x) != sums[0], "operands are not commuted")
    let zeros = (fixture.graph.constant(0), fixture.graph.constant(-0.0))
    #expect(zeros.0 != zeros.1)
  }

  @Test func aNameStaysWithItsValue() {
    var fixture = Fixture(seed: 1)
    let x = fixture.tensor("x", Fixture.c)
    let square = fixture.graph.multiply(x, x)
    fixture.graph.name(square, "square")
    fixture.graph.name(square, "other")
    #expect(fixture.graph.name(square) == "square")
  }

  @Test func arithmeticWithNeutralNumbersIsTheOperand() {
    var graph = Graph(axes: [])
    let x = graph.insert(input: GraphInput(name: "x", kind: .scalar, axes: []))
    let (zero, one, two) = (graph.constant(0), graph.constant(1), graph.constant(2))
    let minusOne = graph.constant(-1)
    #expect(graph.add(x, zero) == x && graph.add(zero, x) == x && graph.subtract(x, zero) == x)
    #expect(graph.multiply(x, one) == x && graph.multiply(one, x) == x)
    #expect(graph.divide(x, one) == x && graph.power(x, one) == x && graph.power(x, zero) == one)
    let negated = graph.negate(x)
    #expect(graph.multiply(x, minusOne) == negated && graph.subtract(zero, x) == negated)
    #expect(graph.negate(negated) == x)
    let difference = graph.subtract(two, x)
    #expect(graph.add(two, negated) == difference && graph.add(negated, two) == difference)
    let four = graph.multiply(two, two)
    #expect(graph.constantValue(four) == 4)
    #expect(graph.multiply(x, zero) != zero, "x may be infinite")
  }

  @Test func smallPowersAreProductsAndRoots() {
    var graph = Graph(axes: [])
    let x = graph.insert(input: GraphInput(name: "x", kind: .scalar, axes: []))
    let one = graph.constant(1)
    func power(_ exponent: Double) -> TensorIR.Operation {
      let number = graph.constant(exponent)
      let node = graph.power(x, number)
      return graph[node]
    }
    let square = graph.multiply(x, x)
    let root = graph.unary(.squareRoot, x)
    let (half, large) = (graph.constant(2.5), graph.constant(17))
    #expect(power(2) == .binary(.multiply, x, x))
    #expect(power(4) == .binary(.multiply, square, square))
    #expect(power(0.5) == .unary(.squareRoot, x))
    #expect(power(-0.5) == .binary(.divide, one, root))
    #expect(power(-2) == .binary(.divide, one, square))
    #expect(power(2.5) == .binary(.power, x, half))
    #expect(power(17) == .binary(.power, x, large))
  }

  @Test func conditionsThatAreKnownDisappear() {
    var fixture = Fixture(seed: 1)
    let valid = fixture.mask("valid", Fixture.n)
    let x = fixture.tensor("x", Fixture.n)
    let u = fixture.tensor("u", Fixture.n)
    let (yes, no) = (fixture.graph.truth(true), fixture.graph.truth(false))
    #expect(fixture.graph.select(yes, x, u) == x && fixture.graph.select(no, x, u) == u)
    #expect(fixture.graph.select(valid, x, x) == x)
    let invalid = fixture.graph.not(valid)
    #expect(fixture.graph.not(invalid) == valid && fixture.graph.not(yes) == no)
    #expect(fixture.graph.logic(.and, valid, yes) == valid)
    #expect(fixture.graph.logic(.and, no, valid) == no)
    #expect(fixture.graph.logic(.or, valid, no) == valid)
    #expect(fixture.graph.logic(.or, yes, valid) == yes)
    #expect(fixture.graph.logic(.or, valid, valid) == valid)
    #expect(fixture.graph.logic(.or, invalid, valid) == yes)
    #expect(fixture.graph.logic(.and, valid, invalid) == no)
    let two = fixture.graph.constant(2)
    #expect(fixture.graph.compare(.less, two, two) == no)
    #expect(fixture.graph.compare(.lessOrEqual, two, two) == yes)
  }

  @Test func whatHoldsAtAPlaceHoldsSomewhere() {
    var fixture = Fixture(seed: 1)
    let valid = fixture.mask("valid", Self.nc)
    let other = fixture.mask("other", Self.nc)
    let zero = fixture.graph.constant(0)
    func somewhere(_ condition: Node) -> Node {
      let count = fixture.graph.reduce(Reduction(.count, Fixture.c, condition))
      return fixture.graph.compare(.less, zero, count)
    }
    let (ofValid, ofOther) = (somewhere(valid), somewhere(other))
    #expect(fixture.graph.logic(.and, ofValid, valid) == valid)
    #expect(fixture.graph.logic(.and, valid, ofValid) == valid)
    #expect(fixture.graph.logic(.or, valid, ofValid) == ofValid)
    let both = fixture.graph.logic(.and, valid, ofOther)
    #expect(fixture.graph[both] == .logic(.and, valid, ofOther))
  }

  @Test func aMeanOfSquaredDeviationsIsAVariance() {
    var fixture = Fixture(seed: 1)
    let x = fixture.tensor("x", Self.nc)
    let valid = fixture.mask("valid", Fixture.c)
    for condition in [nil, valid] {
      func reduced(_ kind: Reduction.Kind, _ node: Node, _ axes: AxisSet = Fixture.c) -> Node {
        fixture.graph.reduce(Reduction(kind, axes, node, where: condition))
      }
      let mean = reduced(.mean, x)
      let deviation = fixture.graph.subtract(x, mean)
      let square = fixture.graph.multiply(deviation, deviation)
      let found = reduced(.mean, square)
      #expect(fixture.graph[found] == .reduce(Reduction(.variance, Fixture.c, x, where: condition)))
      let others = [reduced(.sum, square), reduced(.mean, square, Fixture.n)]
      for other in others {
        guard case .reduce(let reduction) = fixture.graph[other] else { continue }
        #expect(reduction.kind != .variance)
      }
    }
    let mean = fixture.graph.reduce(Reduction(.mean, Fixture.c, x))
    let deviation = fixture.graph.subtract(x, mean)
    let square = fixture.graph.multiply(deviation, deviation)
    let masked = Reduction(.mean, Fixture.c, square, where: valid)
    let node = fixture.graph.reduce(masked)
    #expect(fixture.graph[node] == .reduce(masked), "the mean is of other elements")
  }

  @Test func axesThatNothingHasCountAsRepetitions() {
    var fixture = Fixture(seed: 1)
    let u = fixture.tensor("u", Fixture.n)
    let both = Self.nc
    let size = fixture.graph.size(Fixture.c)
    let sum = fixture.graph.reduce(Reduction(.sum, Fixture.n, u))
    let sumOfBoth = fixture.graph.reduce(Reduction(.sum, both, u))
    #expect(fixture.graph[sumOfBoth] == .binary(.multiply, size, sum))
    let mean = fixture.graph.reduce(Reduction(.mean, Fixture.n, u))
    let meanOfBoth = fixture.graph.reduce(Reduction(.mean, both, u))
    let zero = fixture.graph.constant(0)
    let isEmpty = fixture.graph.compare(.equal, size, zero)
    #expect(fixture.graph[meanOfBoth] == .select(isEmpty, zero, mean))
    let all = fixture.graph.truth(true)
    let count = fixture.graph.reduce(Reduction(.count, both, all))
    #expect(fixture.graph[count] == .size(both))
  }

  @Test func theShapeOfAReductionLacksItsAxes() {
    var fixture = Fixture(seed: 1)
    let x = fixture.tensor("x", Fixture.c)
    let valid = fixture.mask("valid", [Fixture.n, Fixture.c])
    let sum = fixture.graph.reduce(Reduction(.sum, Fixture.c, x, where: valid))
    #expect(fixture.graph.shape(sum) == Fixture.n, "a condition has axes too")
  }
}
