import Syntax

/// Gathers the adjoints of one process, going back over the tape of its forward call.
struct ReverseSweep {
  /// The values of the forward call, with the states that gradient blocks update as they are now.
  private(set) var evaluator: Evaluator
  private(set) var adjoints: [RecordID: Adjoint] = [:]
  /// The states that gradient blocks set, after this backward.
  var states: [ValueID: [Double]] = [:]

  init(_ evaluator: Evaluator) {
    self.evaluator = evaluator
  }

  /// The derivative by the elements of one record.
  struct Adjoint {
    var values: [Double]
    /// For each element `true` iff something was passed to it. What is never selected receives
    /// nothing, and so passes nothing on, be its derivative infinite.
    var isLive: [Bool]

    init(count: Int) {
      values = Array(repeating: 0, count: count)
      isLive = Array(repeating: false, count: count)
    }
  }

  /// Adds `gradient`, in the order of memory of `value`, to the adjoint of `value`.
  mutating func add(_ gradient: [Double], to value: ValueID) {
    guard let record = evaluator.record(of: value) else { return }
    pass(over: evaluator.values[value.index].axes, to: record) { place, _ in gradient[place] }
  }

  /// The adjoint of an input, in the order of memory; exactly 0 where nothing was passed to it.
  func gradient(of value: ValueID) -> [Double] {
    guard let record = evaluator.record(of: value) else { return [] }
    return adjoints[record]?.values ?? evaluator.tape[record].elements.map { _ in 0 }
  }

  /// Passes the adjoint of `id` to what it was made from.
  ///
  /// What concerns other processes, or a gradient block, is the business of `RankedSweep`.
  mutating func passBack(from id: RecordID) {
    let record = evaluator.tape[id]
    guard let adjoint = adjoints[id] else { return }
    switch record.operation {
    case .source, .replaced, .merge: break
    case .unary(let function, let x):
      let elements = evaluator.tape[x].elements
      pass(adjoint, over: record.axes, to: x) { place, xPlace in
        function.adjoint(adjoint.values[place], elements[xPlace], record.elements[place])
      }
    case .binary(.divide, let x, let y):
      passQuotient(adjoint, of: record, x, y)
    case .binary(let function, let x, let y):
      pass(adjoint, of: record, to: x, beside: y) { function.adjointOfFirst($0, $1, $2) }
      pass(adjoint, of: record, to: y, beside: x) { function.adjointOfSecond($0, $2, $1) }
    case .select(let condition, let x, let y):
      let isTrue = evaluator.elements(condition, over: record.axes)
      pass(adjoint, over: record.axes, to: x) { place, _ in
        isTrue[place] != 0 ? adjoint.values[place] : nil
      }
      pass(adjoint, over: record.axes, to: y) { place, _ in
        isTrue[place] != 0 ? nil : adjoint.values[place]
      }
    case .regroup(let x, let from, let to):
      let others = record.axes.filter { !to.contains($0) }
      pass(adjoint, over: others + from, to: x) { place, _ in adjoint.values[place] }
    case .lookUp(let x, let along, let index):
      let places = evaluator.picked(x, along: along, at: index, over: record.axes)
      scatter(adjoint, to: x, at: places)
    case .reduce(let kind, let axes, let windows, let operand, let condition):
      let task = ReductionTask(
        kind, over: axes, windows, operand, where: condition, in: &evaluator)
      pass(adjoint, of: task, to: operand)
    }
  }

