import Syntax

/// Goes back over the tape of a forward call and gathers adjoints.
struct ReverseSweep {
  private let phase: Phase
  /// The values of the forward call, with the states that gradient blocks update as they are now.
  private var evaluator: Evaluator
  private var adjoints: [RecordID: Adjoint] = [:]
  /// The states that gradient blocks set, after this backward.
  private(set) var states: [ValueID: [Double]] = [:]

  init(_ phase: Phase, evaluator: Evaluator) {
    self.phase = phase
    self.evaluator = evaluator
  }

  /// The derivative by the elements of one record.
  private struct Adjoint {
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

  /// Passes all adjoints back to the inputs.
  mutating func run() throws(InterpreterError) {
    for index in evaluator.tape.records.indices.reversed() {
      try passBack(from: RecordID(index: index))
    }
  }

  /// The adjoint of an input, in the order of memory; exactly 0 where nothing was passed to it.
  func gradient(of value: ValueID) -> [Double] {
    guard let record = evaluator.record(of: value) else { return [] }
    return adjoints[record]?.values ?? evaluator.tape[record].elements.map { _ in 0 }
  }

  /// Passes the adjoint of `id` to what it was made from.
  private mutating func passBack(from id: RecordID) throws(InterpreterError) {
    let record = evaluator.tape[id]
    if case .replaced(let block) = record.operation {
      return try run(phase.gradients[block], adjoint: adjoints[id], of: record)
    }
    guard let adjoint = adjoints[id] else { return }
    switch record.operation {
    case .source, .replaced: break
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
    let target = evaluator.tape[operand]
    guard target.passesGradient else { return }
    var sum = adjoints.removeValue(forKey: operand) ?? Adjoint(count: target.elements.count)
    for (result, group) in task.taken.enumerated() where adjoint.isLive[result] {
      let shares = task.adjoints(adjoint.values[result], of: group.map { target.elements[$0] })
      for (place, share) in zip(group, shares) {
        guard let share else { continue }
        sum.values[place] += share
        sum.isLive[place] = true
      }
    }
    adjoints[operand] = sum
  }

  /// Runs the gradient block of a value that has reached its `adjoint`.
  private mutating func run(
    _ block: GradientBlock, adjoint: Adjoint?, of record: Record
  ) throws(InterpreterError) {
    let zero = Adjoint(count: record.elements.count)
    // The block's names are its own, so nothing that it defines is seen outside.
    var inner = evaluator
    inner.define(
      block.adjoint, elements: (adjoint ?? zero).values, differentiable: .constant)
    for equation in block.equations {
      try inner.define(by: equation, replacement: nil)
    }
    for contribution in block.contributions {
      let axes = evaluator.values[contribution.value.index].axes
      let result = try inner.evaluate(contribution.term)
      add(inner.elements(result, over: axes), to: contribution.value)
    }
    for update in block.updates {
      states[update.value] = try inner.committed(update)
    }
  }
}
