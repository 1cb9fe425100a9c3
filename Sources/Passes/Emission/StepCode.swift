import CCode
import LoopIR

/// Writes the innermost part of a sweep: an inline function for up to `SLOTS` elements.
struct StepCode {
  /// What is done with the values of a step.
  enum Action {
    /// `slots[v]` takes `value`, or `value * factor`, where the condition holds.
    case add(slots: String, LaneValue, factor: LaneValue?, condition: LaneValue?)
    case extreme(slots: String, LaneValue, condition: LaneValue?, isMaximum: Bool)
    /// A wide extreme, which has no slots: one variable behind a pointer.
    case wideExtreme(LaneValue, name: String, condition: LaneValue?, isMaximum: Bool)
    /// Counts the elements that are taken.
    case count(slots: String, condition: LaneValue)
    /// Deviations from `mean` and their squares.
    case deviations(LaneValue, mean: String, sum: String, squares: String, condition: LaneValue?)
    case store(LaneValue, BufferID, mayBeNull: Bool)
    /// Adds to the slots of the columns of a block of rows, in memory or held.
    case ride(Rider)
    case hold(Rider)

    var holds: Bool { if case .hold = self { true } else { false } }

    /// What it makes.
    func title(in kernel: LoopKernel) -> String {
      switch self {
      case .add(let slots, _, _, _), .extreme(let slots, _, _, _), .count(let slots, _): slots
      case .wideExtreme(_, let name, _, _): name
      case .deviations(_, let mean, _, _, _): "deviations from \(mean)"
      case .store(_, let buffer, _): kernel.buffers[buffer.index].name
      case .ride(let rider): kernel.buffers[rider.slots.index].name
      case .hold(let rider): kernel.buffers[rider.slots.index].slotsHere
      }
    }

    var roots: [LaneValue] {
      switch self {
      case .add(_, let value, let factor, let condition):
        [value] + [factor, condition].compactMap(\.self)
      case .extreme(_, let value, let condition, _),
        .wideExtreme(let value, _, let condition, _),
        .deviations(let value, _, _, _, let condition):
        [value] + [condition].compactMap(\.self)
      case .count(_, let condition): [condition]
      case .store(let value, _, _): [value]
      case .ride(let rider), .hold(let rider): rider.roots
      }
    }
  }

  let kernel: LoopKernel
  let index: IndexCode
  let run: [Int]
  /// `true` iff the lanes lie along the columns of the region.
  let isOfColumns: Bool
  let body: Body
  let actions: [Action]
  /// `true` iff a pass over the run is of `LONGEST_RUN` elements at most.
  let isShort: Bool
  let streaming: Streaming?
  /// The rows that it takes together, if it does.
  let group: RowGroup?
  var registers = GroupRegisters()
  /// The parameters of the step, and what its callers pass.
  private(set) var parameters: [StepParameter] = []
  var before: [CStatement] = []
  var after: [CStatement] = []
  var names = NameSet(reserving: reservedNames)

  init(
    _ kernel: LoopKernel, _ index: IndexCode, run: [Int], isOfColumns: Bool, body: Body,
    actions: [Action], isShort: Bool, streaming: Streaming?, group: RowGroup?
  ) {
    self.group = group
    self.isOfColumns = isOfColumns
    self.isShort = isShort
    self.streaming = streaming
    self.kernel = kernel
    self.index = index
    self.run = run
    self.body = body
    self.actions = actions
    parameters = group?.parameters(index) ?? []
  }

  var number: CType { kernel.type.cType }

  /// The function under the name `name`; the caller passes `parameters` in order.
  mutating func function(_ name: String, _ comment: String) -> CFunction {
    let needed = neededArguments()
    for buffer in kernel.buffers { _ = names.unique(buffer.name) }
    for scalar in kernel.scalars { _ = names.unique(scalar.name) }
    var program = body.program
    let expressions = body.arguments.enumerated().map { place, source in
      needed.contains(place) ? argument(source, as: type(ofArgument: place)) : .integer(0)
    }
    for (index, operation) in program.operations.enumerated() {
      guard case .argument(let place) = operation else { continue }
      program.names[index] = elementName(body.arguments[place])
    }
    // What is stored has the name of its array.
    for case .store(let value, let buffer, _) in actions {
      program.names[value.index] = kernel.buffers[buffer.index].name + "_i"
    }
    let together = CallsTogether(program, actions.flatMap(\.roots), expressions, &names)
    let early = together.statements(kernel.type, names) { eachVector($0) }
    let code = ProgramCode(
      together.program, kernel.type, .lanes, arguments: together.arguments,
      roots: actions.flatMap(\.roots), names: names)
    names = code.names
    var lines = code.statements
    for action in actions { lines += statements(action, code) }
    var used = UsedNames(in: lines)
    let ofRow = early + [eachVector(lines, mentioning: used)]
    let fetches = streaming.map { prefetches($0, of: needed) } ?? []
    let whole = fetches + ofRow
    let loops =
      group.map { group in registers.around(whole, of: group) { eachVector($0) } } ?? whole
    used.add(fetches)
    used.add(before)
    used.add(early)
    used.add(after)
    addUsed(used)
    return CFunction(
      comment: comment, prefix: ["INLINE"], result: .void, name: "NAME(\(name))",
      parameters: parameters.map(\.parameter),
      body: before + loops + after)
  }

