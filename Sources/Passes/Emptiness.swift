import Basics
import Syntax
import TensorIR

extension Lowering {
  /// The condition that `term` reads, through no further reduction, a mean, variance, maximum or
  /// minimum that took no element: then a state keeps its value.
  ///
  /// It follows the source, not the graph: there `if m then a else 0` and the mean of `a` where m
  /// over an axis that neither has are one node, but only the mean may be empty.
  mutating func emptiness(of term: Term) -> Node {
    switch term.form {
    case .value(let id): return emptiness(of: id)
    case .select(let condition, let yes, let no):
      let ofCondition = emptiness(of: condition)
      let (ofYes, ofNo) = (emptiness(of: yes), emptiness(of: no))
      let ofBranch = ofYes == ofNo ? ofYes : graph.select(lower(condition), ofYes, ofNo)
      return graph.logic(.or, ofCondition, ofBranch)
    case .reduce(let reduction): return emptiness(of: reduction)
    case .lookUp(let x, let along, let place):
      let isEmpty = emptiness(of: x)
      if case .truth = graph[isEmpty] { return isEmpty }
      return picked(isEmpty, along, place)
    case .regroup(let x, let from, let to):
      let isEmpty = emptiness(of: x)
      return regrouped(isEmpty, from: from, to: to)
    case .number, .truth, .size, .index, .unary, .binary, .compare, .not, .logic, .stopGradient:
      var result = graph.truth(false)
      for operand in term.form.operands {
        let part = emptiness(of: operand)
        result = graph.logic(.or, result, part)
      }
      return result
    }
  }

  private mutating func emptiness(of value: ValueID) -> Node {
    if let known = emptiness[value] { return known }
    let result = definitions[value].map { emptiness(of: $0) } ?? graph.truth(false)
    emptiness[value] = result
    return result
  }

  private mutating func emptiness(of reduction: Term.Reduction) -> Node {
    switch reduction.kind {
    case .sum, .count: return graph.truth(false)
    case .mean, .variance, .unbiasedVariance, .maximum, .minimum:
      if let joined = joined(reduction) {
        let (count, zero) = (count(joined), graph.constant(0))
        return graph.compare(.equal, count, zero)
      }
      var condition = reduction.condition.map { lower($0) } ?? graph.truth(true)
      var axes = AxisSet(axes: reduction.axes.map(\.index))
      if !reduction.windows.isEmpty {
        let all = graph.truth(true)
        let taken = windowed(reduction.windows, axes, all, condition)
        (axes, condition) = (taken.axes, taken.condition ?? all)
      }
      if reduction.isOverRanks { axes.formUnion(graph.ranks) }
      let count = graph.reduce(TensorIR.Reduction(.count, axes, condition))
      let zero = graph.constant(0)
      return graph.compare(.equal, count, zero)
    }
  }
}
