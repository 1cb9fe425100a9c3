import CCode
import LoopIR

/// Writes one sweep: its step functions, and the loops that call them.
struct SweepCode {
  let kernel: LoopKernel
  private var index: IndexCode
  private let sweep: Sweep
  /// Whether the lanes lie along the columns of the region; of that it takes turns with.
  private let isOfColumns, isOfStretch: Bool
  private let body: Body
  /// The name of the sweep in C; step functions are named after it.
  private let name: String
  private(set) var functions: [CFunction] = []
  /// The rows that the function of the region has to declare.
  private(set) var rows: [Row] = []
  /// The passes of a reduction.
  private var sums: RunPass?
  private var deviations: RunPass?
  /// The run that the kernel may be told to be one step.
  private let oneStep: [Int]?
  /// The names that are taken around the sweep.
  private let scope: NameSet
  /// Where in the run all elements lie that a sum takes, if that is known.
  private var stretches: [PlaceRangeCode] = []
  /// The rows that are filled before the sweep, if the run of sums that ride is short.
  private let isFilled: (Row) -> Bool
  /// Whether sums over rows are held.
  private let holding: KernelSwitch.Knowledge
  /// Whether a sum along a run of open size is one block.
  private let oneBlock: KernelSwitch.Knowledge

  /// - Parameter place: the number of the sweep in its region, from 1.
  init(
    _ kernel: LoopKernel, _ index: IndexCode, _ sweep: Sweep, _ body: Body, isOfColumns: Bool,
    isOfStretch: Bool, region: String, place: Int, oneBlock: KernelSwitch.Knowledge,
    oneStep: [Int]?,
    holding: KernelSwitch.Knowledge, scope: NameSet, isFilled: @escaping (Row) -> Bool
  ) {
    self.oneStep = oneStep
    self.holding = holding
    self.scope = scope
    self.oneBlock = oneBlock
    self.isFilled = isFilled
    (self.isOfColumns, self.isOfStretch) = (isOfColumns, isOfStretch)
    let name = "\(region)_pass_\(place)"
    order = "order_\(place)"
    self.kernel = kernel
    self.index = index
    self.sweep = sweep
    self.body = body
    self.name = name
  }

  private var number: CType { kernel.type.cType }

  /// A pass over the elements of a run that does `actions`: a step function, and the loop over
  /// it as a function of its own.
  private mutating func pass(
    _ name: String, _ actions: [StepCode.Action], along run: [Int]? = nil, isShort: Bool = true,
    streaming: Streaming? = nil, group: RowGroup? = nil
  ) -> RunPass {
    var code = StepCode(
      kernel, index, run: run ?? sweep.run, isOfColumns: isOfColumns, body: body, actions: actions,
      isShort: isShort, streaming: streaming, group: group)
    let step = name + "_step"
    functions.append(code.function(step, "One step of \(what(actions))."))
    let isHeld = actions.contains(where: \.holds)
    let isOneStep = oneStep != nil && oneStep == (run ?? sweep.run) && stretches.isEmpty
    let pass = RunPass(
      name: name, step: step, parameters: code.parameters, group: group,
      length: isHeld ? .twoSteps : isOneStep ? .oneStepIfTold : .any)
    for row in pass.rows where !rows.contains(row) { rows.append(row) }
    if !sweep.run.isEmpty {
      functions.append(pass.function("The elements first ... last - 1: \(what(actions))."))
    }
    return pass
  }

  private func what(_ actions: [StepCode.Action]) -> String {
    actions.map { $0.title(in: kernel) }.joined(separator: ", ")
  }

  /// The statements of a pass over the elements from `first` to `last` of a run.
  private func call(
    _ pass: RunPass, from first: CExpression, to last: CExpression
  ) -> [CStatement] {
    if sweep.run.isEmpty {
      return [.expression(.callVariant(pass.step, pass.parameters.map(\.argument)))]
    }
    let rows = pass.rows.map { row -> CStatement in
      let fill = row.fill(from: first, to: last)
      return isFilled(row)
        ? .branch(.not(.name(KernelSwitch.shortRun.rawValue)), [fill]) : fill
    }
    return rows + [run(pass, from: first, to: last)]
  }

  /// The call of a pass whose rows are filled.
  private func run(
    _ pass: RunPass, from first: CExpression, to last: CExpression
  ) -> CStatement {
    .expression(
      .callVariant(
        pass.name,
        pass.parameters.flatMap(\.ofPass).map(\.argument)
          + pass.switches.map { .name($0.rawValue) } + [first, last]))
  }

