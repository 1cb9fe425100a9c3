import CCode
import LoopIR

/// Writes a reduction along columns: each column has one slot, and an element of every array.
struct ColumnAccumulatorCode: AccumulatorLevels {
  private let accumulator: Accumulator
  private let kernel: LoopKernel
  /// `true` iff only some rows of a block are taken, which are counted.
  private let isOfSelectedRows: Bool

  init(_ accumulator: Accumulator, _ kernel: LoopKernel, isOfSelectedRows: Bool) {
    self.accumulator = accumulator
    self.kernel = kernel
    self.isOfSelectedRows = isOfSelectedRows
  }

  private func scalar(_ id: ScalarID) -> Scalar { kernel.scalars[id.index] }

  /// The array of results, of a reduction that has one.
  private var result: String {
    switch accumulator.kind {
    case .total(let id), .maximum(let id), .minimum(let id): scalar(id).columnArray
    case .moments: accumulator.name + "_moments"
    }
  }

  private var slots: String { accumulator.slots }
  private var counts: String { accumulator.counts }
  private var squares: String { accumulator.squares }
  private var blockMean: String { accumulator.blockMean }
  private var part: String { "part_" + accumulator.name }
  private var number: CType { kernel.type.cType }

  private var zero: CExpression { kernel.type == .float32 ? .float(0) : .double(0) }

  // Steps

  var firstActions: [StepCode.Action] {
    let (value, condition) = (accumulator.value, accumulator.condition)
    switch accumulator.kind {
    case .total:
      return [.add(slots: slots, value, factor: accumulator.factor, condition: condition)]
    case .moments:
      let sum = StepCode.Action.add(slots: slots, value, factor: nil, condition: condition)
      return [sum] + (condition.map { [.count(slots: counts, condition: $0)] } ?? [])
    case .maximum(let id), .minimum(let id):
      if accumulator.isWideExtreme(in: kernel) {
        return [
          .wideExtreme(
            value, name: scalar(id).name, condition: condition, isMaximum: accumulator.isMaximum)
        ]
      }
      return [.extreme(slots: slots, value, condition: condition, isMaximum: accumulator.isMaximum)]
    }
  }

  var secondAction: StepCode.Action? {
    guard case .moments = accumulator.kind else { return nil }
    return .deviations(
      accumulator.value, mean: blockMean, sum: slots, squares: squares,
      condition: accumulator.condition)
  }

  // Blocks

  private func array(_ type: CType, _ name: String) -> CStatement {
    .declare(.array(of: type, count: .name("COLUMNS")), name)
  }

  private func slotArray(_ name: String, _ value: CExpression) -> [CStatement] {
    let count = CExpression.divide(.name("COLUMNS"), .name("LANES"))
    return [
      .declare(.array(of: .named("lanes"), count: count), name), filled(name, value),
    ]
  }

  private func filled(_ name: String, _ value: CExpression) -> CStatement {
    .expression(.callVariant("fill_columns", [width, .name(name), value]))
  }

  private func stored(_ slots: String, in values: String) -> [CStatement] {
    [
      array(number, values),
      .expression(.callVariant("store_columns", [width, .name(slots), .name(values)])),
    ]
  }

  private let width = CExpression.name("width")

  private func eachColumn(_ body: [CStatement]) -> CStatement {
    .count("c", to: width, body)
  }

  private func at(_ name: String) -> CExpression { .index(.name(name), .name("c")) }

  private func widened(_ value: CExpression) -> CExpression {
    kernel.type == .float32 ? .cast(.double, value) : value
  }

  var clear: [CStatement] {
    switch accumulator.kind {
    case .total: return slotArray(slots, zero)
    case .moments:
      return slotArray(slots, zero)
        + (accumulator.condition == nil ? [] : slotArray(counts, zero))
    case .maximum, .minimum:
      if accumulator.isWideExtreme(in: kernel) { return [] }
      return slotArray(
        slots, kernel.type == .float32 ? accumulator.nothing : .cast(.double, accumulator.nothing))
    }
  }

  var combined: [CStatement] {
    switch accumulator.kind {
    case .total:
      return [.expression(.callVariant("add_block", [width, .name(part), .name(slots)]))]
    case .moments:
      if areTogether {
        let means = CStatement.expression(
          .callVariant("mean_columns", [width, .name(slots), count, .name(blockMean)]))
        return [array(number, blockMean), means]
      }
      let counted = stored(counts, in: counts + "_of_block")
      let mean = CStatement.assignment(at(blockMean), .divide, .cast(number, count))
      return counted + stored(slots, in: blockMean) + [eachColumn([mean])]
    case .maximum, .minimum:
      if accumulator.isWideExtreme(in: kernel) { return [] }
      let (best, block) = (at(result), at(blockMean))
      let wins = CExpression.binary(accumulator.isMaximum ? .greater : .less, best, block)
      let isNaN = CExpression.binary(.notEqual, best, best)
      return stored(slots, in: blockMean) + [
        eachColumn([.set(best, .conditional(.or(wins, isNaN), best, block))])
      ]
    }
  }

