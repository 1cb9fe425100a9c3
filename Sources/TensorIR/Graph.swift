/// The mathematics of one function of a norm: expressions over named axes.
///
///     graph     ::= axis*, input*, (node = operation)*, result*
///     operation ::= see `Operation`
///     result    ::= kind name [axes] = node
///
/// An arena in order of definition: operands precede their users. Equal operations are one node,
/// so common subexpressions need no pass. Nodes never change; a pass makes a new graph.
package struct Graph: Sendable {
  /// All axes, atoms only; the index of an axis is its place in an `AxisSet`.
  package private(set) var axes: [GraphAxis]
  /// The axis of the processes that compute together, alone; empty if there is none.
  package let ranks: AxisSet
  package private(set) var inputs: [GraphInput] = []
  package private(set) var operations: [Operation] = []
  package private(set) var shapes: [AxisSet] = []
  package private(set) var types: [NodeType] = []
  /// The name that each node has in the source or as an adjoint, if any.
  package private(set) var names: [String?] = []
  package var results: [GraphResult] = []
  private var known: [Operation: Node] = [:]

  package init(axes: [GraphAxis]) {
    precondition(axes.count <= AxisSet.capacity, "Graph: more axes than a set can hold")
    self.axes = axes
    ranks = AxisSet(axes: axes.indices.filter { axes[$0].extent == .ranks })
  }

  /// All nodes in order of definition.
  package var nodes: some Sequence<Node> { operations.indices.lazy.map(Node.init) }
  package var nodeCount: Int { operations.count }

  package subscript(node: Node) -> Operation { operations[node.index] }
  /// The axes along which the value of `node` differs.
  package func shape(_ node: Node) -> AxisSet { shapes[node.index] }
  package func type(_ node: Node) -> NodeType { types[node.index] }
  package func name(_ node: Node) -> String? { names[node.index] }

  /// Gives `node` a name, unless it has one.
  package mutating func name(_ node: Node, _ name: String) {
    if names[node.index] == nil { names[node.index] = name }
  }

  /// The node of the input `input`, which is appended to the inputs.
  package mutating func insert(input: GraphInput) -> Node {
    inputs.append(input)
    let own = input.kind.differsByRank ? ranks : []
    let node = append(
      .input(inputs.count - 1), shape: AxisSet(axes: input.axes).union(own),
      type: input.elementType)
    names[node.index] = input.name
    return node
  }

  /// The node of `operation`, which is appended unless it is there.
  package mutating func insert(_ operation: Operation) -> Node {
    if let node = known[operation] { return node }
    let node = append(operation, shape: shape(of: operation), type: type(of: operation))
    known[operation] = node
    return node
  }

  private mutating func append(_ operation: Operation, shape: AxisSet, type: NodeType) -> Node {
    operations.append(operation)
    shapes.append(shape)
    types.append(type)
    names.append(nil)
    return Node(operations.count - 1)
  }

  /// The axes of the value of `operation`.
  private func shape(of operation: Operation) -> AxisSet {
    switch operation {
    case .input, .constant, .truth: []
    case .size(let axes): axes == ranks ? [] : ranks
    case .index(let axes): axes.union(ranks)
    case .reduce(let reduction): axes(ofOperandsOf: operation).subtracting(reduction.axes)
    case .customGradient(_, let a, let axes): shape(a).union(axes)
    case .unary, .binary, .compare, .not, .logic, .select, .stopGradient, .fused, .widen, .narrow:
      axes(ofOperandsOf: operation)
    }
  }

  private func axes(ofOperandsOf operation: Operation) -> AxisSet {
    var axes = AxisSet()
    operation.forEachOperand { axes.formUnion(shape($0)) }
    return axes
  }

  /// The type of the value of `operation`.
  private func type(of operation: Operation) -> NodeType {
    switch operation {
    case .truth, .compare, .not, .logic: .condition
    case .input, .constant, .size, .index, .narrow: .number
    case .widen: .wide
    case .unary(_, let a), .binary(_, let a, _), .select(_, let a, _), .fused(_, let a, _, _),
      .stopGradient(let a), .customGradient(_, let a, _):
      type(a)
    case .reduce(let reduction):
      switch reduction.kind {
      case .total, .momentMean, .momentSquares: .wide
      case .sum, .mean, .maximum, .minimum, .variance: type(reduction.operand)
      case .count: .number
      }
    }
  }
}

/// Graphs are equal iff they have the same nodes in the same order, under the same names.
extension Graph: Equatable {
  package static func == (a: Graph, b: Graph) -> Bool {
    a.axes == b.axes && a.inputs == b.inputs && a.operations == b.operations
      && a.names == b.names && a.results == b.results
  }
}

/// An axis of a graph.
package struct GraphAxis: Hashable, Sendable {
  /// The name in the source: `C`, `C/G`.
  package var name: String
  package var extent: AxisExtent
  /// The axis whose places it counts once more; `nil` for axes of the norm.
  package var original: Int?

  package init(name: String, extent: AxisExtent, original: Int? = nil) {
    self.name = name
    self.extent = extent
    self.original = original
  }
}

