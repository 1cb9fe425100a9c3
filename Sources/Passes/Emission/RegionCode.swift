import CCode
import LoopIR

/// Writes one region: a function over some places of its kept axes, and what it calls.
struct RegionCode {
  let form: KernelForm
  let kernel: LoopKernel
  let region: Region
  let index: IndexCode
  /// The name of the function, without `NAME()`.
  let name: String
  /// What the names of its kernels begin with.
  let kernelName: String
  /// The type of the structure with the arguments of the call.
  private let callType: String
  /// The member of the call that is the number of columns of a place.
  private let stretch: String
  /// The member of the call that is the number of places that are taken together.
  let together: String
  /// The member of the call that says whether rows which take turns with it bypass the caches;
  /// `nil` if there are none.
  private let streamOfTurns: String?
  /// The names that are taken in the function.
  var scope: NameSet
  private var sweeps = 0
  private var orders: [CStatement] = []
  /// The rows over which the sweeps spread arrays.
  private(set) var spreadRows: [Row] = []
  var functions: [CFunction] = []

  /// The kernels that it writes.
  let variants: [KernelVariant]
  /// The rows whose sums some of them gather.
  let gatheredRows: GatheredRows?
  /// What the steps do with one row.
  private(set) var stepsOfRows: [StepOfRow] = []

  /// The code of some kernels of region `place` of `form`, all of one part.
  init(_ form: KernelForm, _ place: Int, _ variants: [KernelVariant]) {
    self.form = form
    kernel = form.kernel
    var region = form.kernel.regions[place]
    self.variants = variants
    let part = variants.first.map { form.part(of: $0, place) } ?? .general
    gatheredRows =
      variants.contains { $0.isGathered } ? form.kernel.gatheredRows(of: region) : nil
    if part == .oneBlock { region.steps = region.stepsOfOneBlock ?? [] }
    self.region = region
    let isPlain = region.rides == nil && region.columns.isEmpty
    index = IndexCode(axes: kernel.axes).counting(isPlain ? region.kept : [], by: "place")
      .counting(region.rides?.order.segments ?? [], by: "row")
    kernelName = form.regionName(place)
    name = kernelName + (part == .oneBlock ? KernelVariant.block.suffix : "")
    callType = form.callType
    stretch = form.stretch(place)
    together = form.together(place)
    streamOfTurns = form.streamOfTurns(with: place)
    let (kernel, index) = (kernel, index)
    scope = NameSet(
      kernel.scalars.map(\.name)
        + kernel.buffers.map { $0.arrayName(in: kernel) }
        + kernel.parameters.map(\.name)
        + kernel.axes.indices.map { index.identifier($0) },
      reserving: reservedNames)
    if part == .turned { writeTurned() } else { write() }
  }

  private mutating func write() {
    let fresh = scope
    let body = placeBody()
    let loops = loop(around: body)
    var prologue = orders + orderOfJoins + inFlight
    for step in region.prologue { prologue += scalars(step) }
    let others = variants.filter { !$0.isGathered }
    if !others.isEmpty {
      let rows = spreadDeclarations + keptDeclarations(of: .name("LONGEST_RUN"))
      writeKernels(others, of: name, rows + stepNumbers + prologue + loops)
    }
    if let gatheredRows {
      scope = fresh
      writeGathered(gatheredRows)
    }
  }

  /// Kernels of the same code, which the function `places` holds if there are several.
  mutating func writeKernels(
    _ variants: [KernelVariant], of places: String, _ whole: [CStatement]
  ) {
    let used = UsedNames(in: whole)
    let code = locals(used) + whole
    let switches = KernelSwitch.allCases.filter { isSwitch($0) && used.contains($0.rawValue) }
    if switches.isEmpty {
      functions += variants.map {
        function("KERNEL", kernelName + $0.suffix, parameters, code)
      }
      return
    }
    let fence =
      switches.contains(.stream)
      ? [CStatement.branch(.name(KernelSwitch.stream.rawValue), [.call("v_fence")])] : []
    functions.append(
      function(
        "INLINE", places + "_places",
        parameters + switches.map { CParameter(.bool, $0.rawValue) }, code + fence))
    for variant in variants {
      let known = switches.map { CExpression.name("\($0.isOn(in: variant))") }
      let call = CExpression.callVariant(
        places + "_places", parameters.map { CExpression.name($0.name) } + known)
      functions.append(
        CFunction(
          prefix: ["KERNEL"], name: "NAME(\(kernelName)\(variant.suffix))", parameters: parameters,
          body: [.expression(call)]))
    }
  }

