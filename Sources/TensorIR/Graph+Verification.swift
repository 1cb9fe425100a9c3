extension Graph {
  /// What is wrong with the graph, a sentence each; none if it is well formed.
  package func problems() -> [String] {
    nodes.flatMap { node in
      self[node].operands.filter { $0 >= node }.map {
        "\(label(node)) reads \(label($0)) too early"
      }
        + typeProblems(of: node)
    } + results.flatMap(problems(of:))
  }

  private func problems(of result: GraphResult) -> [String] {
    let lost = placeShape(result.node).subtracting(AxisSet(axes: result.axes))
    return lost.isEmpty ? [] : ["\(result.name) lacks axes of its value"]
  }

  private func typeProblems(of node: Node) -> [String] {
    let wrong = { (what: String) in ["\(self.label(node)): \(what)"] }
    switch self[node] {
    case .input, .constant, .truth, .size, .index, .stopGradient, .customGradient: return []
    case .unary(_, let a): return type(a) == .condition ? wrong("a condition as number") : []
    case .binary(_, let a, let b), .compare(_, let a, let b):
      return type(a) == .condition || type(a) != type(b) ? wrong("operands of two types") : []
    case .not(let a): return type(a) == .condition ? [] : wrong("a number as condition")
    case .logic(_, let a, let b):
      return type(a) == .condition && type(b) == .condition ? [] : wrong("a number as condition")
    case .select(let c, let a, let b):
      return type(c) == .condition && type(a) == type(b) ? [] : wrong("operands of two types")
    case .fused(_, let a, let b, let c):
      return type(a) == type(b) && type(b) == type(c) ? [] : wrong("operands of two types")
    case .widen(let a): return type(a) == .number ? [] : wrong("widens what is no number")
    case .narrow(let a): return type(a) == .wide ? [] : wrong("narrows what is not wide")
    case .reduce(let reduction): return problems(of: reduction, at: node)
    }
  }

  private func problems(of reduction: Reduction, at node: Node) -> [String] {
    let varying = reduction.operands.reduce(AxisSet()) { $0.union(shape($1)) }
    var problems: [String] = []
    if reduction.axes.isEmpty || !varying.isSuperset(of: reduction.axes) {
      problems.append("\(label(node)): reduces an axis that nothing has")
    }
    if let condition = reduction.condition, type(condition) != .condition {
      problems.append("\(label(node)): a number selects")
    }
    if (reduction.kind == .count) != (type(reduction.operand) == .condition) {
      problems.append("\(label(node)): an operand of the wrong type")
    }
    if reduction.factor != nil && reduction.kind != .total {
      problems.append("\(label(node)): a factor beside \(reduction.kind.rawValue)")
    }
    return problems
  }
}