/// How long an axis is.
package indirect enum AxisExtent: Hashable, Sendable {
  /// A size that is an argument of the functions.
  case size(String)
  case fixed(Int)
  /// The first divided by the second.
  case quotient(AxisExtent, by: AxisExtent)
  /// The number of processes that compute together.
  case ranks
  case product([AxisExtent])
}

/// A value that a function is given.
package struct GraphInput: Hashable, Sendable {
  package var name: String
  package var kind: Kind
  /// The axes in the order of memory, slowest first.
  package var axes: [Int]
  /// The name of the array whose elements it has, where it reads them by other axes.
  package var source: String?

  package init(name: String, kind: Kind, axes: [Int]) {
    self.name = name
    self.kind = kind
    self.axes = axes
  }

  package enum Kind: String, Hashable, Sendable {
    case tensor
    /// The adjoint of an output.
    case outputGradient = "gradient"
    /// The direction of a tensor or parameter, in which a derivative is taken.
    case tangent
    /// The adjoint of the gradient by a tensor or parameter.
    case gradientAdjoint = "gradient_adjoint"
    case mask
    /// Places along an axis: whole numbers.
    case index
    case parameter, state, counter, scalar
    /// A condition given at each call.
    case flag
    /// What forward saved.
    case saved
    /// A counter that forward saved.
    case savedCounter = "saved_counter"
    /// Stands in a gradient block for the adjoint that is not made yet.
    case placeholder
    /// What the partial results of all processes make together.
    case merged
  }

  package var elementType: NodeType {
    switch kind {
    case .mask, .flag: .condition
    case .merged: .wide
    case .tensor, .outputGradient, .tangent, .gradientAdjoint, .index, .parameter, .state, .counter,
      .scalar, .saved, .savedCounter, .placeholder:
      .number
    }
  }
}

/// A value that a function gives.
package struct GraphResult: Hashable, Sendable {
  package var name: String
  package var kind: Kind
  package var node: Node
  /// The axes in the order of memory, slowest first; along those that the node lacks it repeats.
  package var axes: [Int]

  package init(name: String, kind: Kind, node: Node, axes: [Int]) {
    self.name = name
    self.kind = kind
    self.node = node
    self.axes = axes
  }

  package enum Kind: String, Hashable, Sendable {
    case output
    /// A state after the call, or a parameter after an event.
    case nextState = "next"
    /// A counter after an event: a whole number.
    case nextCounter = "next_counter"
    case gradient
    /// The derivative of an output in a direction.
    case tangent
    /// The adjoint of the gradient by an output.
    case outputGradientAdjoint = "output_gradient_adjoint"
    /// The adjoint of a tensor or parameter that comes from those of gradients.
    case secondGradient = "second_gradient"
    case saved
    case savedCounter = "saved_counter"
    /// What other processes need of this one, in float64.
    case partial
  }
}

extension Operation {
  /// The nodes that it reads, in order.
  package var operands: [Node] {
    var operands: [Node] = []
    operands.reserveCapacity(3)
    forEachOperand { operands.append($0) }
    return operands
  }

  /// Calls `body` with each of the operands.
  package func forEachOperand(_ body: (Node) -> Void) {
    switch self {
    case .input, .constant, .truth, .size, .index: return
    case .unary(_, let a), .not(let a), .stopGradient(let a), .customGradient(_, let a, _),
      .widen(let a), .narrow(let a):
      body(a)
    case .binary(_, let a, let b), .compare(_, let a, let b), .logic(_, let a, let b):
      body(a)
      body(b)
    case .select(let a, let b, let c), .fused(_, let a, let b, let c):
      body(a)
      body(b)
      body(c)
    case .reduce(let reduction): reduction.forEachOperand(body)
    }
  }

  /// The same operation on other operands.
  package func mapped(_ map: (Node) -> Node) -> Operation {
    switch self {
    case .input, .constant, .truth, .size, .index: return self
    case .unary(let f, let a): return .unary(f, map(a))
    case .not(let a): return .not(map(a))
    case .stopGradient(let a): return .stopGradient(map(a))
    case .customGradient(let block, let a, let axes): return .customGradient(block, map(a), axes)
    case .widen(let a): return .widen(map(a))
    case .narrow(let a): return .narrow(map(a))
    case .binary(let f, let a, let b): return .binary(f, map(a), map(b))
    case .compare(let f, let a, let b): return .compare(f, map(a), map(b))
    case .logic(let f, let a, let b): return .logic(f, map(a), map(b))
    case .select(let c, let a, let b): return .select(map(c), map(a), map(b))
    case .fused(let f, let a, let b, let c): return .fused(f, map(a), map(b), map(c))
    case .reduce(var reduction):
      reduction.operand = map(reduction.operand)
      reduction.factor = reduction.factor.map(map)
      reduction.condition = reduction.condition.map(map)
      return .reduce(reduction)
    }
  }
}