  private mutating func placeBody() -> PlaceBody {
    let isSplit = region.isSplit(in: kernel)
    let cut = region.firstStore
    var codes: [[CStatement]] = []
    for step in region.steps { codes.append(code(step)) }
    let parts = [codes[..<(isSplit ? cut : 0)], codes[(isSplit ? cut : 0)...]].map {
      Array($0.joined(separator: [.blank]))
    }
    var body = PlaceBody(statistics: parts[0], results: parts[1], carried: [])
    if body.isSplit {
      let made = region.steps[..<cut].flatMap(\.scalars).map { kernel.scalars[$0.index] }
      let used = UsedNames(in: body.results)
      body.carried = made.filter { used.contains($0.name) }
    }
    return body
  }

  var parameters: [CParameter] {
    [
      CParameter(.pointer(toConst: .named(callType)), "call"), CParameter(.size, "first"),
      CParameter(.size, "last"),
    ]
  }

  func function(
    _ prefix: String, _ name: String, _ parameters: [CParameter], _ body: [CStatement]
  ) -> CFunction {
    CFunction(
      comment: "Makes \(region.title)\(placesText).", prefix: [prefix],
      name: "NAME(\(name))", parameters: parameters, body: body)
  }

  private var placesText: String {
    let names = (region.kept + region.columns).map { kernel.axes[$0].name }
    let places =
      region.rides != nil ? "sets of rows" : region.columns.isEmpty ? "places" : "stretches"
    return names.isEmpty
      ? "" : " at the \(places) first ... last - 1 of " + names.joined(separator: ", ")
  }

  /// The loop over the places of the kept axes.
  private func loop(around body: PlaceBody) -> [CStatement] {
    let (first, last) = (CExpression.name("first"), CExpression.name("last"))
    if !region.columns.isEmpty { return columnLoop(around: joins + body.whole) }
    if let rides = region.rides { return rowLoop(around: body, rides) }
    if region.kept.isEmpty { return [.branch(.less(first, last), joins + body.whole)] }
    if !region.turnColumns.isEmpty { return stretchLoop(around: body) }
    var body = body
    body.results = joins + body.results
    return places(of: region.kept, body, from: first, to: last)
  }

  /// The loop over places that are stretches of columns.
  private func columnLoop(around body: [CStatement]) -> [CStatement] {
    let (columns, chunks, place) = (
      CExpression.name("columns"), CExpression.name("chunks"), CExpression.name("place")
    )
    let whole = CExpression.divide(place, chunks)
    let decoded = region.kept.enumerated().map { position, axis in
      CStatement.constant(
        .size, index.placeName(axis), index.digit(position, of: region.kept, from: whole))
    }
    let places = UsedNames.declarations(decoded, in: body)
    let chunk: CExpression = region.kept.isEmpty ? place : .binary(.remainder, place, chunks)
    let counts = stretches(of: region.columns) + UsedNames.declarations(rowsTogether, in: body)
    let parts: [CStatement] =
      region.kept.isEmpty
      ? [] : [.constant(.size, "chunks", .call("ceil_div", columns, .name("stretch")))]
    return counts + parts + [
      .count("place", from: .name("first"), to: .name("last"), stretch(chunk) + places + body)
    ]
  }

  /// How many columns there are, and how many of them make a stretch.
  private func stretches(of columns: [Int]) -> [CStatement] {
    [
      .constant(.size, "columns", index.size(columns)),
      .constant(.size, "stretch", .pointerMember(.name("call"), stretch)),
    ]
  }

