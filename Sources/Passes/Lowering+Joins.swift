import Syntax
import TensorIR

// Joined axes: `group C, H as D into G = 4` gives the places of C and H another name, a place in
// the product of G and D/G. No value is ever copied into another order: what has the one axes is
// looked for by the other ones.
extension Lowering {
  /// A reduction over parts of a joined axis, as one over the axes that are joined.
  ///
  ///     mean[N, D/G](x)   ->   sum[C, H](sum[N](x) where the place along C and H is in group G)
  ///                            / (size(N) * size(D/G))
  ///
  /// What no group concerns is summed first: then groups cost as much as one sample does.
  struct JoinedReduction {
    let kind: ReductionKind
    let operand: Node
    let condition: Node?
    /// Other axes that are reduced.
    let others: AxisSet
    /// The axes that are joined, slowest first.
    let parts: [AxisID]
    /// The axes by which the places of these are named, slowest first.
    let atoms: [AxisID]
    /// Those of them that are reduced.
    let reduced: AxisSet
    /// The axis of processes if the reduction is over these as well; they are summed last, so that
    /// they exchange one value a group.
    let ranks: AxisSet
  }

  /// `reduction` where its operand has the axes that are joined but is reduced along others of
  /// their product; else `nil`.
  mutating func joined(_ reduction: Term.Reduction) -> JoinedReduction? {
    guard reduction.windows.isEmpty,
      case .regroup(let operand, let from, let to) = reduction.operand.form
    else { return nil }
    let reduced = set(reduction.axes).intersection(set(to))
    guard !reduced.isEmpty else { return nil }
    var condition: Term?
    if let given = reduction.condition {
      if case .regroup(let inner, from, to) = given.form {
        condition = inner
      } else if set(given.axes).isDisjoint(with: set(to)) {
        condition = given
      } else {
        return nil
      }
    }
    return JoinedReduction(
      kind: reduction.kind, operand: lower(operand), condition: condition.map { lower($0) },
      others: set(reduction.axes).subtracting(reduced), parts: from, atoms: to, reduced: reduced,
      ranks: reduction.isOverRanks ? graph.ranks : [])
  }

  /// The value of a reduction over parts of a joined axis.
  mutating func reduce(_ joined: JoinedReduction) -> Node {
    switch joined.kind {
    case .sum: return sum(of: joined.operand, joined)
    case .count: return count(joined)
    case .mean: return mean(of: joined.operand, joined)
    case .variance: return variance(joined)
    case .unbiasedVariance:
      let variance = variance(joined)
      let count = count(joined)
      return unbiased(variance, count)
    case .maximum: return extremum(.maximum, joined)
    case .minimum: return extremum(.minimum, joined)
    }
  }

  /// How many elements are taken.
  mutating func count(_ joined: JoinedReduction) -> Node {
    var taken = joined.condition
    if joined.kind == .count {
      taken = taken.map { graph.logic(.and, joined.operand, $0) } ?? joined.operand
    }
    guard let taken else {
      let own = graph.size(joined.others.union(joined.reduced))
      return joined.ranks.isEmpty ? own : graph.reduce(Reduction(.sum, joined.ranks, own))
    }
    let ofOthers = graph.reduce(Reduction(.count, joined.others, taken))
    return inGroups(.sum, ofOthers, joined)
  }

  private mutating func sum(of operand: Node, _ joined: JoinedReduction) -> Node {
    let ofOthers = graph.reduce(
      Reduction(.sum, joined.others, operand, where: joined.condition))
    return inGroups(.sum, ofOthers, joined)
  }

  /// The mean, 0 of nothing.
  private mutating func mean(of operand: Node, _ joined: JoinedReduction) -> Node {
    let sum = sum(of: operand, joined)
    let (count, one) = (count(joined), graph.constant(1))
    let divisor = graph.binary(.maximum, count, one)
    return graph.divide(sum, divisor)
  }

  private mutating func variance(_ joined: JoinedReduction) -> Node {
    let mean = mean(of: joined.operand, joined)
    let here = regrouped(mean, from: joined.atoms, to: joined.parts)
    let deviation = graph.subtract(joined.operand, here)
    return self.mean(of: graph.multiply(deviation, deviation), joined)
  }

  /// In one step, so that of equals the first is found.
  private mutating func extremum(_ kind: Reduction.Kind, _ joined: JoinedReduction) -> Node {
    let condition = joined.condition
    let member = isMember(joined)
    let taken =
      condition.map { inner in member.map { graph.logic(.and, inner, $0) } ?? inner } ?? member
    let axes = joined.others.union(set(joined.parts)).union(joined.ranks)
    return graph.reduce(Reduction(kind, axes, joined.operand, where: taken))
  }

  /// `value` along the axes that are joined, reduced over the places of each group.
  private mutating func inGroups(
    _ kind: Reduction.Kind, _ value: Node, _ joined: JoinedReduction
  ) -> Node {
    let member = isMember(joined)
    let axes = set(joined.parts).union(joined.ranks)
    return graph.reduce(Reduction(kind, axes, value, where: member))
  }

  /// The condition that a place of the axes that are joined belongs to the group that the atoms
  /// say which are kept; `nil` if none is.
  private mutating func isMember(_ joined: JoinedReduction) -> Node? {
    let kept = joined.atoms.filter { !joined.reduced.has($0.index) }
    return kept.isEmpty ? nil : matching(kept, of: joined.atoms, at: joined.parts)
  }

  /// `array` with the axes `to` for the places that `from` names.
  ///
  ///     mean at C, H   ->   sum[G](mean where the place along C and H is in group G)
  mutating func regrouped(_ array: Node, from: [AxisID], to: [AxisID]) -> Node {
    let varying = from.filter { graph.shape(array).has($0.index) }
    guard !varying.isEmpty else { return array }
    return picked(array, along: set(varying), where: matching(varying, of: from, at: to))
  }

  /// The condition that the place along `others` is, along the atoms `wanted` of `list`, where
  /// these are.
  private mutating func matching(
    _ wanted: [AxisID], of list: [AxisID], at others: [AxisID]
  ) -> Node {
    let place = place(along: others)
    var all = graph.truth(true)
    for atom in wanted {
      guard let index = list.firstIndex(of: atom) else { continue }
      let own = graph.insert(.index(set([atom])))
      let digit = digit(index, of: list, at: place)
      all = graph.logic(.and, all, graph.compare(.equal, digit, own))
    }
    return all
  }

  /// The place in the product of `axes`, the last of them fastest.
  private mutating func place(along axes: [AxisID]) -> Node {
    if axes == axes.sorted() { return graph.insert(.index(set(axes))) }
    var place = graph.constant(0)
    for axis in axes {
      let extent = graph.size(set([axis]))
      let scaled = graph.multiply(place, extent)
      place = graph.add(scaled, graph.insert(.index(set([axis]))))
    }
    return place
  }

  /// The place along `list[index]` where that in the product of `list` is `place`.
  private mutating func digit(_ index: Int, of list: [AxisID], at place: Node) -> Node {
    let inner = graph.size(set(Array(list[(index + 1)...])))
    let above = index == list.count - 1 ? place : graph.unary(.floor, graph.divide(place, inner))
    if index == 0 { return above }
    let extent = graph.size(set([list[index]]))
    let wraps = graph.unary(.floor, graph.divide(above, extent))
    return graph.subtract(above, graph.multiply(extent, wraps))
  }
}
