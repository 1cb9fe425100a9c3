import CCode
import LoopIR

/// What a step does with its values.
extension StepCode {
  mutating func statements(_ action: Action, _ code: ProgramCode) -> [CStatement] {
    switch action {
    case .add(let slots, let value, let factor, let condition):
      let slot = slotParameter(slots)
      return [take(code.sum(of: slot, and: value, factor), slot, condition, code)]
    case .extreme(let slots, let value, let condition, let isMaximum):
      let slot = slotParameter(slots)
      let chosen = CExpression.call(isMaximum ? "v_max" : "v_min", slot, code[value])
      return [take(chosen, slot, condition, code)]
    case .wideExtreme(let value, let name, let condition, let isMaximum):
      return [wideExtreme(code[value], name, condition.map { code[$0] }, isMaximum)]
    case .count(let slots, let condition):
      let slot = slotParameter(slots)
      let one: CExpression = kernel.type == .float32 ? .float(1) : .double(1)
      return [take(.call("v_add", slot, .call("v_splat", one)), slot, condition, code)]
    case .deviations(let value, let mean, let sum, let squares, let condition):
      let deviation = CExpression.call("v_sub", code[value], blockMean(mean))
      let name = names.unique("deviation")
      let d = CExpression.name(name)
      let (q, r) = (slotParameter(squares), slotParameter(sum))
      return [
        .constant(.named("lanes"), name, deviation),
        take(.call("v_fma", d, d, q), q, condition, code),
        take(.call("v_add", r, d), r, condition, code),
      ]
    case .store(let value, let id, let mayBeNull):
      return store(code[value], id, mayBeNull)
    case .ride(let rider): return [ride(rider, code)]
    case .hold(let rider): return [hold(rider, code)]
    }
  }

  /// The mean of a block in all lanes, or that of each column.
  private mutating func blockMean(_ mean: String) -> CExpression {
    if isOfColumns {
      add(CParameter(.pointer(toConst: number), mean), .name(mean), .column)
      return kept(mean, .call("v_load", .add(.name(mean), .name("i")), .name("n")))
    }
    add(CParameter(number, mean), .name(mean))
    return .call("v_splat", .name(mean))
  }

  private mutating func slotParameter(_ slots: String) -> CExpression {
    let type = CType.array(of: .named("lanes"), count: nil)
    add(CParameter(type, slots), .name(slots), isOfColumns ? .slots : .fixed)
    let slot = CExpression.index(.name(slots), .name("v"))
    return group == nil ? slot : registers.slots(slots, slot, &names)
  }

  /// `slot` becomes `new` in live lanes where the condition holds.
  private func take(
    _ new: CExpression, _ slot: CExpression, _ condition: LaneValue?, _ code: ProgramCode
  ) -> CStatement {
    let chosen = condition.map { CExpression.call("v_select", code[$0], new, slot) } ?? new
    return .set(slot, .call("v_take", chosen, slot, .name("n")))
  }

  private mutating func wideExtreme(
    _ value: CExpression, _ name: String, _ condition: CExpression?, _ isMaximum: Bool
  ) -> CStatement {
    let array = Scalar(name: name, type: .wide, isOfColumn: true).columnArray
    add(
      CParameter(.pointer(to: .double), name),
      isOfColumns ? .name(array) : .address(of: .name(name)), isOfColumns ? .column : .fixed)
    let best =
      isOfColumns
      ? CExpression.index(.name(name), .name("i")) : .dereference(.name(name))
    let wins = CExpression.binary(isMaximum ? .greater : .less, value, best)
    let isNaN = CExpression.binary(.notEqual, value, value)
    let better = CExpression.or(wins, isNaN)
    return .branch(condition.map { .and($0, better) } ?? better, [.set(best, value)])
  }

