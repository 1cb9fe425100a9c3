extension LoopKernel {
  /// What is wrong with the kernel, a sentence each; none if it is well formed:
  /// * lane programs verify, and their arguments are there and of their types;
  /// * what is read or written at a place has no axes but those of the loops around it;
  /// * a scalar is read after the step of its region that makes it, a workspace array after the
  ///   step that writes it;
  /// * each output is written once, and inputs never.
  package func problems() -> [String] {
    var verifier = KernelVerifier(self)
    return verifier.run()
  }
}

private struct KernelVerifier {
  private let kernel: LoopKernel
  private var problems: [String] = []
  /// The arrays that earlier regions wrote.
  private var written: Set<BufferID> = []
  /// The arrays that the region at hand writes.
  private var writtenHere: Set<BufferID> = []
  /// The scalars that the region at hand has made so far.
  private var made: Set<ScalarID> = []
  /// The rows that earlier sweeps of the region keep.
  private var kept: Set<BufferID> = []
  private var region = Region(title: "", kept: [], columns: [], prologue: [], steps: [])

  init(_ kernel: LoopKernel) { self.kernel = kernel }

  mutating func run() -> [String] {
    for region in kernel.regions { check(region) }
    for (last, next) in zip(kernel.regions, kernel.regions.dropFirst()) where next.takesTurns {
      checkTurns(of: last, next)
    }
    for (index, buffer) in kernel.buffers.enumerated()
    where buffer.role == .output && !written.contains(BufferID(index)) {
      problems.append("\(buffer.name) is never written")
    }
    return problems
  }

  private mutating func report(_ problem: String) {
    problems.append("region \(region.title): \(problem)")
  }

  private mutating func checkTurns(of last: Region, _ next: Region) {
    region = next
    let ofColumns = !next.turnColumns.isEmpty
    let fits =
      ofColumns
      ? last.kept.isEmpty && last.columns == next.turnColumns
        && next.steps.allSatisfy { $0.isOfRow(next.turnColumns) }
      : last.turnColumns.isEmpty && last.kept.starts(with: next.kept)
    if next.kept.isEmpty || !next.columns.isEmpty || !fits {
      report("takes turns with a region of other places")
    }
    if [last, next].contains(where: { $0.rides != nil || !$0.joins.isEmpty }) {
      report("takes turns where sums ride")
    }
  }

  private mutating func check(_ region: Region) {
    self.region = region
    (made, writtenHere) = ([], [])
    checkLoops(region.kept + region.columns)
    for join in region.joins { check(join) }
    for step in region.prologue {
      check(step.body, at: [])
      check(step.defines, of: step.body.program, isOfColumns: false)
      if !step.stores.isEmpty { report("stores outside of the loops") }
    }
    let before = made
    check(region.steps)
    if let rides = region.rides { check(rides) }
    if let steps = region.stepsOfOneBlock {
      (made, writtenHere) = (before, [])
      check(steps)
      if let rides = region.rides { check(rides) }
    }
    written.formUnion(writtenHere)
  }

  private mutating func check(_ steps: [Step]) {
    kept = []
    for step in steps {
      switch step {
      case .scalars(let step): check(step)
      case .reduce(let step): check(step)
      case .store(let step):
        let places = places(of: step.sweep)
        check(step.body, at: places)
        check(step.stores, of: step.body.program, at: places)
        for rider in step.riders { check(rider, of: step.body.program) }
      }
    }
  }

  private mutating func checkLoops(_ axes: [Int]) {
    if Set(axes).count < axes.count { report("loops over an axis twice") }
    if !axes.allSatisfy(kernel.axes.indices.contains) { report("loops over an unknown axis") }
  }

  /// The axes of the loops around the body of a sweep.
  private mutating func places(of sweep: Sweep) -> Set<Int> {
    let inner = sweep.run.filter { !region.columns.contains($0) }
    checkLoops(region.kept + region.columns + sweep.segments + inner)
    if !region.columns.isEmpty, sweep.run != region.columns {
      report("a sweep does not run along the columns")
    }
    return Set(region.kept + region.columns + sweep.segments + sweep.run)
  }

  private mutating func check(_ step: ScalarStep) {
    if step.isOfColumns && region.columns.isEmpty { report("scalars of columns that are not") }
    let places = Set(region.kept + (step.isOfColumns ? region.columns : []))
    check(step.body, at: places)
    check(step.defines, of: step.body.program, isOfColumns: step.isOfColumns)
    check(step.stores, of: step.body.program, at: places)
  }