  /// A pass over a whole row.
  private func callOfRow(_ pass: RunPass) -> [CStatement] {
    isOfStretch ? callOfColumns(pass) : call(pass, from: .size(0), to: index.size(sweep.run))
  }

  /// A pass over the columns of the place.
  private func callOfColumns(_ pass: RunPass) -> [CStatement] {
    let column = CExpression.name("column")
    return call(pass, from: column, to: .add(column, .name("width")))
  }

  /// A pass over the elements of a block, or over the steps that have some of a stretch.
  private func callOfBlock(_ pass: RunPass) -> [CStatement] {
    let ends = ["first", "last"].map { CExpression.member(.name("range"), $0) }
    guard let stretch = stretches.hull else { return call(pass, from: ends[0], to: ends[1]) }
    let (first, last) = (CExpression.name("first_element"), CExpression.name("end_of_elements"))
    var step = CExpression.multiply(.divide(stretch.first, .name("SLOTS")), .name("SLOTS"))
    if pass.rows.contains(where: isFilled) {
      // These rows begin where the run does.
      step = .conditional(.name(KernelSwitch.shortRun.rawValue), .size(0), step)
    }
    return [
      .block([
        .constant(.size, "first_element", .call("larger", ends[0], step)),
        .constant(.size, "end_of_elements", .call("smaller", ends[1], stretch.end)),
        .branch(.less(first, last), call(pass, from: first, to: last)),
      ])
    ]
  }

  /// The loops of a sweep that writes.
  ///
  /// - Parameters:
  ///   - streaming: which results may bypass the caches, if any.
  ///   - rows: those of a set of rows that it takes together, if it does.
  mutating func store(
    _ step: StoreStep, in region: Region, streaming: Streaming?, rows: RowGroup?
  ) -> [CStatement] {
    let (stores, riders) = (step.stores, step.riders)
    let mayBeNull = stores.count > 1 || !riders.isEmpty
    let slots = region.rides?.order.run.isEmpty == false ? riders.map(\.slots) : []
    let writes = stores.map {
      StepCode.Action.store(
        $0.value, $0.buffer,
        mayBeNull: mayBeNull && kernel.buffers[$0.buffer.index].role == .output)
    }
    let actions = writes + riders.map { slots.isEmpty ? ride($0) : add($0) }
    let group =
      rows
      ?? sweep.segments.last.flatMap {
        self.group(of: [$0], .all(end: index.extent($0)), actions)
      }
    let pass = pass(name, actions, isShort: isOfColumns, streaming: streaming, group: group)
    let held = heldPass(writes, riders, streaming)
    var loops = isOfColumns ? callOfColumns(pass) : callOfRow(pass)
    if let held { loops = holding.choose(callOfRow(held), otherwise: loops) }
    if !slots.isEmpty { loops = blocks(of: slots, pass) }
    for axis in sweep.segments.reversed() {
      if let group, group.axes == [axis] {
        loops = [group.loop(index.placeName(axis), from: .size(0), loops)]
      } else {
        loops = [.count(index.placeName(axis), to: index.extent(axis), loops)]
      }
    }
    if !riders.isEmpty, let runs = kernel.shortRides(in: region) {
      let along = runs.segments + runs.run
      let short = self.pass(name + "_short", writes + riders.map { .ride($0) }, along: along)
      loops = [
        .branch(
          .name(KernelSwitch.shortRun.rawValue),
          short.rows.filter { !isFilled($0) }.map { $0.fill(from: .size(0), to: index.size(along)) }
            + [run(short, from: .size(0), to: index.size(along))], otherwise: loops)
      ]
    }
    guard let only = stores.first.map({ kernel.buffers[$0.buffer.index] }), !mayBeNull,
      only.role == .output
    else { return loops }
    return [.branch(only.array(in: kernel), loops)]
  }

  /// The slots of a sum that rides, while a run adds to them.
  private func slotsHere(_ id: BufferID) -> String { kernel.buffers[id.index].slotsHere }

  /// The axes of an array of slots that loops run over: all but that of slots.
  private func keptInSlots(_ buffer: Buffer) -> Set<Int> { Set(buffer.axes.dropLast()) }

  /// The pass that holds the sums which ride in another, where kernels tell which is to be done.
  private mutating func heldPass(
    _ others: [StepCode.Action], _ riders: [Rider], _ streaming: Streaming?
  ) -> RunPass? {
    guard case .asTold = holding, !riders.isEmpty else { return nil }
    return pass(name + "_held", others + riders.map { .hold($0) }, streaming: streaming)
  }

