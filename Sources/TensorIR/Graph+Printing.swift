import Basics

extension Graph {
  /// The graph as text: inputs, one line a node that a result needs, results.
  package func show() -> String {
    var writer = TextWriter()
    for input in inputs {
      writer.line("\(input.kind.rawValue) \(input.name)\(list(input.axes))")
    }
    let needed = reachable(from: results.map(\.node))
    for node in nodes where needed.contains(node) {
      if case .input = self[node] { continue }
      let axes = shape(node).isEmpty ? "" : list(shape(node).axes)
      let kind = type(node) == .number ? "" : " : \(type(node).rawValue)"
      writer.line("\(label(node))\(axes)\(kind) = \(show(self[node]))")
    }
    for result in results {
      let place = "\(result.kind.rawValue) \(result.name)\(list(result.axes))"
      writer.line("\(place) = \(label(result.node))")
    }
    return writer.text
  }

  /// The nodes that `roots` read, themselves included.
  package func reachable(from roots: some Sequence<Node>) -> NodeSet {
    var found = NodeSet(roots)
    // Operands precede their users.
    for index in operations.indices.reversed() where found.contains(Node(index)) {
      operations[index].forEachOperand { found.insert($0) }
    }
    return found
  }

  /// What stands for `node` in a dump: its name with its number, or the number alone.
  package func label(_ node: Node) -> String {
    if case .input(let index) = self[node] { return inputs[index].name }
    return name(node).map { "%\($0).\(node.index)" } ?? "%\(node.index)"
  }

  private func list(_ indices: [Int]) -> String {
    indices.isEmpty ? "" : "[" + indices.map { axes[$0].name }.joined(separator: ", ") + "]"
  }

  private func show(_ operation: Operation) -> String {
    switch operation {
    case .input(let index): return inputs[index].name
    case .constant(let constant): return "\(constant.value)"
    case .truth(let value): return "\(value)"
    case .size(let axes): return "size\(list(axes.axes))"
    case .index(let axes): return "index\(list(placeOrder(axes)))"
    case .unary(let function, let a): return "\(function.rawValue) \(label(a))"
    case .binary(let function, let a, let b):
      return "\(label(a)) \(function.rawValue) \(label(b))"
    case .compare(let function, let a, let b):
      return "\(label(a)) \(function.rawValue) \(label(b))"
    case .not(let a): return "not \(label(a))"
    case .logic(let function, let a, let b):
      return "\(label(a)) \(function.rawValue) \(label(b))"
    case .select(let c, let a, let b):
      return "if \(label(c)) then \(label(a)) else \(label(b))"
    case .reduce(let reduction):
      let factor = reduction.factor.map { " * \(label($0))" } ?? ""
      let condition = reduction.condition.map { " where \(label($0))" } ?? ""
      let axes = list(reduction.axes.axes)
      return "\(reduction.kind.rawValue)\(axes)(\(label(reduction.operand))\(factor)\(condition))"
    case .stopGradient(let a): return "stop_gradient \(label(a))"
    case .customGradient(let block, let a, _): return "custom_gradient \(block) \(label(a))"
    case .fused(let form, let a, let b, let c):
      return "\(form.rawValue) \(label(a)), \(label(b)), \(label(c))"
    case .widen(let a): return "widen \(label(a))"
    case .narrow(let a): return "narrow \(label(a))"
    }
  }
}
