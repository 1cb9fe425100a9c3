import CCode
import LoopIR

/// Sums over the rows of a region that ride in its sweeps, and how their blocks are joined.
extension RegionCode {
  /// The loop over places that are a set of rows at some place of the outer axes: the slots of
  /// their blocks are emptied, then the rows add to them.
  func rowLoop(around body: PlaceBody, _ rides: Rides) -> [CStatement] {
    let each = places(
      of: rides.order.segments, body, from: .name("first_row"), to: .name("last_row"),
      variable: "row")
    return rowLoop(rides, each)
  }

  /// The loop over sets of rows, for each of which `each` is done.
  func rowLoop(_ rides: Rides, _ each: [CStatement]) -> [CStatement] {
    let outer = Array(region.kept.dropLast(rides.order.segments.count))
    let (place, set, sets) = (
      CExpression.name("place"), CExpression.name("set"), CExpression.name("sets")
    )
    let first = CExpression.multiply(set, rows("block_segments"))
    let header: [CStatement] = [
      .constant(.size, "first_row", first),
      .constant(
        .size, "last_row",
        .call("smaller", rows("segments"), .add(.name("first_row"), rows("block_segments")))),
    ]
    let fills = spreadRows.filter { isFilledOnce($0) }.map { row in
      row.fill(from: .size(0), to: index.size(row.run))
    }
    let filled: [CStatement] =
      fills.isEmpty ? [] : [.branch(.name(KernelSwitch.shortRun.rawValue), fills)]
    let code =
      header + emptySlots(rides, inMemory: emptied(rides, outer)) + filled + each
      + putHeldSlots(rides, outer)
    let counts = [rows(rides.order)] + rowsOfSetTogether
    if outer.isEmpty {
      return counts + [.count("set", from: .name("first"), to: .name("last"), code)]
    }
    let decoded = outer.indices.map { position in
      CStatement.constant(
        .size, index.placeName(outer[position]),
        index.digit(position, of: outer, from: .divide(place, sets)))
    }
    return counts + [
      .constant(.size, "sets", .call("sets_of", .name("rows"))),
      .count(
        "place", from: .name("first"), to: .name("last"),
        UsedNames.declarations(decoded, in: code)
          + [.constant(.size, "set", .binary(.remainder, place, sets))] + code),
    ]
  }

  /// The rows that the only sweep of a region takes together: what it adds to slots in memory is
  /// loaded and stored once for all of them. Slots that are held need no such thing.
  var rowsOfSet: RowGroup? {
    guard let rides = region.rides, region.steps.count == 1,
      case .store(let step) = region.steps[0],
      region.columns.isEmpty, knowledge(of: .held) != .always
    else { return nil }
    return RowGroup(ofSet: rides, kernel, step)
  }

  /// How many rows of a set are taken together.
  private var rowsOfSetTogether: [CStatement] {
    if rowsOfSet == nil { return [] }
    let several = CExpression.call("rows_of_set", index.size(kernel.work(of: region)), isFar)
    return [
      .constant(
        .size, RowGroup.together, knowledge(of: .held).choose(.size(1), otherwise: several))
    ]
  }

  /// `true` iff a row is the same for all rows of a set, and holds a whole one of them if the run
  /// of the sums that ride is short: then it is filled once for the set.
  func isFilledOnce(_ row: Row) -> Bool {
    guard let rides = region.rides, let sweep = kernel.shortRides(in: region) else { return false }
    return row.run == sweep.segments + sweep.run
      && kernel.buffers[row.buffer.index].axes.allSatisfy { !rides.order.segments.contains($0) }
  }

  private func rows(_ member: String) -> CExpression { .member(.name("rows"), member) }

  private func rows(_ order: SumOrder) -> CStatement {
    .constant(
      .named("sum_order"), "rows",
      .call("order_of", index.size(order.segments), index.size(order.run)))
  }

