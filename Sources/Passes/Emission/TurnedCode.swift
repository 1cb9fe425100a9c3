import Basics
import CCode
import LoopIR

/// Writes what a region does with LANES places at once, each in a lane.
///
///     for (size_t base = first; base < last; base += LANES) {
///       const int live = (int)smaller(last - base, LANES);
///       lanes x_turned[MOST_TURNED];
///       NAME(take_rows)(x + base * C, C, live, x_turned);
///       /* Pass 1 */
///       lanes x_terms[MOST_TURNED];
///       for (size_t j = 0; j < C; j++) { … x_terms[j] = …; }
///       const wide sum_x = w_widen(NAME(sum_rows)(x_terms, C));
///       …
///       NAME(put_rows)(y_turned, C, live, y + base * C);
///     }
struct TurnedCode {
  var places: PlacesInLanes
  let axis: Int
  /// The array of what is turned, of each buffer.
  private var arrays: [BufferID: String] = [:]
  private var passes = 0

  init(_ kernel: LoopKernel, _ region: Region, _ axis: Int, scope: NameSet) {
    places = PlacesInLanes(kernel, region, scope: scope)
    self.axis = axis
  }

  var kernel: LoopKernel { places.kernel }
  var region: Region { places.region }
  var index: IndexCode { places.index }
  var live: CExpression { places.live }

  private var steps: [Step] { kernel.turnedSteps(of: region) }
  var length: CExpression { index.extent(axis) }

  /// The loop over the places from `first` to `last`, of the last kept axes where sums ride.
  mutating func loop(from first: CExpression, to last: CExpression) -> [CStatement] {
    var code = taken()
    for step in steps { code += self.code(step) }
    return [places.loop(from: first, to: last, code)]
  }

  // Memory

  /// The first row of a buffer with rows.
  private func rows(_ id: BufferID) -> CExpression {
    .add(places.array(id), .multiply(places.first, length))
  }

  private mutating func declare(_ name: String) -> (name: String, statement: CStatement) {
    let name = places.scope.unique(name)
    return (name, .declare(.array(of: .named("lanes"), count: .name("MOST_TURNED")), name))
  }

  /// The rows that the sweeps read.
  private mutating func taken() -> [CStatement] {
    var code: [CStatement] = []
    for case .load(let id) in steps.flatMap({ $0.body.arguments })
    where arrays[id] == nil && kernel.place(of: id, region, axis) == .row {
      let turned = declare(kernel.buffers[id.index].name + "_turned")
      arrays[id] = turned.name
      code += [
        turned.statement,
        .expression(.callVariant("take_rows", [rows(id), length, live, .name(turned.name)])),
      ]
    }
    return code
  }

  /// What an element of the rows is made of.
  private func source(_ source: Source) -> CExpression {
    guard case .load(let id) = source else { return places.source(source) }
    return switch kernel.place(of: id, region, axis) {
    case .one, .each, nil: places.source(source)
    case .along: .call("v_splat", .index(places.array(id), .name("j")))
    case .row, .kept: .index(.name(arrays[id] ?? ""), .name("j"))
    }
  }

  // Steps

  private mutating func code(_ step: Step) -> [CStatement] {
    switch step {
    case .scalars(let step): return places.scalars(step)
    case .reduce(let step): return reduce(step)
    case .store(let step): return store(step)
    }
  }

  /// A loop over the elements of the rows.
  private func each(
    _ body: Body, _ roots: [LaneValue], _ use: (ProgramCode) -> [CStatement]
  ) -> CStatement {
    let code = ProgramCode(
      places.program(body, suffix: "_j"), kernel.type, .lanes,
      arguments: body.arguments.map { source($0) }, roots: roots, names: places.scope)
    return .eachElement("j", of: length, code.statements + use(code))
  }

  private func at(_ array: String) -> CExpression { .index(.name(array), .name("j")) }

  private func comment(_ names: [String]) -> CStatement {
    let axis = kernel.axes[axis].name
    return .comment("Pass \(passes): \(names.joined(separator: ", ")) over \(axis).")
  }

  private mutating func reduce(_ step: ReduceStep) -> [CStatement] {
    passes += 1
    var code: [CStatement] = [.blank, comment(step.accumulators.map { $0.title(in: kernel) })]
    var roots: [LaneValue] = []
    var uses: [(ProgramCode) -> [CStatement]] = []
    var after: [CStatement] = []
    for accumulator in step.accumulators {
      roots += [accumulator.value] + [accumulator.factor, accumulator.condition].compactMap(\.self)
      let sum = TurnedSum(accumulator, kernel, length: length, scope: &places.scope)
      code.append(sum.declaration)
      uses.append(sum.use)
      after += sum.closing { body in each(step.body, [accumulator.value], body) }
    }
    for (value, row) in step.keeps {
      let kept = declare(kernel.buffers[row.index].name + "_turned")
      arrays[row] = kept.name
      roots.append(value)
      code.append(kept.statement)
      let target = at(kept.name)
      uses.append { [.set(target, $0[value])] }
    }
    let loop = each(step.body, roots) { code in uses.flatMap { $0(code) } }
    return code + [loop] + after + riding(step.riders, step.body) + [.blank]
  }

  private mutating func store(_ step: StoreStep) -> [CStatement] {
    passes += 1
    var code: [CStatement] = []
    var uses: [(ProgramCode) -> [CStatement]] = []
    var calls: [CStatement] = []
    let isAlone = step.stores.count == 1 && step.riders.isEmpty
    for (value, id) in step.stores {
      let made = declare(kernel.buffers[id.index].name + "_turned")
      code.append(made.statement)
      let target = at(made.name)
      uses.append { [.set(target, $0[value])] }
      let put = CStatement.expression(
        .callVariant("put_rows", [.name(made.name), length, live, rows(id)]))
      calls.append(isAlone ? put : places.unlessNull(id, [put]))
    }
    let loop = each(step.body, step.stores.map(\.value)) { code in uses.flatMap { $0(code) } }
    let title = comment(step.stores.map { kernel.buffers[$0.buffer.index].name })
    let whole = code + [loop] + calls + riding(step.riders, step.body)
    guard isAlone, let only = step.stores.first else { return [title] + whole }
    return [title, places.unlessNull(only.buffer, whole)]
  }
}