  private func ride(_ rider: Rider) -> StepCode.Action {
    holding == .always ? .hold(rider) : .ride(rider)
  }

  private func add(_ rider: Rider) -> StepCode.Action {
    .add(
      slots: slotsHere(rider.slots), rider.value, factor: rider.factor,
      condition: rider.condition)
  }

  /// A pass over each block of a row, with the slots of the block from memory and back.
  private func blocks(of slots: [BufferID], _ pass: RunPass) -> [CStatement] {
    let rows = { (member: String) in CExpression.member(.name("rows"), member) }
    let (cut, start) = (CExpression.name("cut"), CExpression.name("start"))
    let inMemory = { (id: BufferID) -> CExpression in
      let buffer = kernel.buffers[id.index]
      return .add(
        .name(buffer.name), index.blockOffset(buffer, at: keptInSlots(buffer)))
    }
    let put = { (id: BufferID) -> CStatement in
      .expression(
        .callVariant("put_slots", [inMemory(id), .name("SLOTS"), .name(slotsHere(id))]))
    }
    let last = CExpression.call("smaller", index.size(sweep.run), .add(start, rows("block_run")))
    return [
      .count(
        "cut", to: rows("cuts"),
        [
          .constant(.size, "block", .add(.multiply(.name("set"), rows("cuts")), cut)),
          .constant(.size, "start", .multiply(cut, rows("block_run"))),
        ]
          + slots.flatMap { id in
            [
              .declare(.array(of: .named("lanes"), count: .name("VECTORS")), slotsHere(id)),
              .expression(
                .callVariant(
                  "take_slots", [inMemory(id), .name("SLOTS"), .name(slotsHere(id))])),
            ]
          } + call(pass, from: start, to: last) + slots.map { put($0) })
    ]
  }

  /// The name of the variable that holds the order of the sweep.
  private let order: String

  /// The declaration of the order of the sweep, which depends on sizes alone.
  var orderDeclaration: CStatement {
    let sizes = [index.size(sweep.segments), isOfColumns ? .size(1) : index.size(sweep.run)]
    let general = CExpression.call("order_of", sizes)
    let one = CExpression.call("order_of_one_block", sizes)
    let isOpen = !isOfColumns && !kernel.isFixed(sweep)
    let value = isOpen ? oneBlock.choose(one, otherwise: general) : general
    return .constant(.named("sum_order"), order, value)
  }

  /// The loops of a sweep that reduces, in parts and blocks.
  ///
  /// - Parameter prefetch: what its last pass fetches.
  mutating func reduce(_ step: ReduceStep, _ prefetch: Streaming.Prefetch?) -> [CStatement] {
    index = index.counting(sweep.segments, by: "segment")
    let selection = step.selection.map {
      RowSelectionCode($0, kernel, index, along: sweep.run, scope)
    }
    let cells = step.accumulators.map { cell($0, isOfSelectedRows: selection != nil) }
    let own =
      cells.flatMap(\.firstActions)
      + step.keeps.map { .store($0.value, $0.row, mayBeNull: false) }
    let first = own + step.riders.map { ride($0) }
    stretches = step.stretches.map { PlaceRangeCode($0, kernel, index, along: sweep.run) }
    let second = cells.compactMap(\.secondAction)
    let streaming = Streaming(prefetch: prefetch)
    let sums = pass(
      name, first, streaming: second.isEmpty ? streaming : nil,
      group: groupOfBlock(first, where: selection))
    let held = heldPass(own, step.riders, nil)
    let deviations =
      second.isEmpty
      ? nil
      : pass(
        name + "_deviations", second, streaming: streaming,
        group: groupOfBlock(second, where: selection))

    (self.sums, self.deviations) = (sums, deviations)

    var block: [CStatement] = cells.flatMap(\.clear)
    let list = [sums, deviations].contains { $0?.group?.isListed == true } ? selection : nil
    block += list.map { self.list($0) } ?? []
    let over = segments(
      sums, where: selection, isCounted: selection != nil && deviations != nil && list == nil)
    block += held.map { holding.choose(callOfBlock($0), otherwise: over) } ?? over
    block += cells.flatMap(\.combined)
    if let deviations {
      block += cells.flatMap(\.clearDeviations)
      block += segments(deviations, where: selection)
      block += cells.flatMap(\.combinedDeviations)
    }
    let range = CStatement.constant(
      .named("block_range"), "range", .call("block_at", .name(order), .name("block")))
    if selection?.isBounded == true { block = [.branch(isOfRows, block)] }
    let blocks = CStatement.count(
      "block", from: .name("part"), to: .name("part_end"), [range] + block)
    let part = CExpression.name("part")
    let end = CStatement.constant(
      .size, "part_end",
      .call("smaller", member("blocks"), .add(part, member("part_blocks"))))
    let parts = CStatement.count(
      "part", to: member("blocks"), by: member("part_blocks"),
      [end] + (selection?.bounds ?? []) + cells.flatMap(\.openPart) + [blocks]
        + cells.flatMap(\.closePart))
    return cells.flatMap(\.open) + [parts] + cells.flatMap(\.close)
  }

