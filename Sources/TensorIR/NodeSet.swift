/// A set of nodes of one graph: a bit for each node, so that nothing is hashed.
///
/// Its elements come in order of definition.
package struct NodeSet: Sequence, Hashable, Sendable {
  /// Bit i of word w stands for the node with index 64 w + i; the last word is not 0.
  private var words: [UInt64] = []

  package init() {}

  package init(_ nodes: some Sequence<Node>) {
    for node in nodes { insert(node) }
  }

  package var isEmpty: Bool { words.isEmpty }

  package func contains(_ node: Node) -> Bool {
    let word = node.index >> 6
    return word < words.count && words[word] & bit(node) != 0
  }

  /// Takes `node` in; `true` iff it was not there.
  @discardableResult
  package mutating func insert(_ node: Node) -> Bool {
    let word = node.index >> 6
    if word >= words.count { words += repeatElement(0, count: word + 1 - words.count) }
    let isNew = words[word] & bit(node) == 0
    words[word] |= bit(node)
    return isNew
  }

  package mutating func formUnion(_ other: NodeSet) {
    while words.count < other.words.count { words.append(0) }
    for (word, bits) in other.words.enumerated() { words[word] |= bits }
  }

  package func makeIterator() -> Iterator { Iterator(words) }

  private func bit(_ node: Node) -> UInt64 { 1 << UInt64(node.index & 63) }

  package struct Iterator: IteratorProtocol {
    private let words: [UInt64]
    private var word = 0
    /// The bits of the word that are still to come.
    private var rest: UInt64

    fileprivate init(_ words: [UInt64]) {
      self.words = words
      rest = words.first ?? 0
    }

    package mutating func next() -> Node? {
      while rest == 0 {
        word += 1
        guard word < words.count else { return nil }
        rest = words[word]
      }
      let bit = rest.trailingZeroBitCount
      rest &= rest - 1
      return Node(word << 6 + bit)
    }
  }
}
