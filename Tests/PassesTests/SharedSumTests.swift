import TensorIR
import Testing

@testable import Passes

/// Sums that several sums are made of: what is cut, what is not, and that the values stay.
@Suite struct SharedSumTests {
  private static let nc = Fixture.n.union(Fixture.c)
  private static let ns = Fixture.n.union(Fixture.s)
  private static let cs = Fixture.c.union(Fixture.s)
  private static let all = nc.union(Fixture.s)

  /// The totals of the outputs that `make` makes of x and dy of all axes, weight of C and rstd of
  /// N, after the pass; the values are those before it.
  private func totals(
    seed: UInt64, _ make: (inout Fixture, [String: Node]) -> Void
  ) throws -> [Reduction] {
    var fixture = Fixture(seed: seed)
    let inputs = [
      "x": fixture.tensor("x", Self.all), "dy": fixture.tensor("dy", Self.all),
      "weight": fixture.tensor("weight", Fixture.c), "rstd": fixture.tensor("rstd", Fixture.n),
    ]
    make(&fixture, inputs)
    let before = try fixture.results(of: fixture.graph)
    let shared = sharingSums(fixture.graph)
    #expect(shared.problems() == [], "seed \(seed)")
    for (name, found) in try fixture.results(of: shared) {
      let expected = try #require(before[name])
      #expect(agree(found, expected, tolerance: 1e-12), "seed \(seed): \(name)")
    }
    return shared.reachable(from: shared.results.map(\.node)).compactMap { node in
      if case .reduce(let reduction) = shared[node] { reduction } else { nil }
    }
  }

  private func add(
    _ name: String, _ axes: AxisSet, of operand: Node, where condition: Node? = nil,
    to fixture: inout Fixture
  ) {
    let reduction = Reduction(.total, axes, operand, where: condition)
    fixture.output(name, fixture.graph.insert(.narrow(fixture.graph.insert(.reduce(reduction)))))
  }

  @Test(arguments: UInt64(1)...5)
  func sumsOfTheSameElementsAreMadeOfOneSum(seed: UInt64) throws {
    let totals = try totals(seed: seed) { fixture, input in
      guard let dy = input["dy"], let weight = input["weight"] else { return }
      add("a", Self.cs, of: fixture.graph.multiply(weight, dy), to: &fixture)
      add("b", Self.ns, of: dy, to: &fixture)
    }
    #expect(totals.map(\.axes) == [Fixture.s, Fixture.c, Fixture.n])
  }

  @Test func whatOneSumMultipliesStaysOneFactorIfTheOtherHasItToo() throws {
    let totals = try totals(seed: 6) { fixture, input in
      guard let x = input["x"], let dy = input["dy"], let weight = input["weight"],
        let rstd = input["rstd"]
      else { return }
      let normalized = fixture.graph.multiply(x, rstd)
      fixture.output("normalized", normalized)
      let scaled = fixture.graph.multiply(weight, dy)
      add("a", Self.cs, of: fixture.graph.multiply(scaled, normalized), to: &fixture)
      add("b", Self.ns, of: fixture.graph.multiply(dy, normalized), to: &fixture)
    }
    #expect(totals.map(\.axes) == [Fixture.s, Fixture.c, Fixture.n])
  }

  @Test func aSumOverTheCommonAxesIsWhatTheOtherIsMadeOf() throws {
    let totals = try totals(seed: 7) { fixture, input in
      guard let x = input["x"], let dy = input["dy"], let weight = input["weight"] else { return }
      let product = fixture.graph.multiply(x, dy)
      add("a", Fixture.s, of: fixture.graph.multiply(weight, product), to: &fixture)
      add("b", Self.ns, of: product, to: &fixture)
      // It reads nothing else, so it comes along.
      add("c", Self.ns, of: dy, to: &fixture)
    }
    #expect(totals.map(\.axes) == [Fixture.s, Fixture.n, Fixture.s, Fixture.n])
  }

  @Test(arguments: UInt64(8)...12)
  func whatIsSelectedIsSharedWithItsCondition(seed: UInt64) throws {
    let totals = try totals(seed: seed) { fixture, input in
      guard let dy = input["dy"], let weight = input["weight"] else { return }
      let valid = fixture.mask("valid", Self.ns)
      let product = fixture.graph.multiply(weight, dy)
      add("a", Self.cs, of: product, where: valid, to: &fixture)
      add("b", Self.ns, of: dy, where: valid, to: &fixture)
    }
    #expect(totals.map(\.axes) == [Fixture.s, Fixture.c, Fixture.n])
    #expect(totals.map { $0.condition != nil } == [true, false, false])
  }

  @Test func whatHasLittleInCommonStays() throws {
    let totals = try totals(seed: 13) { fixture, input in
      guard let x = input["x"], let dy = input["dy"] else { return }
      let valid = fixture.mask("valid", Self.ns)
      // Other factors, other conditions, no common axes, the same axes.
      add("a", Self.cs, of: dy, to: &fixture)
      add("b", Self.ns, of: fixture.graph.multiply(x, dy), to: &fixture)
      add("c", Self.ns, of: dy, where: valid, to: &fixture)
      add("d", Fixture.n, of: dy, to: &fixture)
      add("e", Self.cs, of: x, to: &fixture)
    }
    #expect(totals.map(\.axes) == [Self.cs, Self.ns, Self.ns, Fixture.n, Self.cs])
  }

  @Test(arguments: [false, true])
  func aTotalOverAnAxisOfOnePlaceIsItsElement(isSelected: Bool) throws {
    var fixture = Fixture(seed: 14)
    let x = fixture.tensor("x", Self.all)
    let condition = isSelected ? fixture.mask("valid", Fixture.n) : nil
    add("sum", Fixture.s, of: x, where: condition, to: &fixture)
    let flat = try #require(flattened(fixture.graph, 2))
    #expect(flat.problems() == [])
    let node = try #require(flat.results.first).node
    #expect(flat.shape(node) == Self.nc)
    if case .select = flat[node] {
      #expect(isSelected)
    } else {
      guard case .binary(.add, _, let zero) = flat[node] else {
        return #expect(Bool(false), "\(flat[node])")
      }
      #expect(!isSelected && flat.constantValue(zero) == 0)
    }
  }
}