  /// The first column of stretch `number`, and how many it has.
  private func stretch(_ number: CExpression) -> [CStatement] {
    let (column, most) = (CExpression.name("column"), CExpression.name("stretch"))
    return [
      .constant(.size, "column", .multiply(number, most)),
      .constant(.size, "width", .call("smaller", most, .subtract(.name("columns"), column))),
    ]
  }

  /// The loops over stretches of the columns of a turn, and over the rows in each.
  private func stretchLoop(around body: PlaceBody) -> [CStatement] {
    let (first, last, start, whole) = (
      CExpression.name("first"), CExpression.name("last"), CExpression.name("start"),
      CExpression.name("whole")
    )
    let (row, end) = (CExpression.name("first_row"), CExpression.name("last_row"))
    let ofStretch: [CStatement] =
      stretch(.divide(start, whole)) + [
        .constant(.size, "first_row", .subtract(.call("larger", first, start), start)),
        .constant(.size, "last_row", .call("smaller", whole, .subtract(last, start))),
      ] + places(of: region.kept, body, from: row, to: end)
    return stretches(of: region.turnColumns) + [
      .constant(.size, "whole", .call("larger", index.size(region.kept), .size(1))),
      .count(
        "start", from: .multiply(.divide(first, whole), whole), to: last, by: whole, ofStretch),
    ]
  }

  /// The members of the call that code mentions, as variables, but for `given`, a parameter.
  func locals(_ names: UsedNames, given: String? = nil) -> [CStatement] {
    var used = names
    var quotients: [CStatement] = []
    for axis in kernel.axes.indices where index.identifier(axis) != given {
      guard let value = index.definition(axis), used.contains(index.identifier(axis)) else {
        continue
      }
      quotients.append(.constant(.size, index.identifier(axis), value))
    }
    used.add(quotients)
    let member = { (name: String) in CExpression.pointerMember(.name("call"), name) }
    let sizes = kernel.sizeNames.filter { used.contains($0) && $0 != given }
    var result: [CStatement] = []
    if !sizes.isEmpty {
      result.append(
        .declaration(
          CDeclaration(.const(.size), sizes.map { CVariable($0, member($0)) })))
    }
    for buffer in kernel.buffers where buffer.role != .row {
      let name = buffer.arrayName(in: kernel)
      guard used.contains(name) else { continue }
      result.append(.constant(buffer.pointerType(kernel.type), name, member(buffer.name)))
    }
    for parameter in kernel.parameters where used.contains(parameter.name) {
      result.append(.constant(parameter.cType, parameter.name, member(parameter.name)))
    }
    if result.isEmpty && quotients.isEmpty {
      result.append(.expression(.cast(.void, .name("call"))))
    }
    return result + quotients
  }

  private mutating func code(_ step: Step) -> [CStatement] {
    switch step {
    case .scalars(let step):
      if gatheredRows != nil { stepsOfRows.append(.scalars(step)) }
      return scalars(step)
    case .reduce(let step):
      let pass = nextSweep()
      let prefetch = prefetch(in: step)
      let (sweep, code) = reduce(step, pass, prefetch: prefetch)
      add(sweep)
      orders.append(sweep.orderDeclaration)
      let comment = CStatement.comment(comment(step))
      if gatheredRows != nil {
        let ofRow =
          prefetch.map { reduce(step, pass, prefetch: nextRows(from: $0)).sweep } ?? sweep
        stepsOfRows.append(.reduce(step, comment, ofRow.passesOfRow(step)))
      }
      return [comment] + code
    case .store(let step):
      let pass = nextSweep()
      let (prefetch, ofResults) = (prefetch(in: step), prefetchOfResults(in: step))
      let (sweep, code) = store(step, pass, prefetch: prefetch, ofResults: ofResults)
      add(sweep)
      let comment = CStatement.comment(comment(step))
      if gatheredRows != nil {
        let ofRow = store(step, pass, prefetch: prefetch?.unwanted, ofResults: nextResults).code
        stepsOfRows.append(.store([comment] + ofRow))
      }
      return [comment] + code
    }
  }

