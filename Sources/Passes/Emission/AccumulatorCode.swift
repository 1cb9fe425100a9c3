import CCode
import LoopIR

/// What one reduction of a sweep does at each level of the canonical order.
protocol AccumulatorLevels {
  var firstActions: [StepCode.Action] { get }
  /// What the second pass over a block does; `nil` if there is none.
  var secondAction: StepCode.Action? { get }
  /// Before and after the first pass over a block.
  var clear: [CStatement] { get }
  var combined: [CStatement] { get }
  /// Before and after the second pass.
  var clearDeviations: [CStatement] { get }
  var combinedDeviations: [CStatement] { get }
  /// Before and after the blocks of a part.
  var openPart: [CStatement] { get }
  var closePart: [CStatement] { get }
  /// Before and after all parts.
  var open: [CStatement] { get }
  var close: [CStatement] { get }
}

/// Writes a reduction along a run: slots lie along the run, and are combined in each block.
struct AccumulatorCode: AccumulatorLevels {
  private let accumulator: Accumulator
  private let kernel: LoopKernel

  /// `true` iff the sweep has more than one segment.
  private let hasSegments: Bool

  /// `true` iff only some rows of a block are taken, which are counted.
  private let isOfSelectedRows: Bool

  init(
    _ accumulator: Accumulator, _ kernel: LoopKernel, _ sweep: Sweep, isOfSelectedRows: Bool
  ) {
    self.isOfSelectedRows = isOfSelectedRows
    self.accumulator = accumulator
    self.kernel = kernel
    hasSegments = !sweep.segments.isEmpty
  }

  private func scalar(_ id: ScalarID) -> Scalar { kernel.scalars[id.index] }

  /// The name of the result, of one that has one name.
  private var name: String {
    switch accumulator.kind {
    case .total(let id), .maximum(let id), .minimum(let id): scalar(id).name
    case .moments: accumulator.name
    }
  }

  private var slots: String { accumulator.slots }
  private var counts: String { accumulator.counts }
  private var squares: String { accumulator.squares }
  private var blockMean: String { accumulator.blockMean }
  private var blockCount: String { accumulator.name + "_count" }
  private var partName: String { "part_" + name }
  private var pair: String { accumulator.name + "_moments" }
  private var number: CType { kernel.type.cType }
  private let lanes = CType.array(of: .named("lanes"), count: .name("VECTORS"))

  // Steps

  var firstActions: [StepCode.Action] {
    guard case .moments = accumulator.kind, let condition = accumulator.condition else {
      return [firstAction]
    }
    return [firstAction, .count(slots: counts, condition: condition)]
  }

  private var firstAction: StepCode.Action {
    let (value, condition) = (accumulator.value, accumulator.condition)
    switch accumulator.kind {
    case .total, .moments:
      return .add(slots: slots, value, factor: accumulator.factor, condition: condition)
    case .maximum, .minimum:
      if accumulator.isWideExtreme(in: kernel) {
        return .wideExtreme(
          value, name: name, condition: condition, isMaximum: accumulator.isMaximum)
      }
      return .extreme(slots: slots, value, condition: condition, isMaximum: accumulator.isMaximum)
    }
  }

  var secondAction: StepCode.Action? {
    guard case .moments = accumulator.kind else { return nil }
    return .deviations(
      accumulator.value, mean: blockMean, sum: slots, squares: squares,
      condition: accumulator.condition)
  }

  // Blocks

  var clear: [CStatement] {
    switch accumulator.kind {
    case .total: return emptied(slots)
    case .moments: return emptied(slots) + (accumulator.condition == nil ? [] : emptied(counts))
    case .maximum, .minimum:
      if accumulator.isWideExtreme(in: kernel) { return [] }
      let fill = CStatement.expression(
        .callVariant("fill", [.name(slots), number(accumulator.nothing)]))
      return [.declare(lanes, slots), fill]
    }
  }

  private func emptied(_ slots: String) -> [CStatement] {
    [.declare(lanes, slots), .expression(.callVariant("clear", [.name(slots)]))]
  }

  private func number(_ value: CExpression) -> CExpression {
    kernel.type == .float32 ? value : .cast(.double, value)
  }

  private func combine(_ slots: String, by function: String = "combine") -> CExpression {
    .callVariant(function, [.name(slots)])
  }

  private func widened(_ value: CExpression) -> CExpression {
    kernel.type == .float32 ? .cast(.double, value) : value
  }

