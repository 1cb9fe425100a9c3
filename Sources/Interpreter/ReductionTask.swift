import Syntax

/// The elements that one reduction takes, gathered by the element of the result that they go to.
struct ReductionTask {
  let kind: ReductionKind
  /// The axes of the result.
  let axes: [AxisID]
  /// For each element of the result, the places of the operand that are taken, in order of the
  /// reduced axes. Axes that only the condition has repeat a place.
  let taken: [[Int]]
  /// How often each of them counts, for the reduced axes that nothing differs along.
  let multiplicity: Double

  /// Gathers what `kind` over `reduced` takes of `operand` where `condition` is true.
  init(
    _ kind: ReductionKind, over reduced: [AxisID], _ windows: [Term.Window], _ operand: RecordID,
    where condition: RecordID?, in evaluator: inout Evaluator
  ) {
    let operandAxes = evaluator.tape[operand].axes
    let present = Set(operandAxes + (condition.map { evaluator.tape[$0].axes } ?? []))
    let kept = present.subtracting(reduced).union(windows.flatMap(\.axes)).sorted()
    let inner = reduced.filter(present.contains)
    let places = evaluator.places(of: operandAxes, over: kept + inner)
    let isTaken =
      condition.map { evaluator.elements($0, over: kept + inner) }
      ?? Array(repeating: 1, count: places.count)
    let length = evaluator.extents.count(inner)
    let repetitions = evaluator.extents.count(reduced.filter { !present.contains($0) })
    var taken: [[Int]] = []
    for result in 0..<evaluator.extents.count(kept) {
      var group: [Int] = []
      if repetitions > 0 {
        for place in result * length..<(result + 1) * length
        where isTaken[place] != 0 {
          group.append(places[place])
        }
      }
      taken.append(group)
    }
    self.kind = kind
    self.axes = kept
    let near = windows.reduce(taken) { taken, window in
      evaluator.neighbours(in: window, of: kept).map { $0.flatMap { taken[$0] } }
    }
    self.taken = windows.isEmpty ? taken : evaluator.ordered(near, of: operandAxes)
    self.multiplicity = Double(repetitions)
  }

  /// The elements that `reduction` takes of this process.
  init(
    _ reduction: Term.Reduction, _ operand: RecordID, where condition: RecordID?,
    in evaluator: inout Evaluator
  ) {
    self.init(
      reduction.kind, over: reduction.axes, reduction.windows, operand, where: condition,
      in: &evaluator)
  }

  /// `true` iff a result that took no element is empty.
  var canBeEmpty: Bool {
    switch kind {
    case .sum, .count: false
    case .mean, .maximum, .minimum, .variance, .unbiasedVariance: true
    }
  }

  /// For each element of the result whether it is empty; `nil` if none is or can be.
  var emptiness: [Bool]? {
    let emptiness = taken.map(\.isEmpty)
    return canBeEmpty && emptiness.contains(true) ? emptiness : nil
  }

  /// The results for an operand with these elements.
  func values(of operand: [Double]) -> [Double] {
    groups(of: operand).map { kind.value(of: $0) }
  }

  /// The elements that each result takes.
  func groups(of operand: [Double]) -> [[WeightedElement]] {
    taken.map { group in
      group.map { WeightedElement(number: operand[$0], weight: multiplicity) }
    }
  }
}

/// An element that a reduction takes, and how often it counts.
struct WeightedElement {
  var number: Double
  var weight: Double
}

extension Evaluator {
  /// Evaluates a reduction.
  mutating func reduce(_ reduction: Term.Reduction) throws(InterpreterError) -> RecordID {
    if let known = merged[reduction] { return known }
    let operand = try evaluate(reduction.operand)
    var condition: RecordID?
    if let term = reduction.condition { condition = try evaluate(term) }
    let task = ReductionTask(reduction, operand, where: condition, in: &self)
    let record = Record(
      operation: .reduce(
        reduction.kind, over: reduction.axes, windows: reduction.windows, operand,
        where: condition),
      axes: task.axes, elements: task.values(of: tape[operand].elements),
      emptiness: task.emptiness, passesGradient: tape[operand].passesGradient)
    return append(record)
  }
}

extension Evaluator {
  /// Each group of places of an operand with `axes`, the first axis of the norm slowest: neighbours
  /// were found along one axis after the other.
  fileprivate mutating func ordered(_ groups: [[Int]], of axes: [AxisID]) -> [[Int]] {
    var positions = Array(repeating: 0, count: extents.count(axes))
    for (position, place) in places(of: axes, over: axes.sorted()).enumerated() {
      positions[place] = position
    }
    return groups.map { $0.sorted { positions[$0] < positions[$1] } }
  }

  /// For each place of `axes` the places that `window` takes there, in order along it.
  fileprivate mutating func neighbours(in window: Term.Window, of axes: [AxisID]) -> [[Int]] {
    let steps = places(of: axes, over: window.axes)
    return places(of: window.axes, over: axes).enumerated().map { place, middle in
      // Bounds may lie far outside the axis.
      let first = max(0, middle + window.low)
      let last = min(steps.count - 1, middle + window.high)
      return first > last ? [] : (first...last).map { place - steps[middle] + steps[$0] }
    }
  }
}
