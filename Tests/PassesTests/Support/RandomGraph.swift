import TensorIR

@testable import Passes

extension Fixture {
  /// A random forward: two tensors, a parameter and two masks, a dozen operations on them and on
  /// each other, one or two outputs. Functions are smooth and stay near 1, so that both differences
  /// and comparisons of rounded values are meaningful.
  static func random(seed: UInt64) -> Fixture {
    var fixture = Fixture(seed: seed)
    let nc = n.union(c)
    var pool = [
      fixture.tensor("x", nc), fixture.tensor("r", [n, c, s]), fixture.tensor("u", n),
      fixture.input("weight", .parameter, c) { $0.number(in: 0.5...1.5) },
      fixture.input("eps", .scalar, []) { $0.number(in: 0.1...0.5) },
    ]
    let masks = [fixture.mask("valid", nc), fixture.mask("live", s)]
    for _ in 0..<12 { pool.append(fixture.randomNode(of: pool, masks)) }
    fixture.output("y", pool[pool.count - 1])
    if seed % 2 == 0 { fixture.output("z", pool[pool.count - 2]) }
    fixture.seedAdjoints()
    return fixture
  }

  private mutating func pick(_ pool: [Node]) -> Node {
    // Later values are likelier, so that expressions grow deep.
    let a = generator.below(pool.count)
    return pool[max(a, generator.below(pool.count))]
  }

  private mutating func randomNode(of pool: [Node], _ masks: [Node]) -> Node {
    let (a, b) = (pick(pool), pick(pool))
    switch generator.below(12) {
    case 0: return graph.add(a, b)
    case 1: return graph.subtract(a, b)
    case 2, 3: return graph.multiply(a, b)
    case 4: return graph.divide(a, positive(b))
    case 5:
      let root = graph.unary(.squareRoot, positive(b))
      return graph.divide(a, root)
    case 6: return graph.unary([.hyperbolicTangent, .sigmoid][generator.below(2)], a)
    case 7: return graph.unary(.exponential, graph.unary(.hyperbolicTangent, a))
    case 8:
      let condition = masks[generator.below(2)]
      return graph.select(condition, a, b)
    case 9:  // as a norm does
      let mean = reduced(.mean, a, masks)
      let centered = graph.subtract(a, mean)
      let variance = reduced(.variance, a, masks)
      let root = graph.unary(.squareRoot, positive(variance))
      return graph.divide(centered, root)
    case 10: return graph.negate(graph.subtract(a, b))
    default:
      return reduced([.sum, .mean, .mean, .variance, .mean][generator.below(5)], a, masks)
    }
  }

  /// `1 + a^2`
  private mutating func positive(_ a: Node) -> Node {
    let one = graph.constant(1)
    let square = graph.multiply(a, a)
    return graph.add(square, one)
  }

  private mutating func reduced(_ kind: Reduction.Kind, _ a: Node, _ masks: [Node]) -> Node {
    let axes = [Self.n, Self.c, Self.s, [Self.n, Self.s], [Self.n, Self.c]][generator.below(5)]
    let condition = generator.below(3) == 0 ? masks[generator.below(2)] : nil
    return graph.reduce(Reduction(kind, axes, a, where: condition))
  }
}
