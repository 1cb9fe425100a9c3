import Basics
import CCode
import LoopIR

/// Sums that ride while places lie in lanes: they take the rows one after the other, each as it
/// lies in memory.
///
///     for (size_t i = 0; i < C; i += LANES) {
///       lanes d_bias_sum = v_load(slots_d_bias + i, n);
///       for (size_t row = 0; row < (size_t)live; row++) {
///         const lanes d_y_of_row = v_load(d_y + (base + row) * C + i, n);
///         d_bias_sum = v_add(d_bias_sum, d_y_of_row);
///       }
///       v_store(slots_d_bias + i, d_bias_sum, n);
///     }
extension TurnedCode {
  mutating func riding(_ riders: [Rider], _ body: Body) -> [CStatement] {
    if riders.isEmpty { return [] }
    let roots = riders.flatMap(\.roots)
    let (i, n) = (CExpression.name("i"), CExpression.name("n"))
    let arrays = arraysOfScalars(body, roots)
    let code = ProgramCode(
      places.program(body, suffix: "_of_row"), kernel.type, .lanes,
      arguments: body.arguments.map { ofRow($0, arrays.names) }, roots: roots,
      names: places.scope)
    var (before, each, after): ([CStatement], [CStatement], [CStatement]) = ([], [], [])
    for rider in riders {
      let buffer = kernel.buffers[rider.slots.index]
      let sum = CExpression.name(places.scope.unique(buffer.name + "_sum"))
      guard case .name(let name) = sum else { continue }
      let slots = CExpression.add(slots(of: buffer), i)
      before.append(.declare(.named("lanes"), name, .call("v_load", slots, n)))
      each.append(.set(sum, code.sum(of: sum, and: rider.value, rider.factor)))
      after.append(.call("v_store", slots, sum, n))
    }
    let rows = CStatement.count("row", to: .cast(.size, live), code.statements + each)
    return arrays.statements + [
      .count(
        "i", to: length, by: .name("LANES"),
        [.constant(.int, "n", .cast(.int, .subtract(length, i)))] + before + [rows] + after)
    ]
  }

  /// The slots of the block.
  private func slots(of buffer: Buffer) -> CExpression {
    let place = index.blockOffset(buffer, at: Set(region.kept), block: .name("set"))
    return .add(.name(buffer.name), place)
  }

  /// Arrays of what `roots` read of each place.
  private mutating func arraysOfScalars(
    _ body: Body, _ roots: [LaneValue]
  ) -> (statements: [CStatement], names: [ScalarID: String]) {
    var statements: [CStatement] = []
    var names: [ScalarID: String] = [:]
    for case .scalar(let id) in body.arguments(of: roots)
    where !places.common.contains(id) && names[id] == nil {
      let scalar = kernel.scalars[id.index]
      let name = places.scope.unique(scalar.name + "_of_rows")
      names[id] = name
      statements += [
        .declare(.array(of: kernel.type.cType, count: .name("LANES")), name),
        .call("v_store", .name(name), .name(scalar.name), .name("LANES")),
      ]
    }
    return (statements, names)
  }

  /// What row `row` reads, from its element `i` on.
  private func ofRow(_ source: Source, _ scalars: [ScalarID: String]) -> CExpression {
    let (row, i, n) = (CExpression.name("row"), CExpression.name("i"), CExpression.name("n"))
    switch source {
    case .load(let id):
      let place = CExpression.add(places.first, row)
      switch kernel.place(of: id, region, axis) {
      case .one, .kept, nil: return places.splat(.index(places.array(id), .size(0)), .number)
      case .each: return places.splat(.index(places.array(id), place), .number)
      case .along: return .call("v_load", .add(places.array(id), i), n)
      case .row:
        return .call("v_load", .add(.add(places.array(id), .multiply(place, length)), i), n)
      }
    case .scalar(let id):
      let scalar = kernel.scalars[id.index]
      return places.common.contains(id)
        ? places.splat(.name(scalar.name), scalar.type)
        : places.splat(.index(.name(scalars[id] ?? scalar.name), row), .number)
    case .parameter, .size, .place, .within:
      unreachable("emission: a sweep that reads no elements")
    }
  }
}

extension Body {
  /// The arguments that values are made of.
  func arguments(of roots: [LaneValue]) -> [Source] {
    program.values(for: roots).compactMap { source(of: program.operations[$0.index]) }
  }
}