  /// A loop over the vectors of the step.
  func eachVector(_ lines: [CStatement]) -> CStatement {
    eachVector(lines, mentioning: UsedNames(in: lines))
  }

  private func eachVector(_ lines: [CStatement], mentioning used: UsedNames) -> CStatement {
    var header: [CStatement] = []
    let vector = CExpression.multiply(.name("v"), .name("LANES"))
    if used.contains("i") { header.append(.constant(.int, "i", vector)) }
    if used.contains("n") {
      let start = used.contains("i") ? CExpression.name("i") : vector
      header.append(.constant(.int, "n", .subtract(.name("live"), start)))
    }
    return .eachVector(live: .name("live"), header + lines)
  }

  /// Passes the place of the step in the run and the extents that the code mentions.
  private mutating func addUsed(_ used: UsedNames) {
    if used.contains("j") { add(CParameter(.size, "j"), .size(0), .place) }
    for axis in kernel.axes.indices {
      guard case .name(let name) = index.extent(axis), used.contains(name) else { continue }
      add(CParameter(.size, name), .name(name))
    }
    add(CParameter(.int, "live"), .integer(1), .live)
  }

  /// The arguments that the actions read.
  private func neededArguments() -> Set<Int> {
    let needed = body.program.values(for: actions.flatMap(\.roots))
    return Set(
      needed.compactMap { value in
        guard case .argument(let place) = body.program.operations[value.index] else { return nil }
        return place
      })
  }

  mutating func add(
    _ parameter: CParameter, _ argument: CExpression, _ motion: StepParameter.Motion = .fixed
  ) {
    guard !parameters.contains(where: { $0.parameter.name == parameter.name }) else { return }
    parameters.append(
      StepParameter(parameter: parameter, argument: argument, motion: motion))
  }

  /// What an element that is loaded is called: `x_i`.
  private func elementName(_ source: Source) -> String? {
    switch source {
    case .load(let buffer): kernel.buffers[buffer.index].name + "_i"
    case .scalar, .parameter, .size, .within: nil
    case .place(let axes): "place_" + axes.map { index.identifier($0) }.joined(separator: "_")
    }
  }

  private func type(ofArgument place: Int) -> LaneType? {
    body.program.operations.firstIndex(of: .argument(place)).map { body.program.types[$0] }
  }

  private mutating func argument(_ source: Source, as type: LaneType?) -> CExpression {
    switch source {
    case .load(let id): return load(id)
    case .scalar(let id):
      let scalar = kernel.scalars[id.index]
      if scalar.isOfColumn { return columnScalar(scalar) }
      add(CParameter(scalar.type.cType(kernel.type), scalar.name), .name(scalar.name))
      return splat(.name(scalar.name), scalar.type)
    case .place(let axes): return place(axes, as: type ?? .wide)
    case .within(let range): return within(range)
    case .parameter, .size:
      preconditionFailure("internal error in emission: a step reads what a scalar should hold")
    }
  }

  /// The values of a scalar of columns.
  private mutating func columnScalar(_ scalar: Scalar) -> CExpression {
    let name = CExpression.name(scalar.name)
    add(
      CParameter(.pointer(toConst: scalar.columnElement(kernel.type)), scalar.name),
      .name(scalar.columnArray), .column)
    let at = CExpression.add(name, .name("i"))
    switch scalar.type {
    case .number: return kept(scalar.name, .call("v_load", at, .name("n")))
    case .condition: return .call("m_load", at, .name("n"))
    case .wide where kernel.type == .float64: return .call("v_load", at, .name("n"))
    case .wide, .integer, .wideInteger: return .index(name, .name("i"))
    }
  }

  /// A vector that is the same for all rows of a group.
  mutating func kept(_ name: String, _ load: CExpression) -> CExpression {
    group?.keepsShared == true ? registers.keep(name, load, &names) : load
  }

  /// `true` iff the rows of a group have their own elements of an array.
  func isMoving(_ buffer: Buffer) -> Bool {
    group.map { buffer.axes.contains(where: $0.axes.contains) } ?? false
  }

  /// The pointer to what a row has of an array: that of the step, if it takes no more rows.
  mutating func row(
    of buffer: Buffer, _ name: String, _ type: CType, mayBeNull: Bool = false
  ) -> CExpression {
    isMoving(buffer)
      ? registers.row(of: name, type, mayBeNull: mayBeNull, &names) : .name(name)
  }