  /// A sweep that reduces, and what it does at a place.
  private func reduce(
    _ step: ReduceStep, _ pass: Int, prefetch: Streaming.Prefetch?
  ) -> (sweep: SweepCode, code: [CStatement]) {
    var sweep = self.sweep(step.sweep, step.body, pass)
    let code = sweep.reduce(step, prefetch)
    return (sweep, code)
  }

  /// A sweep that writes, and what it does at a place.
  private func store(
    _ step: StoreStep, _ pass: Int, prefetch: Streaming.Prefetch?,
    ofResults: Streaming.Prefetch?
  ) -> (sweep: SweepCode, code: [CStatement]) {
    var sweep = self.sweep(step.sweep, step.body, pass)
    let results = isSwitch(.stream) ? Set(kernel.streamed(by: step, in: region)) : []
    let streaming = Streaming(
      results: results, prefetch: prefetch, prefetchOfResults: ofResults)
    let code = sweep.store(
      step, in: region, streaming: results.isEmpty ? nil : streaming, rows: rowsOfSet)
    return (sweep, code)
  }

  private func sweep(_ sweep: Sweep, _ body: Body, _ pass: Int) -> SweepCode {
    SweepCode(
      kernel, index, sweep, body, isOfColumns: !region.columns.isEmpty,
      isOfStretch: !region.turnColumns.isEmpty, region: name,
      place: pass, oneBlock: knowledge(of: .oneBlock), oneStep: oneStep,
      holding: knowledge(of: .held), scope: scope, isFilled: isFilledOnce)
  }

  /// `true` iff the code of the region is told it by each kernel: where it is so for some alone. A
  /// short run makes sums of one block where no size of the call decides how many they have, too.
  func isSwitch(_ known: KernelSwitch) -> Bool {
    if known == .oneBlock && kernel.openSums(of: region).isEmpty { return false }
    return Set(variants.map { known.isOn(in: $0) }).count == 2
  }

  /// What the code knows of a switch: as each kernel tells it, or the same for all kernels here.
  func knowledge(of known: KernelSwitch) -> KernelSwitch.Knowledge {
    if isSwitch(known) { return .asTold(known) }
    return variants.allSatisfy { known.isOn(in: $0) } ? .always : .never
  }

  /// Whether what it reads lies in memory rather than in a cache, as what is written then does.
  var isFar: CExpression {
    isSwitch(.stream)
      ? .name(KernelSwitch.stream.rawValue)
      : streamOfTurns.map { .pointerMember(.name("call"), $0) } ?? .name("false")
  }

  /// The run that some kernels here are told to be one step.
  private var oneStep: [Int]? { isSwitch(.oneStep) ? kernel.innermostRun(of: region) : nil }

  private mutating func add(_ sweep: SweepCode) {
    functions += sweep.functions
    for row in sweep.rows where !spreadRows.contains(row) { spreadRows.append(row) }
  }

  /// The declarations of the rows over which arrays are spread.
  var spreadDeclarations: [CStatement] {
    var names: [String] = []
    for row in spreadRows where !names.contains(row.name) { names.append(row.name) }
    return names.map { name in
      .declare(
        .array(of: kernel.type.cType, count: .add(.name("LONGEST_RUN"), .name("LANES"))), name)
    }
  }

  /// The numbers of the elements of a step, where a sweep asks for ranges of its run.
  private var stepNumbers: [CStatement] {
    region.bodies.contains { $0.readsRanges } ? PlaceRangeCode.declaration(kernel.type) : []
  }

  private mutating func nextSweep() -> Int {
    sweeps += 1
    return sweeps
  }

  private func comment(_ step: ReduceStep) -> String {
    let names = step.accumulators.map { $0.title(in: kernel) }
    return "Pass \(sweeps): \(names.joined(separator: ", "))\(along(step.sweep))."
  }

  private func comment(_ step: StoreStep) -> String {
    let names = step.stores.map { kernel.buffers[$0.buffer.index].name }
    return "Pass \(sweeps): \(names.joined(separator: ", "))\(along(step.sweep))."
  }

  private func along(_ sweep: Sweep) -> String {
    " over " + (sweep.segments + sweep.run).map { kernel.axes[$0].name }.joined(separator: ", ")
  }
}
