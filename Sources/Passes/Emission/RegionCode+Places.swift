import CCode
import LoopIR

/// What is done at a place of the kept axes.
struct PlaceBody {
  /// Up to the last statistic.
  var statistics: [CStatement]
  /// From the first sweep that writes.
  var results: [CStatement]
  /// The scalars that the first part makes for the second.
  var carried: [Scalar]

  var whole: [CStatement] {
    statistics + (statistics.isEmpty || results.isEmpty ? [] : [.blank]) + results
  }

  /// `true` iff a few places are taken together.
  var isSplit: Bool { !statistics.isEmpty && !results.isEmpty }
}

extension RegionCode {
  /// The loop over the places of `axes` from `first` to `last`; `variable` counts them where there
  /// is more than one axis.
  func places(
    of axes: [Int], _ body: PlaceBody, from first: CExpression, to last: CExpression,
    variable: String = "place"
  ) -> [CStatement] {
    let one = { (code: [CStatement], first: CExpression, last: CExpression) -> CStatement in
      eachPlace(of: axes, code, from: first, to: last, variable)
    }
    guard body.isSplit else {
      return [one(pointers(toKept: nil, in: body.whole), first, last)]
    }
    let (base, end, together) = (
      CExpression.name("base"), CExpression.name("end"), CExpression.name("in_flight")
    )
    let place = axes.count == 1 ? index.place(axes[0]) : .name(variable)
    let slot = { (scalar: Scalar) in
      CExpression.index(.name("each_" + scalar.name), .subtract(place, base))
    }
    let arrays = body.carried.map { scalar in
      CStatement.declare(
        .array(of: scalar.columnElement(kernel.type), count: .name("IN_FLIGHT")),
        "each_" + scalar.name)
    }
    let kept = body.carried.map { CStatement.set(slot($0), .name($0.name)) }
    let read = body.carried.map {
      CStatement.constant($0.type.cType(kernel.type), $0.name, slot($0))
    }
    let group =
      [CStatement.constant(.size, "end", .call("smaller", last, .add(base, together)))] + arrays
      + [body.statistics + kept, read + body.results].map { code in
        one(pointers(toKept: .subtract(place, base), in: code), base, end)
      }
    return [.count("base", from: first, to: last, by: together, group)]
  }

  func eachPlace(
    of axes: [Int], _ code: [CStatement], from first: CExpression, to last: CExpression,
    _ variable: String
  ) -> CStatement {
    let isOne = axes.count == 1
    let decoded = isOne ? [] : index.decoded(axes, from: variable)
    let name = isOne ? index.placeName(axes[0]) : variable
    let body = UsedNames.declarations(decoded, in: code) + code
    return rowsOfSet?.loop(name, from: first, body) ?? .count(name, from: first, to: last, body)
  }

  /// The rows that sweeps keep values in.
  var keptRows: [Buffer] {
    region.steps.flatMap { step -> [Buffer] in
      guard case .reduce(let step) = step else { return [] }
      return step.keeps.map { kernel.buffers[$0.row.index] }
    }
  }

  /// The declarations of these rows for places that are taken together: so many elements.
  func keptDeclarations(of count: CExpression) -> [CStatement] {
    keptRows.map { row in
      .declare(.array(of: kernel.type.cType, count: count), row.name + "_rows")
    }
  }

  /// `code` behind the addresses of the rows that it keeps, of the place `number` of those that are
  /// taken together.
  func pointers(toKept number: CExpression?, in code: [CStatement]) -> [CStatement] {
    let declarations = keptRows.map { row -> CStatement in
      let rows = CExpression.name(row.name + "_rows")
      return .constant(
        .pointer(to: kernel.type.cType), row.name,
        number.map { .add(rows, .multiply($0, index.size(row.axes))) } ?? rows)
    }
    return UsedNames.declarations(declarations, in: code) + code
  }

  /// How many rows of columns are taken together.
  var rowsTogether: [CStatement] {
    let (columns, stretch) = (CExpression.name("columns"), CExpression.name("stretch"))
    return [
      .constant(.size, RowGroup.together, .call("rows_together", columns)),
      .constant(
        .size, RowGroup.rowPairs, .call("row_pairs_together", columns, stretch, isFar)),
    ]
  }

  /// How many places are taken together.
  var inFlight: [CStatement] {
    guard region.isSplit(in: kernel) else { return [] }
    let number = CExpression.pointerMember(.name("call"), together)
    return [
      .constant(
        .size, "in_flight",
        isSwitch(.stream)
          ? .conditional(.name(KernelSwitch.stream.rawValue), .size(1), number) : number)
    ]
  }
}

extension Region {
  /// `true` iff a few places are better taken together: the processor then works on the next
  /// place's sums while it waits for the divisions and roots of the last. With more than a tensor
  /// that is read and one that is written, they would be more than the first cache holds.
  func isSplit(in kernel: LoopKernel) -> Bool {
    let sums = steps[..<firstStore].contains { if case .reduce = $0 { true } else { false } }
    return columns.isEmpty && !kept.isEmpty && firstStore < steps.count && sums
      && kernel.tensors(of: self).count <= 2
  }

  /// The place of the first step that sweeps to write.
  var firstStore: Int {
    steps.firstIndex { if case .store = $0 { true } else { false } } ?? steps.count
  }
}

extension LaneType {
  /// The type of one value in C.
  func cType(_ compute: ComputeType) -> CType {
    switch self {
    case .number: compute.cType
    case .wide: .double
    case .condition: .bool
    case .integer, .wideInteger: .named("int64_t")
    }
  }
}
