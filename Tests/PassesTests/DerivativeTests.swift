import Basics
import Passes
import TensorIR
import Testing

/// The derivative of every operation, away from kinks, against central differences. The tables
/// run over all operations, so a new one is tested by existing.
@Suite struct DerivativeTests {
  private static let nc = Fixture.n.union(Fixture.c)

  @Test(arguments: Unary.allCases)
  func theDerivativeOfAUnaryOperation(function: Unary) throws {
    var fixture = Fixture(seed: 1)
    let a = fixture.input("a", .tensor, Self.nc) { function.argument(from: &$0) }
    fixture.output("y", fixture.graph.unary(function, a))
    try fixture.expectGradients(of: function.rawValue)
  }

  @Test(arguments: Binary.allCases, BroadcastPair.allCases)
  func theDerivativeOfABinaryOperation(function: Binary, pair: BroadcastPair) throws {
    var fixture = Fixture(seed: 2)
    let a = fixture.input("a", .tensor, pair.left) { function.left(from: &$0) }
    let b = fixture.input("b", .parameter, pair.right) { function.right(from: &$0) }
    fixture.output("y", fixture.graph.binary(function, a, b))
    try fixture.expectGradients(of: "\(function.rawValue) of \(pair)")
  }

  @Test(arguments: Binary.allCases)
  func theDerivativeByBothOperandsAtOnce(function: Binary) throws {
    var fixture = Fixture(seed: 3)
    let a = fixture.input("a", .tensor, Self.nc) { $0.number(in: 0.5...1.5) }
    let half = fixture.graph.constant(0.4)
    let left = fixture.graph.multiply(a, half)
    fixture.output("y", fixture.graph.binary(function, left, a))
    try fixture.expectGradients(of: function.rawValue)
  }

  @Test(arguments: Reduction.Kind.mathematics, ReductionCase.all)
  func theDerivativeOfAReduction(kind: Reduction.Kind, form: ReductionCase) throws {
    var fixture = Fixture(seed: 4)
    var place = 0.0
    let a = fixture.input("a", .tensor, form.operand) { generator in
      place += 1  // Far enough apart for a maximum to have no other near it.
      return (place * 7).truncatingRemainder(dividingBy: 13) * 0.3
        + generator.number(in: -0.05...0.05)
    }
    let condition = form.condition.map { fixture.mask("valid", $0) }
    let scale = fixture.tensor("b", form.operand)
    let weighted = kind == .maximum || kind == .minimum ? a : fixture.graph.multiply(a, scale)
    let operand = kind == .count ? fixture.graph.compare(.less, a, scale) : weighted
    let reduced = fixture.graph.reduce(
      Reduction(kind, form.axes, operand, where: condition))
    // Where only the adjoint passes through, the reduction's own value would not be looked at.
    fixture.output("y", fixture.graph.multiply(reduced, reduced))
    fixture.output("z", fixture.graph.multiply(reduced, a))
    try fixture.expectGradients(of: "\(kind.rawValue) of \(form)")
  }

  @Test func theDerivativeOfASelectGoesToTheBranchTaken() throws {
    var fixture = Fixture(seed: 5)
    let condition = fixture.mask("valid", Fixture.n)
    let a = fixture.tensor("a", Self.nc)
    let b = fixture.tensor("b", Fixture.c)
    let square = fixture.graph.multiply(a, a)
    fixture.output("y", fixture.graph.select(condition, square, b))
    try fixture.expectGradients(of: "select")
  }

  /// y = a^2 a, where nothing is differentiated through the square.
  private func stoppedSquare(seed: UInt64) -> Fixture {
    var fixture = Fixture(seed: seed)
    let a = fixture.tensor("a", Self.nc)
    let square = fixture.graph.multiply(a, a)
    let stopped = fixture.graph.insert(.stopGradient(square))
    fixture.output("y", fixture.graph.multiply(stopped, a))
    fixture.seedAdjoints()
    return fixture
  }

  @Test func theDerivativeOfAStoppedValueIsZero() throws {
    let fixture = stoppedSquare(seed: 6)
    let results = try fixture.results(of: simplified(differentiated(fixture.primal)))
    let values = try #require(fixture.values["a"])
    let adjoint = try #require(fixture.values["d_y"])
    let expected = DenseArray(values.axes, Fixture.extents) {
      adjoint.at($0, Fixture.extents) * values.at($0, Fixture.extents)
        * values.at($0, Fixture.extents)
    }
    #expect(agree(try #require(results["gradient a"]), expected, tolerance: 1e-12))
  }

  @Test func theTangentOfAStoppedValueIsZero() throws {
    var fixture = stoppedSquare(seed: 8)
    let joint = derived(differentiated(fixture.primal), [.jvp])
    fixture.values["t_a"] = DenseArray(Self.nc.axes, Fixture.extents) { _ in
      fixture.generator.number(in: -1...1)
    }
    let results = try fixture.results(of: simplified(joint))
    let (values, tangent) = (
      try #require(fixture.values["a"]), try #require(fixture.values["t_a"])
    )
    let expected = DenseArray(values.axes, Fixture.extents) {
      tangent.at($0, Fixture.extents) * values.at($0, Fixture.extents)
        * values.at($0, Fixture.extents)
    }
    #expect(agree(try #require(results["tangent y"]), expected, tolerance: 1e-12))
  }

