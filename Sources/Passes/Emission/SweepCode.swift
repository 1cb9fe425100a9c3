import CCode
import LoopIR

/// Writes one sweep: its step functions, and the loops that call them.
struct SweepCode {
  let kernel: LoopKernel
  private let index: IndexCode
  private let sweep: Sweep
  private let body: Body
  /// The name of the sweep in C; step functions are named after it.
  private let name: String
  private(set) var functions: [CFunction] = []

  init(_ kernel: LoopKernel, _ sweep: Sweep, _ body: Body, name: String) {
    self.kernel = kernel
    index = IndexCode(axes: kernel.axes)
    self.sweep = sweep
    self.body = body
    self.name = name
  }

  private var number: CType { kernel.type.cType }

  /// A call of a step function that does `actions`, for as many elements as are left.
  private mutating func step(_ suffix: String, _ actions: [StepCode.Action]) -> Call {
    var code = StepCode(kernel, run: sweep.run, body: body, actions: actions)
    let function = "\(name)_\(suffix)"
    functions.append(code.function(function, "One step of \(what(actions))."))
    return Call(function: function, arguments: code.parameters)
  }

  private func what(_ actions: [StepCode.Action]) -> String {
    actions.map { action in
      switch action {
      case .add(let slots, _, _, _), .extreme(let slots, _, _, _), .count(let slots, _): slots
      case .wideExtreme(_, let name, _, _): name
      case .deviations(_, let mean, _, _, _): "the deviations from \(mean)"
      case .store(_, let buffer, _): kernel.buffers[buffer.index].name
      }
    }.joined(separator: ", ")
  }

  private struct Call {
    let function: String
    let arguments: [(parameter: CParameter, argument: CExpression)]

    func statement(live: CExpression) -> CStatement {
      .expression(
        .callVariant(
          function,
          arguments.map { $0.parameter.name == "live" ? live : $0.argument }))
    }
  }

  /// The loops of a sweep that writes.
  mutating func store(_ stores: [(value: LaneValue, buffer: BufferID)]) -> [CStatement] {
    let mayBeNull = stores.count > 1
    let call = step(
      "step",
      stores.map { StepCode.Action.store($0.value, $0.buffer, mayBeNull: mayBeNull) })
    let run = steps(call, from: .size(0), to: index.size(sweep.run))
    var loops = run
    for axis in sweep.segments.reversed() {
      loops = [.count(index.placeName(axis), to: index.extent(axis), loops)]
    }
    guard let only = stores.first, !mayBeNull else { return loops }
    return [.branch(kernel.buffers[only.buffer.index].array, loops)]
  }

  /// The steps from element `first` to `last`: whole ones, then the rest.
  private func steps(
    _ call: Call, from first: CExpression, to last: CExpression
  ) -> [CStatement] {
    if sweep.run.isEmpty { return [call.statement(live: .integer(1))] }
    let j = CExpression.name("j")
    let slots = CExpression.name("SLOTS")
    let whole = CLoop(
      nil, while: .binary(.lessOrEqual, .add(j, slots), last), step: .add(j, slots),
      [call.statement(live: slots)])
    let rest = CExpression.cast(.int, .subtract(last, j))
    return [
      .declare(.size, "j", first), .loop(whole),
      .branch(.less(j, last), [call.statement(live: rest)]),
    ]
  }

  /// The name of the variable that holds the order of the sweep.
  private var order: String { name + "_order" }

  /// The declaration of the order of the sweep, which depends on sizes alone.
  var orderDeclaration: CStatement {
    .constant(
      .named("sum_order"), order,
      .call("order_of", index.size(sweep.segments), index.size(sweep.run)))
  }

  /// The loops of a sweep that reduces, in parts and blocks.
  mutating func reduce(_ accumulators: [Accumulator]) -> [CStatement] {
    let cells = accumulators.map { AccumulatorCode($0, kernel) }
    let sums = step("step", cells.flatMap(\.firstActions))
    let second = cells.compactMap(\.secondAction)
    let deviations = second.isEmpty ? nil : step("deviations_step", second)

    var block: [CStatement] = cells.flatMap(\.clear)
    block += segments(sums)
    block += cells.flatMap(\.combined)
    if let deviations {
      block += cells.flatMap(\.clearDeviations)
      block += segments(deviations)
      block += cells.flatMap(\.combinedDeviations)
    }
    let range = CStatement.constant(
      .named("block_range"), "range", .call("block_at", .name(order), .name("block")))
    let blocks = CStatement.count(
      "block", from: .name("part"), to: .name("part_end"), [range] + block)
    let part = CExpression.name("part")
    let end = CStatement.constant(
      .size, "part_end",
      .call("smaller", member("blocks"), .add(part, member("part_blocks"))))
    let parts = CStatement.count(
      "part", to: member("blocks"), by: member("part_blocks"),
      [end] + cells.flatMap(\.openPart) + [blocks] + cells.flatMap(\.closePart))
    return cells.flatMap(\.open) + [parts] + cells.flatMap(\.close)
  }

  private func member(_ name: String) -> CExpression { .member(.name(order), name) }

  /// The segments of a block, and the steps of each.
  private func segments(_ call: Call) -> [CStatement] {
    let range = CExpression.name("range")
    let run = steps(call, from: .member(range, "first"), to: .member(range, "last"))
    guard let only = sweep.segments.first else { return [.block(run)] }
    let isOne = sweep.segments.count == 1
    let places = isOne ? [] : index.decoded(sweep.segments, from: "segment")
    return [
      .count(
        isOne ? index.placeName(only) : "segment", from: .member(range, "first_segment"),
        to: .member(range, "last_segment"), usedPlaces(places, run) + run)
    ]
  }

  /// Those of `places` that `code` mentions.
  private func usedPlaces(_ places: [CStatement], _ code: [CStatement]) -> [CStatement] {
    let used = UsedNames(in: code)
    return places.filter { place in
      guard case .declaration(let declaration) = place else { return true }
      return declaration.variables.contains { used.contains($0.name) }
    }
  }
}