  /// Whether a block has rows where those are that are taken.
  private var isOfRows: CExpression {
    let range = CExpression.name("range")
    return .and(
      .less(.member(range, "first_segment"), .name(RowSelectionCode.endOfRows)),
      .less(.name(RowSelectionCode.firstRow), .member(range, "last_segment")))
  }

  /// What a reduction, whose loops are written, does with one row, if it is one block.
  func passesOfRow(_ step: ReduceStep) -> RowPasses {
    let cells = step.accumulators.map {
      AccumulatorCode($0, kernel, sweep, isOfSelectedRows: false)
    }
    return RowPasses(
      first: cells.flatMap(\.clear) + (sums.map(callOfRow) ?? []),
      second: deviations.map { cells.flatMap(\.clearDeviationsOfRow) + callOfRow($0) } ?? [])
  }

  private func member(_ name: String) -> CExpression { .member(.name(order), name) }

  /// The rows that a pass over columns takes together.
  private func group(
    of axes: [Int], _ rows: RowGroup.Rows, _ actions: [StepCode.Action]
  ) -> RowGroup? {
    isOfColumns ? RowGroup(of: axes, rows, kernel, sweep, body, actions) : nil
  }

  private func cell(
    _ accumulator: Accumulator, isOfSelectedRows: Bool
  ) -> any AccumulatorLevels {
    isOfColumns
      ? ColumnAccumulatorCode(accumulator, kernel, isOfSelectedRows: isOfSelectedRows)
      : AccumulatorCode(accumulator, kernel, sweep, isOfSelectedRows: isOfSelectedRows)
  }

  /// The rows of a block that a pass takes together.
  private func groupOfBlock(
    _ actions: [StepCode.Action], where selection: RowSelectionCode?
  ) -> RowGroup? {
    let all = RowGroup.Rows.all(end: .member(.name("range"), "last_segment"))
    return group(of: sweep.segments, selection == nil ? all : .listed, actions)
  }

  /// The segments of a block, and the pass over each that is selected; these are counted if asked.
  private func segments(
    _ pass: RunPass, where selection: RowSelectionCode? = nil, isCounted: Bool = false
  ) -> [CStatement] {
    var run =
      isOfColumns ? callOfColumns(pass) : callOfBlock(pass)
    if sweep.segments.isEmpty { return run }
    if let group = pass.group {
      return [group.loop(segment, from: .member(.name("range"), "first_segment"), run)]
    }
    if let selection { run = selection.statements(run, isCounted: isCounted) }
    return (isCounted ? [.declare(.size, RowSelectionCode.rowsTaken, .size(0))] : [])
      + [eachSegment(run, selection)]
  }

  /// The list of the rows of a block that are selected.
  private func list(_ selection: RowSelectionCode) -> [CStatement] {
    RowSelectionCode.emptyList + [eachSegment(selection.listing(.name(segment)), selection)]
  }

  /// The variable that counts the segments.
  private var segment: String {
    sweep.segments.count == 1 ? index.placeName(sweep.segments[0]) : "segment"
  }

  /// `body` at each segment of a block that may be selected.
  private func eachSegment(
    _ body: [CStatement], _ selection: RowSelectionCode?
  ) -> CStatement {
    let places = sweep.segments.count == 1 ? [] : index.decoded(sweep.segments, from: "segment")
    let range = CExpression.name("range")
    var ends: (first: CExpression, last: CExpression) = (
      .member(range, "first_segment"), .member(range, "last_segment")
    )
    if selection?.isBounded == true {
      ends.first = .call("larger", ends.first, .name(RowSelectionCode.firstRow))
      ends.last = .call("smaller", ends.last, .name(RowSelectionCode.endOfRows))
    }
    return .count(
      segment, from: ends.first, to: ends.last, UsedNames.declarations(places, in: body) + body)
  }
}
