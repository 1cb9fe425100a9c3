import Syntax

/// Goes back over the tapes of processes that computed a norm together, step by step.
struct RankedSweep {
  private let phase: Phase
  private(set) var ranks: [ReverseSweep]

  init(_ phase: Phase, ranks: [ReverseSweep]) {
    self.phase = phase
    self.ranks = ranks
  }

  /// Passes all adjoints back to the inputs.
  mutating func run() throws(InterpreterError) {
    guard let tape = ranks.first?.evaluator.tape else { return }
    for index in tape.records.indices.reversed() {
      let id = RecordID(index: index)
      switch tape[id].operation {
      case .replaced(let block):
        try run(phase.gradients[block], from: id)
      case .merge(let reduction, let operand, where: let condition):
        pass(reduction, operand, where: condition, from: id)
      case .source, .unary, .binary, .select, .lookUp, .regroup, .reduce:
        for rank in ranks.indices { ranks[rank].passBack(from: id) }
      }
    }
  }

  /// Passes the adjoint of a reduction over ranks, which all of them add to, to the elements of
  /// each.
  private mutating func pass(
    _ reduction: Term.Reduction, _ operand: RecordID, where condition: RecordID?,
    from id: RecordID
  ) {
    let adjoints = ranks.compactMap { $0.adjoints[id] }
    guard let first = adjoints.first else { return }
    var tasks: [ReductionTask] = []
    for rank in ranks.indices {
      tasks.append(ranks[rank].task(of: reduction, operand, where: condition))
    }
    let groups = tasks.indices.map {
      tasks[$0].groups(of: ranks[$0].evaluator.tape[operand].elements)
    }
    var shares: [[[Double?]]] = ranks.map { _ in [] }
    for place in first.values.indices {
      let live = adjoints.filter { $0.isLive[place] }
      let sum = live.reduce(0) { $0 + $1.values[place] }
      let elements = groups.flatMap { $0[place] }
      var rest =
        (live.isEmpty ? elements.map { _ in nil } : reduction.kind.adjoints(sum, of: elements))[...]
      for rank in ranks.indices {
        let count = groups[rank][place].count
        shares[rank].append(Array(rest.prefix(count)))
        rest = rest.dropFirst(count)
      }
    }
    for rank in ranks.indices { ranks[rank].give(shares[rank], of: tasks[rank], to: operand) }
  }

  /// Runs the gradient block of a value that has reached its adjoint.
  private mutating func run(
    _ block: GradientBlock, from id: RecordID
  ) throws(InterpreterError) {
    // The block's names are its own, so nothing that it defines is seen outside.
    var inner = Ensemble(ranks: ranks.map(\.evaluator))
    for rank in ranks.indices {
      let elements = ranks[rank].evaluator.tape[id].elements
      let adjoint = ranks[rank].adjoints[id]?.values ?? elements.map { _ in 0 }
      inner.ranks[rank].define(block.adjoint, elements: adjoint, differentiable: .constant)
    }
    for equation in block.equations {
      try inner.define(by: equation, replacement: nil)
    }
    for contribution in block.contributions {
      try inner.merge(contribution.term)
      for rank in ranks.indices {
        let axes = inner.ranks[rank].values[contribution.value.index].axes
        let result = try inner.ranks[rank].evaluate(contribution.term)
        ranks[rank].add(inner.ranks[rank].elements(result, over: axes), to: contribution.value)
      }
    }
    for update in block.updates {
      try inner.merge(update.term)
      for rank in ranks.indices {
        ranks[rank].states[update.value] = try inner.ranks[rank].committed(update)
      }
    }
  }
}