  /// At kinks the rules of the language hold for second derivatives as for first ones.
  @Test func theSecondDerivativeAtAKinkIsZero() throws {
    var fixture = Fixture(seed: 9)
    let a = fixture.input("a", .tensor, Self.nc) { _ in 0 }
    for (name, node) in [
      ("magnitude", fixture.graph.unary(.absolute, a)),
      ("root", fixture.graph.unary(.squareRoot, a)),
    ] {
      fixture.output(name, node)
    }
    fixture.seedAdjoints()
    fixture.values["dd_a"] = DenseArray(Self.nc.axes, Fixture.extents) { _ in 1 }
    let joint = derived(differentiated(fixture.primal), [.vjp2])
    let results = try fixture.results(of: simplified(joint))
    for name in [
      "second_gradient a", "output_gradient_adjoint magnitude",
      "output_gradient_adjoint root",
    ] {
      #expect(try #require(results[name]).values.allSatisfy { $0 == 0 }, "\(name)")
    }
  }

  @Test func whatNoOutputReadsHasTheGradientZero() throws {
    var fixture = Fixture(seed: 7)
    let a = fixture.tensor("a", Self.nc)
    _ = fixture.tensor("b", Fixture.c)
    fixture.output("y", fixture.graph.multiply(a, a))
    fixture.seedAdjoints()
    let results = try fixture.results(of: simplified(differentiated(fixture.primal)))
    #expect(results["gradient b"]?.values == [0, 0, 0, 0])
  }
}

/// The axes of two operands that meet.
enum BroadcastPair: CaseIterable {
  case alike, leftHasMore, rightHasMore, disjoint, leftHasNone, bothHaveOwn

  var left: AxisSet {
    switch self {
    case .alike, .leftHasMore: [Fixture.n, Fixture.c]
    case .rightHasMore: Fixture.c
    case .disjoint: Fixture.n
    case .leftHasNone: []
    case .bothHaveOwn: [Fixture.n, Fixture.c]
    }
  }

  var right: AxisSet {
    switch self {
    case .alike, .rightHasMore, .leftHasNone: [Fixture.n, Fixture.c]
    case .leftHasMore, .disjoint: Fixture.c
    case .bothHaveOwn: [Fixture.c, Fixture.s]
    }
  }
}

/// The axes of a reduction, of its operand and of its condition.
struct ReductionCase: CustomTestStringConvertible {
  var axes: AxisSet
  var operand: AxisSet
  var condition: AxisSet?

  var testDescription: String {
    "[\(operand.axes)] over \(axes.axes) where \(condition?.axes ?? [])"
  }

  static let all: [ReductionCase] = {
    let nc = Fixture.n.union(Fixture.c)
    let conditions: [AxisSet?] = [nil, nc, Fixture.n, Fixture.c, Fixture.s, []]
    let shapes: [(AxisSet, AxisSet)] = [
      (Fixture.c, nc), (Fixture.n, nc), (nc, nc), (nc, Fixture.c), (Fixture.n, Fixture.c),
      ([Fixture.n, Fixture.s], nc),
    ]
    return shapes.flatMap { axes, operand in
      conditions.map { ReductionCase(axes: axes, operand: operand, condition: $0) }
    }
  }()
}

extension Reduction.Kind {
  /// The kinds that exist before `precision`.
  static var mathematics: [Reduction.Kind] {
    allCases.filter { kind in
      switch kind {
      case .sum, .mean, .maximum, .minimum, .variance, .count: true
      case .total, .momentMean, .momentSquares: false
      }
    }
  }
}

extension Unary {
  /// An argument in the domain, away from kinks and jumps.
  fileprivate func argument(from generator: inout SplitMix64) -> Double {
    switch self {
    case .squareRoot, .reciprocalSquareRoot, .logarithm: generator.number(in: 0.3...2)
    case .absolute, .sign: (generator.below(2) == 0 ? -1 : 1) * generator.number(in: 0.1...2)
    case .floor: Double(generator.below(5)) - 2 + generator.number(in: 0.1...0.9)
    case .negate, .exponential, .hyperbolicTangent, .sigmoid, .errorFunction:
      generator.number(in: -2...2)
    }
  }
}

extension Binary {
  fileprivate func left(from generator: inout SplitMix64) -> Double {
    switch self {
    case .add, .subtract, .multiply, .divide: generator.number(in: -2...2)
    case .power: generator.number(in: 0.3...2)
    case .maximum, .minimum: Double(generator.below(8)) * 0.5
    }
  }

  fileprivate func right(from generator: inout SplitMix64) -> Double {
    switch self {
    case .add, .subtract, .multiply, .power: generator.number(in: -2...2)
    case .divide: (generator.below(2) == 0 ? -1 : 1) * generator.number(in: 0.3...2)
    case .maximum, .minimum: Double(generator.below(8)) * 0.5 + 0.25
    }
  }
}