  /// How many elements of a column the block has.
  private var count: CExpression {
    if accumulator.condition != nil { return widened(at(counts + "_of_block")) }
    if isOfSelectedRows { return .cast(.double, .name(RowSelectionCode.rowsTaken)) }
    let range = CExpression.name("range")
    return .cast(
      .double, .subtract(.member(range, "last_segment"), .member(range, "first_segment")))
  }

  var clearDeviations: [CStatement] {
    guard case .moments = accumulator.kind else { return [] }
    return [filled(slots, zero)] + slotArray(squares, zero)
  }

  var combinedDeviations: [CStatement] {
    guard case .moments = accumulator.kind else { return [] }
    if areTogether {
      return [
        .expression(
          .callVariant(
            "merge_block",
            [
              width, .address(of: .name(part)), count, .name(blockMean), .name(slots),
              .name(squares),
            ]))
      ]
    }
    let (deviations, sums) = (accumulator.name + "_deviations", squares + "_of_block")
    let block = CExpression.call(
      "block_moments", count, widened(at(blockMean)), widened(at(deviations)),
      widened(at(sums)))
    return stored(slots, in: deviations) + stored(squares, in: sums)
      + [eachColumn([.set(at(part), .call("merge", at(part), block))])]
  }

  // Parts and the whole

  /// Sums of nothing; those of columns beyond the ones in use are not set.
  static func noSums(_ name: String) -> [CStatement] {
    [
      .declare(.array(of: .double, count: .name("COLUMNS")), name),
      .expression(.callVariant("no_sums", [.name("width"), .name(name)])),
    ]
  }

  /// `true` iff all columns of a stretch have the same count, so that their moments are made in
  /// lanes.
  private var areTogether: Bool { accumulator.condition == nil }

  private let columnMoments = CType.named("column_moments")

  private func merged(_ all: String, _ part: String) -> CStatement {
    .expression(
      .callVariant("merge_columns", [width, .address(of: .name(all)), .address(of: .name(part))]))
  }

  private func noMoments(_ name: String) -> [CStatement] {
    if areTogether {
      return [
        .declare(columnMoments, name),
        .expression(.callVariant("no_moments", [width, .address(of: .name(name))])),
      ]
    }
    let none = CExpression.initializer([
      CInitializer(.integer(0)), CInitializer(.integer(0)), CInitializer(.integer(0)),
    ])
    return [
      .declare(
        .array(of: .named("moments"), count: .name("COLUMNS")), name,
        .initializer([CInitializer(none)]))
    ]
  }

  var openPart: [CStatement] {
    switch accumulator.kind {
    case .total: Self.noSums(part)
    // The first of its blocks sets the rest.
    case .moments where areTogether:
      [.declare(columnMoments, part), .set(.member(.name(part), "count"), .double(0))]
    case .moments: noMoments(part)
    case .maximum, .minimum: []
    }
  }

  var closePart: [CStatement] {
    switch accumulator.kind {
    case .total: [.expression(.callVariant("add_part", [width, .name(result), .name(part)]))]
    case .moments where areTogether: [merged(result, part)]
    case .moments: [eachColumn([.set(at(result), .call("merge", at(result), at(part)))])]
    case .maximum, .minimum: []
    }
  }

  var open: [CStatement] {
    switch accumulator.kind {
    case .total: return Self.noSums(result)
    case .moments: return noMoments(result)
    case .maximum, .minimum:
      let type = accumulator.isWideExtreme(in: kernel) ? CType.double : number
      let start =
        type == .double ? CExpression.cast(.double, accumulator.nothing) : accumulator.nothing
      return [array(type, result), eachColumn([.set(at(result), start)])]
    }
  }

  /// The mean or the squares of a column.
  private func moment(_ member: String) -> CExpression {
    areTogether
      ? .index(.member(.name(result), member), .name("c")) : .member(at(result), member)
  }

  var close: [CStatement] {
    guard case .moments(let mean, let squares) = accumulator.kind else { return [] }
    var arrays: [CStatement] = []
    var body: [CStatement] = []
    for (id, member) in [(mean, "mean"), (squares, "squares")] {
      guard let id else { continue }
      let name = scalar(id).columnArray
      arrays.append(array(.double, name))
      body.append(.set(at(name), moment(member)))
    }
    return arrays + [eachColumn(body)]
  }
}

extension Scalar {
  /// The array that holds it for each column of a place.
  var columnArray: String { "column_" + name }

  /// The type of an element of that array.
  func columnElement(_ type: ComputeType) -> CType {
    switch self.type {
    case .number: type.cType
    case .wide: .double
    case .condition: .named("uint8_t")
    case .integer, .wideInteger: .named("int64_t")
    }
  }
}
