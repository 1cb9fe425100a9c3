import TensorIR

/// The equations of a graph in the words of the language, as a person would write them.
///
///     centered = x - mean
///     d_x = rstd * (g - mean[C](g) - x_hat * mean[C](g * x_hat))
package struct Formulas {
  /// An equation: a name, and what it is.
  package struct Line: Hashable, Sendable {
    package var name: String
    package var expression: String
  }

  /// The equations, each after those that it reads; results stand last in their order.
  package private(set) var lines: [Line] = []
  private let graph: Graph
  private var names: [Node: String] = [:]
  private var taken: NameSet

  package init(_ graph: Graph) {
    self.graph = graph
    taken = NameSet(graph.inputs.map(\.name))
    let needed = graph.reachable(from: graph.results.map(\.node)).sorted()
    var uses: [Node: Int] = [:]
    for node in needed {
      for operand in graph[node].operands { uses[operand, default: 0] += 1 }
    }
    for node in needed {
      if case .input(let index) = graph[node] {
        names[node] = graph.inputs[index].name
      } else if isLine(node, uses: uses[node] ?? 0) {
        define(node)
      }
    }
    for result in graph.results { write(result) }
  }

  /// `true` iff a node has an equation of its own.
  private func isLine(_ node: Node, uses: Int) -> Bool {
    switch graph[node] {
    case .constant, .truth, .size, .index: return false
    default: break
    }
    if graph.results.contains(where: { $0.node == node && argumentName(of: $0) == graph.name(node) }) {
      return uses > 0
    }
    return uses > 1 || (uses > 0 && graph.name(node) != nil)
  }

  private mutating func define(_ node: Node) {
    let own = graph.results.first { $0.node == node }.map { argumentName(of: $0) }
    let name = own ?? taken.unique(graph.name(node) ?? "shared")
    lines.append(Line(name: name, expression: text(graph[node], 0)))
    names[node] = name
  }

  private mutating func write(_ result: GraphResult) {
    let name = result.kind == .nextState ? "next \(result.name)" : argumentName(of: result)
    if result.kind == .saved || result.kind == .savedCounter { return }
    if names[result.node] == name { return }
    lines.append(Line(name: name, expression: text(result.node, 0)))
  }

  /// A node as an operand of an operation that binds as strongly as `strength`.
  private func text(_ node: Node, _ strength: Int) -> String {
    names[node] ?? text(graph[node], strength)
  }

  private func text(_ operation: Operation, _ strength: Int) -> String {
    switch operation {
    case .input(let index): return graph.inputs[index].name
    case .constant(let constant): return number(constant.value, strength)
    case .truth(let value): return "\(value)"
    case .size(let axes): return "size(\(list(axes)))"
    case .index(let axes): return "index(\(list(axes)))"
    case .unary(.negate, let a): return wrapped("-" + text(a, 4), 3, strength)
    case .unary(let function, let a): return "\(function.rawValue)(\(text(a, 0)))"
    case .binary(let function, let a, let b): return binary(function, a, b, strength)
    case .compare(let comparison, let a, let b):
      return wrapped("\(text(a, 1)) \(comparison.rawValue) \(text(b, 1))", 0, strength)
    case .not(let a): return wrapped("not \(text(a, 5))", 0, strength)
    case .logic(let connective, let a, let b):
      return wrapped("\(text(a, 1)) \(connective.rawValue) \(text(b, 1))", 0, strength)
    case .select(let c, let a, let b):
      let parts = "if \(text(c, 0)) then \(text(a, 0)) else \(text(b, 0))"
      return strength > 0 ? "(\(parts))" : parts
    case .reduce(let reduction): return reduce(reduction)
    case .stopGradient(let a): return "stop_gradient(\(text(a, 0)))"
    case .customGradient(_, let a): return text(a, strength)
    case .fused(_, let a, let b, let c):
      return "fma(\(text(a, 0)), \(text(b, 0)), \(text(c, 0)))"
    case .widen(let a), .narrow(let a): return text(a, strength)
    }
  }

  private func binary(_ function: Binary, _ a: Node, _ b: Node, _ strength: Int) -> String {
    switch function {
    case .add: return wrapped("\(text(a, 1)) + \(text(b, 1))", 1, strength)
    case .subtract: return wrapped("\(text(a, 1)) - \(text(b, 2))", 1, strength)
    case .multiply:
      if a == b { return wrapped("\(text(a, 5))^2", 4, strength) }
      return wrapped("\(text(a, 2)) * \(text(b, 2))", 2, strength)
    case .divide: return wrapped("\(text(a, 2)) / \(text(b, 3))", 2, strength)
    case .power: return wrapped("\(text(a, 5))^\(text(b, 5))", 4, strength)
    case .maximum, .minimum: return "\(function.rawValue)(\(text(a, 0)), \(text(b, 0)))"
    }
  }

  private func reduce(_ reduction: Reduction) -> String {
    let condition = reduction.condition.map { " where \(text($0, 0))" } ?? ""
    let operand = text(reduction.operand, 0) + (reduction.factor.map { " * \(text($0, 3))" } ?? "")
    return "\(reduction.kind.rawValue)[\(list(reduction.axes))](\(operand)\(condition))"
  }

  private func wrapped(_ text: String, _ own: Int, _ strength: Int) -> String {
    own < strength ? "(\(text))" : text
  }

  private func number(_ value: Double, _ strength: Int) -> String {
    if value.isInfinite { return value < 0 ? wrapped("-inf", 3, strength) : "inf" }
    let text = value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
    return value < 0 ? wrapped(text, 3, strength) : text
  }

  private func list(_ axes: AxisSet) -> String {
    axes.axes.map { graph.axes[$0].name }.joined(separator: ", ")
  }
}
