import Basics
import Syntax
import Testing

@testable import Interpreter

@Suite struct JoinedAxesTests {
  private static let groups = """
    norm f(x[N, C, H]) -> y {
      param weight[C] = 1
      group C, H as D DIRECTION
      m = mean[N, PLACE](x)
      v = mean[N, PLACE]((x - m)^2)
      y = (x - m) / sqrt(v + 0.1) * weight
    }
    """

  private func binding(_ size: String, _ count: Int) -> Binding {
    var generator = SplitMix64(seed: 41)
    return Binding(
      sizes: ["N": 2, "C": 3, "H": 4, size: count],
      inputs: [
        "x": generator.numbers(24, in: -2...2), "weight": generator.numbers(3, in: 0.5...2),
      ])
  }

  /// `(x - mean) / sqrt(variance + 0.1) * weight`, where `group` numbers the places of C and H.
  private func expected(_ binding: Binding, group: (Int) -> Int) throws -> [Double] {
    let x = try #require(binding.inputs["x"])
    let weight = try #require(binding.inputs["weight"])
    return x.indices.map { place in
      let members = x.indices.filter { group($0 % 12) == group(place % 12) }.map { x[$0] }
      let mean = members.reduce(0, +) / Double(members.count)
      let squares = members.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) }
      let root = (squares / Double(members.count) + 0.1).squareRoot()
      return (x[place] - mean) / root * weight[place % 12 / 4]
    }
  }

  @Test func groupsOfNeighboursCutTheAxesThatAreJoined() throws {
    let text = Self.groups.replacing("DIRECTION", with: "into G = 2")
    let norm = try checkedNorm(text.replacing("PLACE", with: "D/G"))
    let binding = binding("G", 2)
    let expected = try expected(binding) { $0 / 6 }
    #expect(agree(try outputs(of: norm, binding), expected))
    for name in ["x", "weight"] { try expectGradient(of: norm, binding, by: name, seed: 42) }
  }

  @Test func interleavedGroupsTakeEveryNthPlace() throws {
    let text = Self.groups.replacing("DIRECTION", with: "of P = 6")
    let norm = try checkedNorm(text.replacing("PLACE", with: "D/P"))
    let binding = binding("P", 6)
    let expected = try expected(binding) { $0 % 6 }
    #expect(agree(try outputs(of: norm, binding), expected))
    for name in ["x", "weight"] { try expectGradient(of: norm, binding, by: name, seed: 43) }
  }

  @Test func aSizeThatDoesNotDivideIsRefused() throws {
    let text = Self.groups.replacing("DIRECTION", with: "into G = 2")
    let norm = try checkedNorm(text.replacing("PLACE", with: "D/G"))
    #expect(throws: InterpreterError.indivisible("C * H", 12, by: "G", 5)) {
      try outputs(of: norm, binding("G", 5))
    }
  }

  @Test func aValueOfOneJoinedAxisRepeatsAlongTheOther() throws {
    let norm = try checkedNorm(
      """
      norm f(x[C, H]) -> y[D] {
        group C, H as D into G = 2
        w = mean[H](x)
        y = w + mean[D/G](w)
      }
      """)
    let binding = Binding(
      sizes: ["C": 2, "H": 2, "G": 2], inputs: ["x": [1, 3, 5, 9]])
    #expect(agree(try outputs(of: norm, binding), [4, 4, 14, 14]))
  }
}
