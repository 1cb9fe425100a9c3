import TensorIR
import Testing

@testable import Passes

/// What a `select` or a `where` does not select receives exactly 0, be its value NaN or its
/// derivative infinite, and changes nothing else.
@Suite struct GuardTests {
  private static let nc = Fixture.n.union(Fixture.c)

  private func gradients(_ fixture: Fixture) throws -> [String: DenseArray] {
    try fixture.results(of: simplified(differentiated(fixture.primal)))
  }

  @Test func aQuotientThatIsNotTakenAtZeroHasTheGradientZero() throws {
    var fixture = Fixture(seed: 1)
    let q = fixture.input("q", .parameter, Fixture.c) { _ in 0 }
    let x = fixture.tensor("x", Self.nc)
    let zero = fixture.graph.constant(0)
    let isPositive = fixture.graph.compare(.less, zero, q)
    let quotient = fixture.graph.divide(x, q)
    fixture.output("y", fixture.graph.select(isPositive, quotient, zero))
    fixture.seedAdjoints()
    let results = try gradients(fixture)
    #expect(results["gradient q"]?.values.allSatisfy { $0 == 0 } == true)
    #expect(results["gradient x"]?.values.allSatisfy { $0 == 0 } == true)
  }

  @Test(arguments: [Unary.squareRoot, .absolute])
  func theDerivativeAtZeroIsZero(function: Unary) throws {
    var fixture = Fixture(seed: 2)
    let x = fixture.input("x", .tensor, Self.nc) { _ in 0 }
    fixture.output("y", fixture.graph.unary(function, x))
    fixture.seedAdjoints()
    #expect(try gradients(fixture)["gradient x"]?.values.allSatisfy { $0 == 0 } == true)
  }

  @Test(arguments: Reduction.Kind.mathematics, [Fixture.n, Fixture.n.union(Fixture.c)])
  func whatAWhereExcludesReceivesNothingAndChangesNothing(
    kind: Reduction.Kind, mask: AxisSet
  ) throws {
    let results = try [Double.nan, -.infinity, 1].map { excluded in
      try gradients(masked(kind, mask, excluded: excluded))
    }
    for (name, values) in results[0] where name != "output y" {
      #expect(results[1][name] == values && results[2][name] == values, "\(name)")
      #expect(values.values.allSatisfy { $0.isFinite }, "\(name)")
    }
    let x = try #require(results[0]["gradient x"])
    let valid = try #require(masked(kind, mask, excluded: 1).values["valid"])
    for place in Place.all(x.axes, Fixture.extents) where valid.at(place, Fixture.extents) == 0 {
      #expect(x.at(place, Fixture.extents) == 0)
    }
  }

  /// `log(x)`, reduced where a mask holds; the elements elsewhere are `excluded`.
  private func masked(
    _ kind: Reduction.Kind, _ mask: AxisSet, excluded: Double
  ) throws -> Fixture {
    var fixture = Fixture(seed: 3)
    let valid = fixture.mask("valid", mask)
    let condition = try #require(fixture.values["valid"])
    let x = fixture.tensor("x", Self.nc, in: 0.5...2)
    for (index, place) in Place.all([0, 1], Fixture.extents).enumerated()
    where condition.at(place, Fixture.extents) == 0 {
      fixture.values["x"]?.values[index] = excluded
    }
    let logarithm = fixture.graph.unary(.logarithm, x)
    let one = fixture.graph.constant(1)
    let operand = kind == .count ? fixture.graph.compare(.less, x, one) : logarithm
    let reduced = fixture.graph.reduce(Reduction(kind, Self.nc, operand, where: valid))
    fixture.output("y", fixture.graph.multiply(reduced, reduced))
    fixture.seedAdjoints()
    return fixture
  }

  @Test func ofEqualElementsTheFirstReceivesTheGradientOfAMaximum() throws {
    for kind in [Reduction.Kind.maximum, .minimum] {
      var fixture = Fixture(seed: 4)
      let x = fixture.input("x", .tensor, Fixture.c) { _ in 1 }
      fixture.output("y", fixture.graph.reduce(Reduction(kind, Fixture.c, x)))
      fixture.values["d_y"] = DenseArray([], Fixture.extents) { _ in 5 }
      #expect(try gradients(fixture)["gradient x"]?.values == [5, 0, 0, 0])
    }
  }

  @Test func ofEqualOperandsTheFirstReceivesTheGradientOfAMaximum() throws {
    for function in [Binary.maximum, .minimum] {
      var fixture = Fixture(seed: 5)
      let a = fixture.input("a", .tensor, Fixture.c) { _ in 1 }
      let b = fixture.input("b", .tensor, Fixture.c) { _ in 1 }
      fixture.output("y", fixture.graph.binary(function, a, b))
      fixture.values["d_y"] = DenseArray([1], Fixture.extents) { _ in 5 }
      let results = try gradients(fixture)
      #expect(results["gradient a"]?.values == [5, 5, 5, 5])
      #expect(results["gradient b"]?.values == [0, 0, 0, 0])
    }
  }
}
