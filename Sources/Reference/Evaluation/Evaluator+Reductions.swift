import TensorIR

extension Evaluator {
  /// The elements of `reduction`, one for each place of the kept axes `kept`.
  mutating func reduced(
    _ reduction: Reduction, _ kept: AxisSet
  ) throws(EvaluationError) -> Elements<Real> {
    let order = graph.order(of: reduction)
    guard AxisSet(axes: order.segments + order.run) == reduction.axes else {
      throw EvaluationError("the order of a reduction is not over its axes")
    }
    let shape = kept.union(reduction.axes)
    let walks = Walks(order, kept, shape, space)
    let taken = try reduction.condition.map { (node) throws(EvaluationError) in
      try conditions(node, shape)
    }
    let isWide = graph.type(reduction.operand) == .wide
    switch reduction.kind {
    case .total:
      let values = try numbers(reduction.operand, shape)
      let factors = try reduction.factor.map { (node) throws(EvaluationError) in
        try numbers(node, shape)
      }
      return .wide(walks.totals(values, factors, taken))
    case .momentMean: return .wide(try moments(reduction, walks, shape, taken).map(\.mean))
    case .momentSquares:
      return .wide(try moments(reduction, walks, shape, taken).map(\.squaredDeviations))
    case .maximum where isWide:
      return .wide(walks.map(try wides(reduction.operand, shape), taken) { $0.maximum($1) })
    case .maximum:
      return .number(walks.map(try numbers(reduction.operand, shape), taken) { $0.maximum($1) })
    case .minimum where isWide:
      return .wide(walks.map(try wides(reduction.operand, shape), taken) { $0.minimum($1) })
    case .minimum:
      return .number(walks.map(try numbers(reduction.operand, shape), taken) { $0.minimum($1) })
    case .sum, .mean, .variance, .count:
      throw EvaluationError("\(reduction.kind.rawValue) has no order: precision comes first")
    }
  }

  private mutating func moments(
    _ reduction: Reduction, _ walks: Walks, _ shape: AxisSet, _ taken: [Bool]?
  ) throws(EvaluationError) -> [Moments] {
    walks.map(try numbers(reduction.operand, shape), taken) { $0.moments($1) }
  }
}

/// Where the elements of a reduction lie in an array: kept place + segment + place in the run.
private struct Walks {
  private let kept: [Int]
  private let segments: [Int]
  private let run: [Int]

  init(_ order: ReductionOrder, _ kept: AxisSet, _ shape: AxisSet, _ space: ArraySpace) {
    self.kept = space.walk(along: kept.axes, in: shape)
    segments = space.walk(along: order.segments, in: shape)
    run = space.walk(along: order.run, in: shape)
  }

  /// What `reduce` makes of the elements at each kept place; those not taken are nil.
  func map<Real: CanonicalReal, Result>(
    _ values: [Real], _ taken: [Bool]?,
    _ reduce: (CanonicalOrder<Real>, (Int, Int) -> Real?) -> Result
  ) -> [Result] {
    let order = CanonicalOrder<Real>(segments: segments.count, run: run.count)
    return kept.map { origin in
      reduce(order) { segment, element in
        let place = origin + segments[segment] + run[element]
        return taken?[place] == false ? nil : values[place]
      }
    }
  }

  /// The sum of the values, or of their products with the factors, at each kept place.
  func totals<Real: CanonicalReal>(
    _ values: [Real], _ factors: [Real]?, _ taken: [Bool]?
  ) -> [Double] {
    let order = CanonicalOrder<Real>(segments: segments.count, run: run.count)
    return kept.map { origin in
      order.total { segment, element in
        let place = origin + segments[segment] + run[element]
        if taken?[place] == false { return .skip }
        return factors.map { .product(values[place], $0[place]) } ?? .value(values[place])
      }
    }
  }
}
