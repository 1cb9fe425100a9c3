import Basics
import TensorIR
import Testing

/// Sets of nodes, against Swift's own sets.
@Suite struct NodeSetTests {
  @Test(arguments: 1...20)
  func setsOfNodesAreSets(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    var graph = Graph(axes: [])
    // More nodes than three words have bits.
    let nodes = (0..<200).map { graph.constant(Double($0)) }
    var (set, other) = (NodeSet(), NodeSet())
    var (expected, others) = (Set<Node>(), Set<Node>())
    for _ in 0..<Int.random(in: 0...100, using: &generator) {
      let (a, b) = (nodes.randomElement(using: &generator), nodes.randomElement(using: &generator))
      guard let a, let b else { continue }
      #expect(set.insert(a) == expected.insert(a).inserted, "seed \(seed)")
      other.insert(b)
      others.insert(b)
    }
    #expect(Array(set) == expected.sorted(), "seed \(seed)")
    #expect(nodes.filter { set.contains($0) } == expected.sorted(), "seed \(seed)")
    #expect(NodeSet(expected) == set && set.isEmpty == expected.isEmpty, "seed \(seed)")
    let (both, expectedBoth) = (other.union(set), others.union(expected))
    #expect(Array(both) == expectedBoth.sorted(), "seed \(seed)")
  }
}

extension NodeSet {
  fileprivate func union(_ other: NodeSet) -> NodeSet {
    var result = self
    result.formUnion(other)
    return result
  }
}