  private mutating func check(_ step: ReduceStep) {
    if Set(step.sweep.segments + step.sweep.run).isSubset(of: region.columns) {
      report("reduces over nothing")
    }
    let places = places(of: step.sweep)
    check(step.body, at: places)
    if let selection = step.selection {
      check(selection, at: places.subtracting(step.sweep.run))
      if !step.riders.isEmpty || !step.keeps.isEmpty { report("leaves out rows of others") }
    }
    let program = step.body.program
    for accumulator in step.accumulators { check(accumulator, of: program) }
    for rider in step.riders { check(rider, of: program) }
    for (value, row) in step.keeps {
      if type(of: value, in: program) != .number { report("keeps what is no number") }
      if array(row)?.role != .row || array(row)?.axes != step.sweep.run {
        report("keeps values where no row is for them")
      }
      kept.insert(row)
    }
  }
}

// What steps read.
extension KernelVerifier {
  private mutating func check(_ selection: RowSelection, at places: Set<Int>) {
    check(selection.body, at: places)
    if type(of: selection.condition, in: selection.body.program) != .condition {
      report("selects rows by what is no condition")
    }
    if let range = selection.range { check(.within(range), at: places) }
  }

  private mutating func check(_ body: Body, at places: Set<Int>) {
    do throws(LaneError) { try body.program.verify() } catch { report(error.description) }
    for source in body.arguments { check(source, at: places) }
    for (operation, type) in zip(body.program.operations, body.program.types) {
      guard case .argument(let index) = operation else { continue }
      if !body.arguments.indices.contains(index) {
        report("there is no argument \(index)")
      } else if let given = self.type(of: body.arguments[index]), given != type,
        !isRounded(body.arguments[index], to: type)
      {
        report("argument \(index) is a \(given), read as a \(type)")
      }
    }
  }

  private func isRounded(_ source: Source, to type: LaneType) -> Bool {
    if case .place = source { type == .number } else { false }
  }

  private mutating func check(_ source: Source, at places: Set<Int>) {
    switch source {
    case .load(let buffer):
      guard let array = array(buffer) else { return report("reads an unknown array") }
      if !places.isSuperset(of: array.axes) {
        report("\(array.name) has axes that are not looped over")
      }
      switch array.role {
      case .input, .index: return
      case .output: report("\(array.name) is read, though an output")
      case .row:
        if !kept.contains(buffer) { report("\(array.name) is read before it is kept") }
      case .workspace:
        if !written.contains(buffer) && !writtenHere.contains(buffer) {
          report("\(array.name) is read before it is written")
        }
      }
    case .scalar(let scalar):
      guard kernel.scalars.indices.contains(scalar.index) else {
        return report("reads an unknown scalar")
      }
      let name = kernel.scalars[scalar.index].name
      if !made.contains(scalar) { report("\(name) is read before it is made") }
      if kernel.scalars[scalar.index].isOfColumn && !places.isSuperset(of: region.columns) {
        report("\(name) is read outside of its columns")
      }
    case .parameter(let parameter):
      if !kernel.parameters.indices.contains(parameter.index) {
        report("reads an unknown parameter")
      }
    case .size(let axes): if !axes.allSatisfy(kernel.axes.indices.contains) { checkLoops(axes) }
    case .place(let axes):
      if !places.isSuperset(of: axes) { report("reads a place that is not looped over") }
    case .within(let range):
      if !places.isSuperset(of: range.axes) { report("reads a place that is not looped over") }
      for end in [range.from, range.through].compactMap(\.self) {
        check(.scalar(end), at: places)
        if type(of: .scalar(end)) != .wide { report("an end of a range that is not wide") }
      }
    }
  }

  /// The type of what a source gives; `nil` if there is no such source.
  private func type(of source: Source) -> LaneType? {
    switch source {
    case .load(let buffer): array(buffer).map(\.element.type)
    case .scalar(let scalar):
      kernel.scalars.indices.contains(scalar.index) ? kernel.scalars[scalar.index].type : nil
    case .parameter(let parameter):
      kernel.parameters.indices.contains(parameter.index)
        ? kernel.parameters[parameter.index].kind.type : nil
    case .within: .condition
    case .size, .place: .wide
    }
  }

  private func array(_ id: BufferID) -> Buffer? {
    kernel.buffers.indices.contains(id.index) ? kernel.buffers[id.index] : nil
  }
}

