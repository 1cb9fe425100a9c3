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
    self.taken = windows.reduce(taken) { taken, window in
      evaluator.neighbours(in: window, of: kept).map { $0.flatMap { taken[$0] } }
    }
    self.multiplicity = Double(repetitions)
  }

  /// For each element of the result whether it is empty; `nil` if none is or can be.
  var emptiness: [Bool]? {
    switch kind {
    case .sum, .count: return nil
    case .mean, .maximum, .minimum, .variance, .unbiasedVariance:
      let emptiness = taken.map(\.isEmpty)
      return emptiness.contains(true) ? emptiness : nil
    }
  }

  /// The results for an operand with these elements.
  func values(of operand: [Double]) -> [Double] {
    taken.map { group in value(of: group.map { operand[$0] }) }
  }

  /// The reduction of the elements taken for one result.
  private func value(of elements: [Double]) -> Double {
    switch kind {
    case .sum: elements.reduce(0, +) * multiplicity
    case .mean: mean(elements)
    case .maximum:
      winner(of: elements).map { elements[$0] + 0 } ?? -.infinity
    case .minimum:
      winner(of: elements).map { elements[$0] + 0 } ?? .infinity
    case .variance: squaredDeviations(elements) / max(Double(elements.count), 1)
    case .unbiasedVariance:
      squaredDeviations(elements) * multiplicity / freedom(elements)
    // Its operand is a condition.
    case .count: Double(elements.count { $0 != 0 }) * multiplicity
    }
  }

  /// What each element taken for one result receives from the result's adjoint `g`; `nil` for
  /// nothing.
  func adjoints(_ g: Double, of elements: [Double]) -> [Double?] {
    switch kind {
    case .sum:
      return elements.map { _ in g * multiplicity }
    case .mean:
      return elements.map { _ in g / Double(elements.count) }
    case .maximum, .minimum:
      let winner = winner(of: elements)
      return elements.indices.map { $0 == winner ? g : nil }
    // The share of the mean vanishes, because the deviations sum to 0.
    case .variance:
      let mean = mean(elements)
      return elements.map { g * 2 * ($0 - mean) / Double(elements.count) }
    case .unbiasedVariance:
      let mean = mean(elements)
      return elements.map { g * 2 * ($0 - mean) * multiplicity / freedom(elements) }
    case .count:
      return elements.map { _ in nil }
    }
  }

  /// The place of the first element that no other beats; a NaN beats all, and stays.
  private func winner(of elements: [Double]) -> Int? {
    guard var best = elements.indices.first else { return nil }
    for place in elements.indices.dropFirst() where !elements[best].isNaN {
      let element = elements[place]
      let isBetter = kind == .minimum ? element < elements[best] : element > elements[best]
      if isBetter || element.isNaN { best = place }
    }
    return best
  }

  /// The count less one; of one element 1, so that it has the biased value.
  private func freedom(_ elements: [Double]) -> Double {
    max(Double(elements.count) * multiplicity - 1, 1)
  }
}

/// The mean; of nothing 0.
private func mean(_ elements: [Double]) -> Double {
  elements.isEmpty ? 0 : elements.reduce(0, +) / Double(elements.count)
}

/// The sum of the squared deviations from the mean.
private func squaredDeviations(_ elements: [Double]) -> Double {
  let mean = mean(elements)
  return elements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
}

extension Evaluator {
  /// Evaluates a reduction.
  mutating func reduce(_ reduction: Term.Reduction) throws(InterpreterError) -> RecordID {
    let operand = try evaluate(reduction.operand)
    var condition: RecordID?
    if let term = reduction.condition { condition = try evaluate(term) }
    let task = ReductionTask(
      reduction.kind, over: reduction.axes, reduction.windows, operand, where: condition,
      in: &self)
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