  /// Empties the slots of the blocks of the set.
  private func emptied(_ rides: Rides, _ outer: [Int]) -> CStatement {
    let calls = rides.slots.map { id -> CStatement in
      let buffer = kernel.buffers[id.index]
      return .expression(
        .callVariant(
          "empty",
          [
            .add(.name(buffer.name), index.blockOffset(buffer, at: Set(outer))),
            index.size(buffer.axes.filter { !outer.contains($0) }),
          ]))
    }
    let first = CExpression.multiply(.name("set"), rows("cuts"))
    return .count("block", from: first, to: .add(first, rows("cuts")), calls)
  }

  /// What is the same for all places of sums that rode.
  var orderOfJoins: [CStatement] {
    guard let join = region.joins.first, let order = kernel.order(of: join) else { return [] }
    let isOfRuns = !order.run.isEmpty
    return [rows(order)]
      + (isOfRuns ? [.constant(.size, "slot_count", slotCount(join, along: order.run))] : [])
  }

  /// Makes the sums that rode in an earlier region.
  var joins: [CStatement] {
    region.joins.flatMap { region.columns.isEmpty ? join($0) : joinColumns($0) }
  }

  /// The sums of the columns of the place.
  private func joinColumns(_ join: Join) -> [CStatement] {
    let buffer = kernel.buffers[join.slots.index]
    let name = kernel.scalars[join.scalar.index].columnArray
    let offset = index.offset(buffer, at: Set(region.kept))
    let slots = CExpression.chain(
      .add, [.name(buffer.name), offset, .name("column")].compactMap(\.self), empty: .size(0))
    return ColumnAccumulatorCode.noSums(name) + [
      .expression(
        .callVariant(
          "join_columns",
          [.name("width"), .name(name), .name("rows"), slots, index.blockDistance(buffer)]))
    ]
  }

  /// The sum at the place: its slots lie behind those of the places before it in the same set of
  /// rows.
  private func join(_ join: Join) -> [CStatement] {
    let buffer = kernel.buffers[join.slots.index]
    let outer = Set(home(of: join)?.kept ?? [])
    var inner = buffer
    inner.axes = buffer.axes.dropLast().filter { !outer.contains($0) }
    let place = index.offset(inner, at: Set(inner.axes)).map {
      CExpression.multiply($0, .name("slot_count"))
    }
    let slots = [.name(buffer.name), index.offset(buffer, at: outer), place].compactMap(\.self)
    return [
      .constant(
        .double, kernel.scalars[join.scalar.index].name,
        .callVariant(
          "join",
          [
            .name("rows"), .chain(.add, slots, empty: .size(0)), .name("slot_count"),
            index.blockDistance(buffer),
          ]))
    ]
  }

  /// How many slots lie side by side: those of a short run, or all.
  private func slotCount(_ join: Join, along run: [Int]) -> CExpression {
    guard let place = place(ofHome: join),
      kernel.shortRides(in: kernel.regions[place]) != nil
    else { return .name("SLOTS") }
    return .conditional(
      .pointerMember(.name("call"), form.short(place)), index.size(run),
      .name("SLOTS"))
  }

  private func home(of join: Join) -> Region? {
    place(ofHome: join).map { kernel.regions[$0] }
  }

  /// The region in which the sum rode.
  private func place(ofHome join: Join) -> Int? {
    kernel.regions.firstIndex { $0.rides?.slots.contains(join.slots) == true }
  }
}

extension IndexCode {
  /// How far apart the slots of two blocks lie in an array of blocks.
  func blockDistance(_ buffer: Buffer) -> CExpression {
    buffer.blockDistance(ofSlots: size(buffer.axes))
  }

  /// The offset, in an array of blocks, of block `block` at the places of the axes in `loops`.
  func blockOffset(
    _ buffer: Buffer, at loops: Set<Int>, block: CExpression = .name("block")
  ) -> CExpression {
    let start = CExpression.multiply(block, blockDistance(buffer))
    return offset(buffer, at: loops).map { .add(start, $0) } ?? start
  }
}

extension Buffer {
  /// How far apart the slots of two blocks lie in an array of blocks, each of `slots`.
  func blockDistance(ofSlots slots: CExpression) -> CExpression {
    axes.isEmpty ? .size(1) : .call("slots_apart", slots)
  }
}