// What steps make.
extension KernelVerifier {
  private mutating func check(
    _ defines: [(value: LaneValue, scalar: ScalarID)], of program: LaneProgram,
    isOfColumns: Bool
  ) {
    for (value, scalar) in defines {
      make(scalar, type(of: value, in: program))
      if kernel.scalars.indices.contains(scalar.index),
        kernel.scalars[scalar.index].isOfColumn != isOfColumns
      {
        report("\(kernel.scalars[scalar.index].name) is not made once a column, or is")
      }
    }
  }

  /// Notes that a value of the type `type` becomes `scalar`.
  private mutating func make(_ scalar: ScalarID, _ type: LaneType?) {
    guard kernel.scalars.indices.contains(scalar.index) else {
      return report("makes an unknown scalar")
    }
    let name = kernel.scalars[scalar.index].name
    if !made.insert(scalar).inserted { report("\(name) is made twice") }
    if let type, kernel.scalars[scalar.index].type != type {
      report("\(name) is a \(kernel.scalars[scalar.index].type), made of a \(type)")
    }
  }

  private mutating func type(of value: LaneValue, in program: LaneProgram) -> LaneType? {
    if program.types.indices.contains(value.index) { return program.types[value.index] }
    report("there is no value %\(value.index)")
    return nil
  }

  private mutating func check(
    _ stores: [(value: LaneValue, buffer: BufferID)], of program: LaneProgram,
    at places: Set<Int>
  ) {
    for (value, buffer) in stores {
      guard let array = array(buffer) else { return report("writes an unknown array") }
      let name = array.name
      if array.role == .input || array.role == .index {
        report("\(name) is written, though an input")
      }
      if array.element == .mask { report("\(name) is written, though a mask") }
      if Set(array.axes) != places { report("\(name) is not written once an element") }
      if written.contains(buffer) || !writtenHere.insert(buffer).inserted {
        report("\(name) is written twice")
      }
      if let type = type(of: value, in: program), type != array.element.type {
        report("\(name) is written with a \(type)")
      }
    }
  }

  private mutating func check(_ accumulator: Accumulator, of program: LaneProgram) {
    let type = type(of: accumulator.value, in: program)
    check(factor: accumulator.factor, condition: accumulator.condition, of: program)
    switch accumulator.kind {
    case .total(let scalar):
      if type != .number { report("a sum of what is no number") }
      make(scalar, .wide)
    case .moments(let mean, let squares):
      if type != .number { report("moments of what is no number") }
      if accumulator.factor != nil { report("moments with a factor") }
      for scalar in [mean, squares].compactMap(\.self) { make(scalar, .wide) }
    case .maximum(let scalar), .minimum(let scalar):
      if type == .condition { report("an extremum of conditions") }
      if accumulator.factor != nil { report("an extremum with a factor") }
      make(scalar, type)
    }
  }

  private mutating func check(
    factor: LaneValue?, condition: LaneValue?, of program: LaneProgram
  ) {
    if let factor, type(of: factor, in: program) != .number {
      report("a factor that is no number")
    }
    if let condition, type(of: condition, in: program) != .condition {
      report("selects by what is no condition")
    }
  }

  private mutating func check(_ rider: Rider, of program: LaneProgram) {
    if type(of: rider.value, in: program) != .number { report("a sum of what is no number") }
    check(factor: rider.factor, condition: rider.condition, of: program)
    if region.rides?.slots.contains(rider.slots) != true {
      report("a sum rides that has no place")
    }
  }

  private mutating func check(_ rides: Rides) {
    writtenHere.formUnion(rides.slots)
    if !region.kept.suffix(rides.order.segments.count).elementsEqual(rides.order.segments) {
      report("sums ride over other axes than the last kept ones")
    }
    if !rides.slots.allSatisfy({ array($0)?.blocks == rides.order }) {
      report("the slots of a sum that rides are of another order")
    }
  }

  private mutating func check(_ join: Join) {
    make(join.scalar, .wide)
    if !written.contains(join.slots) { report("joins blocks before they are written") }
    if array(join.slots)?.blocks == nil { report("joins what has no blocks") }
  }
}

extension Buffer.Element {
  /// The type of an element that is read.
  fileprivate var type: LaneType {
    switch self {
    case .number, .short: .number
    case .wide, .count: .wide
    case .mask: .condition
    }
  }
}

extension Parameter.Kind {
  fileprivate var type: LaneType {
    switch self {
    case .number, .counter: .wide
    case .flag: .condition
    }
  }
}
