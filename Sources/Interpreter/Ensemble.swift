import Syntax

/// The evaluators of processes that compute the same norm together, each on elements of its own.
///
/// All of them take the same steps, so that a step has the same place on each tape.
struct Ensemble: Sendable {
  var ranks: [Evaluator]

  /// Lets a value be what `equation` says; `replacement` is the gradient block of the value.
  mutating func define(by equation: Equation, replacement: Int?) throws(InterpreterError) {
    try merge(equation.term)
    for rank in ranks.indices {
      try ranks[rank].define(by: equation, replacement: replacement)
    }
  }

  /// Evaluates the reductions over ranks in `term`, of which others may read.
  mutating func merge(_ term: Term) throws(InterpreterError) {
    guard term.isOverRanks else { return }
    for operand in term.form.operands { try merge(operand) }
    guard case .reduce(let reduction) = term.form, reduction.isOverRanks,
      ranks.contains(where: { $0.merged[reduction] == nil })
    else { return }
    try merge(reduction)
  }

  private mutating func merge(_ reduction: Term.Reduction) throws(InterpreterError) {
    var operands: [RecordID] = []
    var conditions: [RecordID?] = []
    for rank in ranks.indices {
      operands.append(try ranks[rank].evaluate(reduction.operand))
      guard let term = reduction.condition else {
        conditions.append(nil)
        continue
      }
      conditions.append(try ranks[rank].evaluate(term))
    }
    var tasks: [ReductionTask] = []
    for rank in ranks.indices {
      tasks.append(
        ReductionTask(reduction, operands[rank], where: conditions[rank], in: &ranks[rank]))
    }
    guard tasks.allSatisfy({ $0.taken.count == tasks[0].taken.count }) else {
      throw .ranksDiffer
    }
    let elements = tasks.indices.map { tasks[$0].groups(of: ranks[$0].tape[operands[$0]].elements) }
    let groups = tasks[0].taken.indices.map { place in elements.flatMap { $0[place] } }
    let values = groups.map { reduction.kind.value(of: $0) }
    let emptiness = tasks[0].canBeEmpty ? groups.map(\.isEmpty) : []
    for rank in ranks.indices {
      let record = Record(
        operation: .merge(reduction, operands[rank], where: conditions[rank]),
        axes: tasks[rank].axes, elements: values,
        emptiness: emptiness.contains(true) ? emptiness : nil,
        passesGradient: ranks[rank].tape[operands[rank]].passesGradient)
      ranks[rank].merged[reduction] = ranks[rank].append(record)
    }
  }
}
