import LoopIR

/// Lets sums skip the rows of which no element is taken.
///
///     reduce N, S: total x where class == 3
///       ->  reduce N: rows where class == 3
///                  S: total x
///
/// A row is what the lanes of a sweep run along at a place of its segments. What a condition says
/// of whole rows is asked once for each, in scalar code: the lanes need no places of segments then,
/// and nothing of the other rows is read. Bits do not change: what a condition leaves out is not
/// added either way.
///
/// - Requires: no later pass lets a sweep keep what it reads.
extension LoopKernel {
  func selectingRows() -> LoopKernel {
    var kernel = self
    for (place, region) in regions.enumerated() {
      kernel.regions[place].steps = region.steps.map { selectingRows(of: $0) }
      kernel.regions[place].stepsOfOneBlock = region.stepsOfOneBlock?.map { selectingRows(of: $0) }
    }
    return kernel
  }

  private func selectingRows(of step: Step) -> Step {
    guard case .reduce(var reduce) = step, !reduce.sweep.segments.isEmpty, reduce.riders.isEmpty,
      reduce.keeps.isEmpty
    else { return step }
    let ofRows = conditionsOfRows(reduce)
    if ofRows.isEmpty { return step }
    var body = reduce.body
    let condition = body.program.all(of: ofRows)
    let (selecting, changed) = condition.map { body.part(for: [$0]) } ?? (Body(), [:])
    reduce.selection = condition.flatMap { changed[$0] }.map {
      RowSelection(body: selecting, condition: $0)
    }
    for index in reduce.accumulators.indices {
      let terms = body.program.terms(of: reduce.accumulators[index].condition)
      let rest = terms.filter { !ofRows.contains($0) }
      reduce.accumulators[index].condition = body.program.all(of: rest)
    }
    reduce.body = body
    var result = Step.reduce(reduce)
    result.load([:])
    return result
  }

  /// The conditions that all sums of a sweep have, and that are the same along a row.
  private func conditionsOfRows(_ step: ReduceStep) -> [LaneValue] {
    let program = step.body.program
    let terms = step.accumulators.map { program.terms(of: $0.condition) }
    guard let first = terms.first else { return [] }
    let varying = Set(
      program.values(madeBy: { operation in
        operation.isFunction
          || step.body.source(of: operation).map { varies($0, along: step.sweep.run) } ?? false
      }))
    return first.filter { term in
      !varying.contains(term) && terms.allSatisfy { $0.contains(term) }
    }
  }

  private func varies(_ source: Source, along run: [Int]) -> Bool {
    switch source {
    case .load(let id): buffers[id.index].access(along: run) != .splat
    case .scalar(let id): scalars[id.index].isOfColumn
    case .place(let axes): !Set(axes).isDisjoint(with: run)
    case .within: true
    case .parameter, .size: false
    }
  }
}

extension LaneProgram {
  /// The conditions that hold together where `condition` does.
  func terms(of condition: LaneValue?) -> [LaneValue] {
    guard let condition else { return [] }
    guard case .logic(.and, let a, let b) = operations[condition.index] else { return [condition] }
    return terms(of: a) + terms(of: b)
  }

  /// The condition that all of `terms` hold; `nil` if there are none.
  fileprivate mutating func all(of terms: [LaneValue]) -> LaneValue? {
    guard var all = terms.first else { return nil }
    for term in terms.dropFirst() { all = append(.logic(.and, all, term), .condition) }
    return all
  }
}
