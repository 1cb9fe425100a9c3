import TensorIR

/// Writes the values of a graph as formulas of the norm language, as a person would.
///
/// A value that has a name, or is read several times, has a line of its own; all others stand
/// where they are read.
package struct FormulaText {
  private let graph: Graph
  /// How often each node is read by nodes that a result needs.
  private let uses: [Node: Int]
  /// The names of the values that have a line.
  private var names: [Node: String] = [:]

  package init(_ graph: Graph) {
    self.graph = graph
    let needed = graph.reachable(from: graph.results.map(\.node))
    var uses: [Node: Int] = [:]
    for node in needed { for operand in graph[node].operands { uses[operand, default: 0] += 1 } }
    self.uses = uses
    nameValues(needed.sorted())
  }

  /// The lines, each a name and a formula, in an order in which each reads only lines above it.
  package var lines: [(name: String, formula: String)] {
    var lines: [(name: String, formula: String)] = []
    let named = names.keys.sorted().filter { !isInput($0) }
    for node in named {
      if let name = names[node] { lines.append((name, text(of: graph[node], .lowest))) }
    }
    for result in graph.results where names[result.node] != result.label {
      guard result.isWritten else { continue }
      lines.append((result.label, text(result.node, .lowest)))
    }
    return lines
  }

  /// Names each value that gets a line: as in the source, as a result, or by a number. What only a
  /// result reads is written where results are.
  private mutating func nameValues(_ needed: [Node]) {
    var taken = Set(graph.inputs.map(\.name) + graph.results.map(\.label))
    for node in needed {
      if isInput(node) {
        names[node] = graph.name(node)
        continue
      }
      let labels = graph.results.filter { $0.node == node }.map(\.label)
      let reads = uses[node, default: 0]
      let isWrittenOnce = graph.results.count { $0.node == node && $0.isWritten } == 1
      if isTransparent(node) || reads == 0 && isWrittenOnce { continue }
      let candidates = [graph.name(node)].compactMap(\.self) + labels
      let free = candidates.first { labels.contains($0) || !taken.contains($0) }
      if let free {
        names[node] = free
        taken.insert(free)
      } else if reads > 1 || !labels.isEmpty {
        var number = 1
        while !taken.insert("t\(number)").inserted { number += 1 }
        names[node] = "t\(number)"
      }
    }
  }

  private func isInput(_ node: Node) -> Bool {
    if case .input = graph[node] { true } else { false }
  }

  /// `true` iff `node` is as short as a name would be.
  private func isTransparent(_ node: Node) -> Bool {
    switch graph[node] {
    case .constant, .truth, .size, .index: true
    case .input, .unary, .binary, .compare, .not, .logic, .select, .reduce, .stopGradient,
      .customGradient, .fused, .widen, .narrow:
      false
    }
  }

  /// The text of `node` where an operand binds at least as tightly as `context`.
  private func text(_ node: Node, _ context: Precedence) -> String {
    names[node] ?? text(of: graph[node], context)
  }

  private func text(of operation: Operation, _ context: Precedence) -> String {
    let (text, precedence) = formula(operation)
    return precedence < context ? "(\(text))" : text
  }

  private func formula(_ operation: Operation) -> (String, Precedence) {
    switch operation {
    case .input(let index): return (graph.inputs[index].name, .primary)
    case .constant(let constant): return number(constant.value)
    case .truth(let isTrue): return (String(isTrue), .primary)
    case .size(let axes): return (axes.isEmpty ? "1" : "size(\(list(axes)))", .primary)
    case .index(let axes): return ("index(\(names(of: graph.placeOrder(axes))))", .primary)
    case .unary(.negate, let a): return ("-" + text(a, .negation), .negation)
    case .unary(let function, let a):
      return ("\(function.rawValue)(\(text(a, .lowest)))", .primary)
    case .binary(let function, let a, let b): return binary(function, a, b)
    case .compare(let comparison, let a, let b):
      return (
        "\(text(a, .sum)) \(comparison.rawValue) \(text(b, .sum))", .comparison
      )
    case .not(let a): return ("not " + text(a, .comparison), .not)
    case .logic(.and, let a, let b): return ("\(text(a, .and)) and \(text(b, .not))", .and)
    case .logic(.or, let a, let b): return ("\(text(a, .or)) or \(text(b, .and))", .or)
    case .select(let c, let a, let b):
      let condition = text(c, .or)
      return ("if \(condition) then \(text(a, .or)) else \(text(b, .lowest))", .lowest)
    case .reduce(let reduction): return (text(of: reduction), .primary)
    case .stopGradient(let a): return ("stop_gradient(\(text(a, .lowest)))", .primary)
    // The block that replaces its derivative shows in the backward; its value is its operand.
    case .customGradient(_, let a, _), .widen(let a), .narrow(let a):
      return names[a].map { ($0, .primary) } ?? formula(graph[a])
    case .fused(let form, let a, let b, let c): return fused(form, a, b, c)
    }
  }

  private func binary(_ function: Binary, _ a: Node, _ b: Node) -> (String, Precedence) {
    switch function {
    case .add: ("\(text(a, .sum)) + \(text(b, .sum))", .sum)
    case .subtract: ("\(text(a, .sum)) - \(text(b, .product))", .sum)
    case .multiply: ("\(text(a, .product)) * \(text(b, .product))", .product)
    case .divide: ("\(text(a, .product)) / \(text(b, .negation))", .product)
    case .power: ("\(text(a, .primary))^\(text(b, .power))", .power)
    case .maximum, .minimum:
      ("\(function.rawValue)(\(text(a, .lowest)), \(text(b, .lowest)))", .primary)
    }
  }

  private func fused(
    _ form: FusedForm, _ a: Node, _ b: Node, _ c: Node
  ) -> (String, Precedence) {
    let product = "\(text(a, .product)) * \(text(b, .product))"
    switch form {
    case .productPlus: return ("\(product) + \(text(c, .product))", .sum)
    case .minusProduct: return ("\(text(c, .sum)) - \(product)", .sum)
    case .productMinus: return ("\(product) - \(text(c, .product))", .sum)
    }
  }

  private func text(of reduction: Reduction) -> String {
    let operand =
      reduction.factor.map { "\(text(reduction.operand, .product)) * \(text($0, .product))" }
      ?? text(reduction.operand, .lowest)
    let condition = reduction.condition.map { " where " + text($0, .lowest) } ?? ""
    return "\(reduction.kind.rawValue)[\(list(reduction.axes))](\(operand)\(condition))"
  }

  private func list(_ axes: AxisSet) -> String {
    // As people write it: `mean[ranks, N]`.
    let ordered = graph.ranks.intersection(axes).axes + axes.subtracting(graph.ranks).axes
    return names(of: ordered)
  }

  private func names(of axes: [Int]) -> String {
    axes.map { graph.axes[$0].name }.joined(separator: ", ")
  }

  private func number(_ value: Double) -> (String, Precedence) {
    if value.isInfinite { return value < 0 ? ("-inf", .negation) : ("inf", .primary) }
    let integer = Int(exactly: value).map(String.init)
    return (integer ?? String(value), value < 0 ? .negation : .primary)
  }
}

/// How tightly a formula binds.
private enum Precedence: Int, Comparable {
  case lowest, or, and, not, comparison, sum, product, negation, power, primary

  static func < (a: Precedence, b: Precedence) -> Bool { a.rawValue < b.rawValue }
}

extension GraphResult {
  /// `true` iff it has a line of its own; what forward saves is a value that has its line already.
  fileprivate var isWritten: Bool {
    switch kind {
    case .output, .nextState, .nextCounter, .gradient, .tangent, .outputGradientAdjoint,
      .secondGradient:
      true
    case .saved, .savedCounter, .partial: false
    }
  }

  /// How a line for the result begins.
  var label: String {
    switch kind {
    case .output, .saved, .savedCounter, .partial: name
    case .nextState, .nextCounter: "next " + name
    case .gradient, .secondGradient: name.hasPrefix("d_") ? name : "d_" + name
    case .tangent: "t_" + name
    case .outputGradientAdjoint: "dd_" + name
    }
  }
}