  /// A scalar in all lanes.
  private func splat(_ value: CExpression, _ type: LaneType) -> CExpression {
    switch type {
    case .number: .call("v_splat", value)
    case .wide: kernel.type == .float64 ? .call("v_splat", value) : value
    case .condition: .call("m_splat", value)
    case .integer, .wideInteger: .call("i_splat", value)
    }
  }

  /// The name, in the function of the region, of the row over which an array is spread.
  private func rowName(_ buffer: Buffer) -> String {
    let taken = Set(kernel.buffers.map(\.name) + kernel.scalars.map(\.name))
    var name = ([buffer.name, "along"] + run.map { index.identifier($0) }).joined(separator: "_")
    while taken.contains(name) { name += "_" }
    return name
  }

  private mutating func load(_ id: BufferID) -> CExpression {
    let buffer = kernel.buffers[id.index]
    let element = buffer.element.cType(kernel.type)
    let (at, array) = (CExpression.name(buffer.name), buffer.array(in: kernel))
    let operation = buffer.element.load
    let offset = offsetExpression(buffer)
    switch buffer.access(along: run) {
    case .splat:
      let type = buffer.element.type
      add(
        CParameter(type.cType(kernel.type), buffer.name),
        buffer.element.read(.index(array, offset ?? .size(0))))
      return splat(at, type)
    case .contiguous:
      add(
        CParameter(.pointer(toConst: element), buffer.name),
        .chain(.add, [array] + [offset].compactMap(\.self), empty: array), .along)
      let row = row(of: buffer, buffer.name, .pointer(toConst: element))
      if buffer.element == .wide && kernel.type == .float32 { return .index(row, .name("i")) }
      let value = CExpression.call(operation, .add(row, .name("i")), .name("n"))
      // What is kept is numbers; conditions are loaded again.
      return isMoving(buffer) || buffer.element == .mask ? value : kept(buffer.name, value)
    case .scattered:
      let start = CExpression.chain(.add, [array] + [offset].compactMap(\.self), empty: array)
      if isShort, let function = buffer.element.spread, let times = repetition(of: buffer) {
        let row = Row(
          buffer: id, run: run, values: start, times: times, function: function,
          name: rowName(buffer))
        add(CParameter(.pointer(toConst: number), buffer.name), .name(row.name), .row(row))
        return .call("v_load", .add(at, .name("i")), .name("n"))
      }
      add(CParameter(.pointer(toConst: element), buffer.name), start)
      gather(buffer, element)
      if buffer.element == .wide && kernel.type == .float32 {
        return .index(.name(buffer.name + "_each"), .name("i"))
      }
      return .call(operation, .add(.name(buffer.name + "_each"), .name("i")), .name("n"))
    }
  }

  /// Looks up the elements of a step one by one.
  private mutating func gather(_ buffer: Buffer, _ element: CType) {
    let each = buffer.name + "_each"
    before.append(
      .declare(
        .array(of: element, count: .name("SLOTS")), each, .initializer([CInitializer(.integer(0))]))
    )
    let live = CExpression.cast(.size, .name("live"))
    let slot = CExpression.index(.name(each), .name("k"))
    if let times = repetition(of: buffer) {
      before.append(repeated(.name(buffer.name), times, to: slot, live))
    } else {
      let place = index.offset(buffer, run: run, element: .add(.name("j"), .name("k")))
      before.append(
        .count("k", to: live, [.set(slot, .index(.name(buffer.name), place))]))
    }
  }

  /// Looks up elements that stand `times` times each: one division for all of them.
  private func repeated(
    _ values: CExpression, _ times: CExpression, to slot: CExpression, _ live: CExpression
  ) -> CStatement {
    let (k, at, end) = (CExpression.name("k"), CExpression.name("at"), CExpression.name("end"))
    let next = CExpression.subtract(.multiply(.add(at, .size(1)), times), .name("j"))
    return .loop(
      CLoop(
        .declaration(
          CDeclaration(
            .size, [CVariable("k", .size(0)), CVariable("at", .divide(.name("j"), times))])),
        while: .less(k, live), step: .increment(at),
        [
          .constant(.size, "end", .call("smaller", next, live)),
          .loop(
            CLoop(
              nil, while: .less(k, end), step: .increment(k), [.set(slot, .index(values, at))])),
        ]))
  }

  /// How often each element of `buffer` follows itself along the run, if it holds the outer axes of
  /// the run side by side.
  private func repetition(of buffer: Buffer) -> CExpression? {
    let own = buffer.axes.filter { run.contains($0) }
    let inner = run.dropFirst(own.count)
    guard run.starts(with: own), !inner.isEmpty, buffer.axes.suffix(own.count).elementsEqual(own)
    else { return nil }
    return index.size(inner)
  }

  /// The offset of a buffer at the places of the loops around the step.
  func offsetExpression(_ buffer: Buffer) -> CExpression? {
    index.offset(buffer, around: run + (group?.listedAxes ?? []))
  }
}