  private mutating func store(
    _ value: CExpression, _ id: BufferID, _ mayBeNull: Bool
  ) -> [CStatement] {
    let buffer = kernel.buffers[id.index]
    let name = parameterName(buffer)
    let array = buffer.array(in: kernel)
    let offset = offsetExpression(buffer)
    let type = CType.pointer(to: buffer.element.cType(kernel.type))
    let guarded = { (pointer: CExpression) -> CExpression in
      mayBeNull && pointer != array ? .conditional(array, pointer, .name("NULL")) : pointer
    }
    if buffer.access(along: run) == .contiguous || run.isEmpty {
      let pointer = CExpression.chain(
        .add, [array] + [offset].compactMap(\.self), empty: array)
      add(CParameter(type, name), guarded(pointer), mayBeNull ? .alongUnlessNull : .along)
      let row = row(of: buffer, name, type, mayBeNull: mayBeNull)
      let write = write(value, to: .add(row, .name("i")), id)
      return mayBeNull ? [.branch(row, write)] : write
    }
    add(
      CParameter(type, name),
      guarded(.chain(.add, [array] + [offset].compactMap(\.self), empty: array)))
    scatter(buffer, mayBeNull)
    let each = CExpression.name(buffer.name + "_each")
    return [
      .expression(.call(buffer.element.store, .add(each, .name("i")), value, .name("n")))
    ]
  }

  /// Stores `value`, beside the caches where the caller says so.
  private mutating func write(
    _ value: CExpression, to at: CExpression, _ buffer: BufferID
  ) -> [CStatement] {
    let element = kernel.buffers[buffer.index].element
    let store = CStatement.expression(.call(element.store, at, value, .name("n")))
    guard let streaming, streaming.results.contains(buffer) else { return [store] }
    add(CParameter(.bool, "stream"), .name("stream"), .stream)
    let stream = CStatement.expression(.call(element.stream, at, value))
    return [.branch(.name("stream"), [stream], otherwise: [store])]
  }

  /// Adds to the slots of a block, one for each column or place of the run.
  private mutating func ride(_ rider: Rider, _ code: ProgramCode) -> CStatement {
    let buffer = kernel.buffers[rider.slots.index]
    let own = CExpression.name(buffer.name)
    let loops = Set(kernel.axes.indices).subtracting(run + [kernel.slotAxis].compactMap(\.self))
    let slots = CExpression.add(own, index.blockOffset(buffer, at: loops, block: .name("set")))
    add(CParameter(.pointer(to: number), buffer.name), slots, .along)
    let at = CExpression.add(own, .name("i"))
    if group != nil {
      let slot = registers.slots(buffer.name, at: at, &names)
      return .set(slot, sum(rider, slot, code))
    }
    let slot = CExpression.call("v_load", at, .name("n"))
    return .expression(.call("v_store", at, sum(rider, slot, code), .name("n")))
  }

  /// Adds to the slots of a set of rows, one for each place of the run.
  private mutating func hold(_ rider: Rider, _ code: ProgramCode) -> CStatement {
    let buffer = kernel.buffers[rider.slots.index]
    let slots = CExpression.name(buffer.slotsHere)
    add(
      CParameter(.array(of: .named("lanes"), count: nil), buffer.slotsHere), slots,
      .held(beyond: buffer.slotsBeyond))
    let slot = CExpression.index(slots, .name("v"))
    return .set(slot, sum(rider, slot, code))
  }

  /// A slot with what rides.
  private func sum(_ rider: Rider, _ slot: CExpression, _ code: ProgramCode) -> CExpression {
    let sum = code.sum(of: slot, and: rider.value, rider.factor)
    return rider.condition.map { CExpression.call("v_select", code[$0], sum, slot) } ?? sum
  }

  /// The parameter for an array that is written; a scalar may have its name.
  func parameterName(_ buffer: Buffer) -> String {
    kernel.scalars.contains { $0.name == buffer.name } ? buffer.name + "_out" : buffer.name
  }

  /// Writes the elements of a step one by one.
  private mutating func scatter(_ buffer: Buffer, _ mayBeNull: Bool) {
    let (each, at) = (buffer.name + "_each", CExpression.name(parameterName(buffer)))
    before.append(
      .declare(.array(of: buffer.element.cType(kernel.type), count: .name("SLOTS")), each))
    let write = CStatement.set(
      .index(at, index.offset(buffer, run: run, element: .add(.name("j"), .name("k")))),
      .index(.name(each), .name("k")))
    let last = CExpression.cast(.size, .name("live"))
    let loop = CStatement.count("k", from: .size(0), to: last, [write])
    after.append(mayBeNull ? .branch(at, [loop]) : loop)
  }
}
