import TensorIR

/// What is known of the nodes of a graph: a dictionary that finds by index, without hashing.
struct NodeTable<Value> {
  private var values: [Value?]

  /// - Parameter count: how many nodes the graph has.
  init(count: Int) { values = Array(repeating: nil, count: count) }

  subscript(node: Node) -> Value? {
    get { values[node.index] }
    set { values[node.index] = newValue }
  }
}
