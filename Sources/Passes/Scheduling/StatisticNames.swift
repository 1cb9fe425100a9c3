import TensorIR

/// Names for statistics that nobody named, after what they are made of.
struct StatisticNames {
  private let graph: Graph

  init(_ graph: Graph) { self.graph = graph }

  /// A name for the result of a reduction: `sum_d_y` for a sum, `mean_d_y` for it over a count.
  func name(of node: Node) -> String {
    switch graph[node] {
    case .narrow(let a), .widen(let a): return name(of: a)
    case .binary(.divide, let a, _):
      guard let reduction = total(a) else { return "value" }
      return joined("mean", operand(of: reduction))
    case .reduce(let reduction):
      let operand = operand(of: reduction)
      return switch reduction.kind {
      case .total, .sum: joined("sum", operand)
      case .mean: joined("mean", operand)
      case .variance: joined("var", operand)
      case .momentMean: "exact_mean"
      case .momentSquares: "squares"
      case .maximum: joined("largest", operand)
      case .minimum: joined("smallest", operand)
      case .count: "count"
      }
    default: return "value"
    }
  }

  /// The sum that a value is, however it is rounded.
  private func total(_ node: Node) -> Reduction? {
    switch graph[node] {
    case .narrow(let a), .widen(let a): total(a)
    case .reduce(let reduction) where reduction.kind == .total: reduction
    default: nil
    }
  }

  /// A name for the elements of a reduction: `d_y_normalized` for `d_y * normalized`.
  func element(of reduction: Reduction) -> String {
    let operand = operand(of: reduction)
    switch reduction.kind {
    case .maximum: return joined("largest", operand) + "_found"
    case .minimum: return joined("smallest", operand) + "_found"
    case .sum, .mean, .variance, .count, .total, .momentMean, .momentSquares:
      return operand.isEmpty ? "element" : operand
    }
  }

  private func joined(_ kind: String, _ operand: String) -> String {
    operand.isEmpty ? kind : "\(kind)_\(operand)"
  }

  /// What is reduced, in names; empty if it has none.
  private func operand(of reduction: Reduction) -> String {
    var parts = [reduction.operand] + (reduction.factor.map { [$0] } ?? [])
    if parts.count == 1, case .binary(.multiply, let a, let b) = graph[reduction.operand] {
      parts = graph.name(reduction.operand) == nil ? [a, b] : parts
    }
    let names = parts.compactMap { graph.name($0) }
    if parts.count == 2 && parts[0] == parts[1] { return names.first.map { $0 + "_squared" } ?? "" }
    return names.count == parts.count ? names.joined(separator: "_") : ""
  }
}
