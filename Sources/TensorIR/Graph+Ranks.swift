/// Graphs of norms that several processes compute together, each on elements of its own.
///
/// The processes are an axis, `ranks`: what a process has of its own differs along it, and a
/// reduction over it takes the elements of all. Sizes and places differ along it as well, since
/// processes may have different numbers of samples. Parameters, scalars and counters are the same
/// in all processes, and so is what reductions over ranks make. The axes of inputs and results
/// never name it.
extension Graph {
  /// The axes along which `node` differs in one process.
  package func placeShape(_ node: Node) -> AxisSet { shape(node).subtracting(ranks) }

  /// `true` iff `node` takes the elements of all processes.
  package func isMerged(_ node: Node) -> Bool {
    guard case .reduce(let reduction) = self[node] else { return false }
    return !reduction.axes.isDisjoint(with: ranks)
  }

  /// What the condition of a reduction over processes, and over the axes `own` in each, selects:
  /// elements, or whole processes.
  package func split(
    _ condition: Node?, over own: AxisSet
  ) -> (ofElements: Node?, ofProcesses: Node?) {
    guard let condition else { return (nil, nil) }
    return shape(condition).isDisjoint(with: own) ? (nil, condition) : (condition, nil)
  }

  /// A reduction over ranks whose operand and condition may lack some of its axes.
  ///
  ///     sum[ranks, N](e)    ->   sum[ranks](size[N] * e)
  ///     count[ranks, N]     ->   sum[ranks](size[N])
  ///
  /// A process repeats what lacks an axis as often as it has places there.
  mutating func reduceOverRanks(_ reduction: Reduction) -> Node {
    let varying = reduction.operands.reduce(AxisSet()) { $0.union(shape($1)) }
    if varying.isSuperset(of: reduction.axes) { return reducedVarying(reduction) }
    switch reduction.kind {
    case .sum, .count:
      let own = ofOneProcess(reduction)
      return reduceAlone(.sum, own)
    case .maximum, .minimum:
      let own = ofOneProcess(reduction)
      return reduceAlone(reduction.kind, own)
    case .mean: return meanOverRanks(reduction)
    case .variance:
      var mean = reduction
      mean.kind = .mean
      let difference = subtract(reduction.operand, reduce(mean))
      mean.operand = multiply(difference, difference)
      return meanOverRanks(mean)
    case .total, .momentMean, .momentSquares:
      preconditionFailure("Graph: a late reduction over an axis that nothing has")
    }
  }

  /// What one process makes of its own elements.
  private mutating func ofOneProcess(_ reduction: Reduction) -> Node {
    var own = reduction
    own.axes.subtract(ranks)
    return reduce(own)
  }

  /// `kind[ranks](operand)`.
  private mutating func reduceAlone(_ kind: Reduction.Kind, _ operand: Node) -> Node {
    if !shape(operand).isDisjoint(with: ranks) {
      return insert(.reduce(Reduction(kind, ranks, operand)))
    }
    return kind == .sum ? multiply(size(ranks), operand) : operand
  }

  private mutating func meanOverRanks(_ reduction: Reduction) -> Node {
    var sum = reduction
    sum.kind = .sum
    let all = truth(true)
    let count = reduce(Reduction(.count, reduction.axes, reduction.condition ?? all))
    let zero = constant(0)
    let quotient = divide(reduce(sum), count)
    return select(compare(.equal, count, zero), zero, quotient)
  }
}

extension GraphInput.Kind {
  /// `true` iff each process has values of its own.
  var differsByRank: Bool {
    switch self {
    case .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index, .state, .saved,
      .placeholder:
      true
    case .parameter, .counter, .scalar, .flag, .savedCounter, .merged: false
    }
  }
}