  var combined: [CStatement] {
    switch accumulator.kind {
    case .total: return [.add(.name(partName), widened(combine(slots)))]
    case .maximum, .minimum:
      if accumulator.isWideExtreme(in: kernel) { return [] }
      let block = CExpression.name(blockMean)
      let best = CExpression.name(name)
      let wins = CExpression.binary(accumulator.isMaximum ? .greater : .less, best, block)
      let isNaN = CExpression.binary(.notEqual, best, best)
      return [
        .constant(
          number, blockMean,
          combine(slots, by: accumulator.isMaximum ? "combine_max" : "combine_min")),
        .set(best, .conditional(.or(wins, isNaN), best, block)),
      ]
    case .moments:
      return [
        .constant(.double, blockCount, countOfBlock),
        .constant(
          number, blockMean,
          .divide(combine(slots), .cast(number, .name(blockCount)))),
      ]
    }
  }

  /// How many elements of the block are taken.
  private var countOfBlock: CExpression {
    if accumulator.condition != nil { return widened(combine(counts)) }
    let range = CExpression.name("range")
    let elements = CExpression.subtract(.member(range, "last"), .member(range, "first"))
    if !hasSegments { return .cast(.double, elements) }
    let segments =
      isOfSelectedRows
      ? CExpression.name(RowSelectionCode.rowsTaken)
      : .subtract(.member(range, "last_segment"), .member(range, "first_segment"))
    return .cast(.double, .multiply(segments, elements))
  }

  var clearDeviations: [CStatement] {
    guard case .moments = accumulator.kind else { return [] }
    return [.expression(.callVariant("clear", [.name(slots)]))] + emptied(squares)
  }

  /// Before the second pass over a row whose first pass lies elsewhere.
  var clearDeviationsOfRow: [CStatement] {
    guard case .moments = accumulator.kind else { return [] }
    return emptied(slots) + emptied(squares)
  }

  var combinedDeviations: [CStatement] {
    guard case .moments = accumulator.kind else { return [] }
    let block = CExpression.call(
      "block_moments", .name(blockCount), widened(.name(blockMean)), widened(combine(slots)),
      widened(combine(squares)))
    return [.set(.name(partName), .call("merge", .name(partName), block))]
  }

  // Parts and the whole

  private let noMoments = CExpression.initializer([
    CInitializer(.integer(0)), CInitializer(.integer(0)), CInitializer(.integer(0)),
  ])

  var openPart: [CStatement] {
    switch accumulator.kind {
    case .total: [.declare(.double, partName, .double(0))]
    case .moments: [.declare(.named("moments"), partName, noMoments)]
    case .maximum, .minimum: []
    }
  }

  var closePart: [CStatement] {
    switch accumulator.kind {
    case .total: [.add(.name(name), .name(partName))]
    case .moments: [.set(.name(pair), .call("merge", .name(pair), .name(partName)))]
    case .maximum, .minimum: []
    }
  }

  var open: [CStatement] {
    switch accumulator.kind {
    case .total: [.declare(.double, name, .double(0))]
    case .moments: [.declare(.named("moments"), pair, noMoments)]
    case .maximum, .minimum:
      [
        .declare(
          accumulator.isWideExtreme(in: kernel) ? .double : number, name,
          accumulator.isWideExtreme(in: kernel) ? accumulator.nothing : number(accumulator.nothing))
      ]
    }
  }

  var close: [CStatement] {
    guard case .moments(let mean, let squares) = accumulator.kind else { return [] }
    var result: [CStatement] = []
    if let mean {
      result.append(.constant(.double, scalar(mean).name, .member(.name(pair), "mean")))
    }
    if let squares {
      result.append(.constant(.double, scalar(squares).name, .member(.name(pair), "squares")))
    }
    return result
  }
}

// What local variables are called.
extension Accumulator {
  var slots: String { name + "_slots" }
  /// Of how many elements each slot has taken.
  var counts: String { name + "_counts" }
  /// Slots of squared deviations.
  var squares: String { name + "_squares" }
  /// The mean from which deviations are taken, or the extreme.
  var blockMean: String { name + "_of_block" }
}

extension Accumulator {
  var isMoments: Bool { if case .moments = kind { true } else { false } }
  var isMaximum: Bool { if case .maximum = kind { true } else { false } }

  /// `true` iff it finds an extreme of places, which are wide: then it has no slots.
  func isWideExtreme(in kernel: LoopKernel) -> Bool {
    switch kind {
    case .maximum(let id), .minimum(let id):
      kernel.scalars[id.index].type == .wide && kernel.type == .float32
    case .total, .moments: false
    }
  }

  /// The extreme of no element.
  var nothing: CExpression {
    let infinity = CExpression.name("INFINITY")
    return isMaximum ? .negate(infinity) : infinity
  }
}