  /// Passes on the adjoint of `x / y`.
  ///
  /// `x / sqrt(v)` is the reciprocal square root of v, times x: its derivative by v is
  /// `-x / (2 v sqrt(v))`, infinite at 0, where that of `sqrt` would be 0.
  private mutating func passQuotient(
    _ adjoint: Adjoint, of record: Record, _ x: RecordID, _ y: RecordID
  ) {
    let function = BinaryFunction.divide
    pass(adjoint, of: record, to: x, beside: y) { function.adjointOfFirst($0, $1, $2) }
    if case .unary(.squareRoot, let v) = evaluator.tape[y].operation {
      pass(adjoint, of: record, to: v, beside: x) { g, v, x in
        -0.5 * g * x / (v * v.squareRoot())
      }
    } else {
      pass(adjoint, of: record, to: y, beside: x) { function.adjointOfSecond($0, $2, $1) }
    }
  }

  /// Adds to the adjoint of `x` what `share` makes of the adjoint of `record`, the element of `x`
  /// and that of `y`.
  private mutating func pass(
    _ adjoint: Adjoint, of record: Record, to x: RecordID, beside y: RecordID,
    _ share: (Double, Double, Double) -> Double?
  ) {
    guard evaluator.tape[x].passesGradient else { return }
    let xElements = evaluator.tape[x].elements
    let yElements = evaluator.elements(y, over: record.axes)
    pass(adjoint, over: record.axes, to: x) { place, xPlace in
      share(adjoint.values[place], xElements[xPlace], yElements[place])
    }
  }

  /// Adds to the adjoint of `operand`, for each place of `axes` where `adjoint` is live, the share
  /// of that place; summed over the axes that the operand lacks.
  private mutating func pass(
    _ adjoint: Adjoint? = nil, over axes: [AxisID], to operand: RecordID,
    _ share: (_ place: Int, _ operandPlace: Int) -> Double?
  ) {
    let target = evaluator.tape[operand]
    guard target.passesGradient else { return }
    var sum = adjoints.removeValue(forKey: operand) ?? Adjoint(count: target.elements.count)
    let places = evaluator.places(of: target.axes, over: axes)
    let isLive = adjoint?.isLive ?? Array(repeating: true, count: places.count)
    for place in places.indices where isLive[place] {
      guard let share = share(place, places[place]) else { continue }
      sum.values[places[place]] += share
      sum.isLive[places[place]] = true
    }
    adjoints[operand] = sum
  }

  /// Adds each element of `adjoint` to the element of `operand` that it was read from.
  private mutating func scatter(_ adjoint: Adjoint, to operand: RecordID, at places: [Int]) {
    let target = evaluator.tape[operand]
    guard target.passesGradient else { return }
    var sum = adjoints.removeValue(forKey: operand) ?? Adjoint(count: target.elements.count)
    for (place, source) in places.enumerated() where adjoint.isLive[place] {
      sum.values[source] += adjoint.values[place]
      sum.isLive[source] = true
    }
    adjoints[operand] = sum
  }

  /// Passes the adjoint of a reduction to the elements that it took.
  private mutating func pass(_ adjoint: Adjoint, of task: ReductionTask, to operand: RecordID) {
    let groups = task.groups(of: evaluator.tape[operand].elements)
    let shares = groups.indices.map { result in
      adjoint.isLive[result] ? task.kind.adjoints(adjoint.values[result], of: groups[result]) : []
    }
    give(shares, of: task, to: operand)
  }

  /// Gives the elements that a reduction took, result by result, their shares.
  mutating func give(_ shares: [[Double?]], of task: ReductionTask, to operand: RecordID) {
    let target = evaluator.tape[operand]
    guard target.passesGradient else { return }
    var sum = adjoints.removeValue(forKey: operand) ?? Adjoint(count: target.elements.count)
    for (group, shares) in zip(task.taken, shares) {
      for (place, share) in zip(group, shares) {
        guard let share else { continue }
        sum.values[place] += share
        sum.isLive[place] = true
      }
    }
    adjoints[operand] = sum
  }

  /// The elements that a reduction over ranks took of this process.
  mutating func task(
    of reduction: Term.Reduction, _ operand: RecordID, where condition: RecordID?
  ) -> ReductionTask {
    ReductionTask(reduction, operand, where: condition, in: &evaluator)
  }
}
