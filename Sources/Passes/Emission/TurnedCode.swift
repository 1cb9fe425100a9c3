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
  let kernel: LoopKernel
  let region: Region
  let index: IndexCode
  let axis: Int
  /// The names that are taken in the function.
  var scope: NameSet
  /// The array of what is turned, of each buffer.
  private var arrays: [BufferID: String] = [:]
  /// The scalars that are the same for all places.
  let common: Set<ScalarID>
  private var passes = 0

  init(_ kernel: LoopKernel, _ region: Region, _ axis: Int, scope: NameSet) {
    self.kernel = kernel
    self.region = region
    self.axis = axis
    self.scope = scope
    index = IndexCode(axes: kernel.axes)
    common = Set(region.prologue.flatMap(\.defines).map(\.scalar))
  }

  private var steps: [Step] { kernel.turnedSteps(of: region) }
  var length: CExpression { index.extent(axis) }
  let live = CExpression.name("live")

  /// The loop over the places from `first` to `last`, of the last kept axes where sums ride.
  mutating func loop(from first: CExpression, to last: CExpression) -> [CStatement] {
    let base = CExpression.name("base")
    var code: [CStatement] = [
      .constant(
        .int, "live",
        .cast(.int, .call("smaller", .subtract(last, base), .name("LANES"))))
    ]
    code += taken()
    for step in steps { code += self.code(step) }
    return [.count("base", from: first, to: last, by: .name("LANES"), code)]
  }

  /// The number of the first place of the lanes among all.
  var place: CExpression {
    guard let rides = region.rides else { return .name("base") }
    let segments = rides.order.segments
    let outer = region.kept.dropLast(segments.count)
    guard let first = outer.first else { return .name("base") }
    var flat = index.place(first)
    for axis in outer.dropFirst() {
      flat = .add(.multiply(flat, index.extent(axis)), index.place(axis))
    }
    return .add(.multiply(flat, index.size(segments)), .name("base"))
  }

  // Memory

  func array(_ id: BufferID) -> CExpression {
    kernel.buffers[id.index].array(in: kernel)
  }

  /// The first row of a buffer with rows.
  private func rows(_ id: BufferID) -> CExpression {
    .add(array(id), .multiply(place, length))
  }

  private mutating func declare(_ name: String) -> (name: String, statement: CStatement) {
    let name = scope.unique(name)
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

  private func source(_ source: Source) -> CExpression {
    switch source {
    case .load(let id): return load(id)
    case .scalar(let id):
      let scalar = kernel.scalars[id.index]
      return common.contains(id) ? splat(.name(scalar.name), scalar.type) : .name(scalar.name)
    case .parameter(let id):
      let parameter = kernel.parameters[id.index]
      let name = CExpression.name(parameter.name)
      switch parameter.kind {
      case .number: return splat(name, .wide)
      case .counter: return splat(.cast(.double, name), .wide)
      case .flag: return splat(name, .condition)
      }
    case .size(let axes):
      let factors = axes.map { CExpression.cast(.double, index.extent($0)) }
      return splat(.chain(.multiply, factors, empty: .double(1)), .wide)
    case .place: unreachable("emission: a place in turned rows")
    }
  }

  func splat(_ value: CExpression, _ type: LaneType) -> CExpression {
    switch type {
    case .number: .call("v_splat", value)
    case .wide: .call("w_splat", value)
    case .condition: .call("m_splat", value)
    case .integer, .wideInteger: .call("i_splat", value)
    }
  }

  private func load(_ id: BufferID) -> CExpression {
    switch kernel.place(of: id, region, axis) {
    case .one, nil: .call("v_splat", .index(array(id), .size(0)))
    case .each: .call("v_load", .add(array(id), place), live)
    case .along: .call("v_splat", .index(array(id), .name("j")))
    case .row, .kept: .index(.name(arrays[id] ?? ""), .name("j"))
    }
  }

  // Steps

  private mutating func code(_ step: Step) -> [CStatement] {
    switch step {
    case .scalars(let step): return scalars(step)
    case .reduce(let step): return reduce(step)
    case .store(let step): return store(step)
    }
  }

  func program(_ body: Body, suffix: String) -> LaneProgram {
    var program = body.program
    for (place, operation) in program.operations.enumerated() {
      guard case .argument(let argument) = operation,
        case .load(let id) = body.arguments[argument]
      else { continue }
      program.names[place] = kernel.buffers[id.index].name + suffix
    }
    return program
  }

  private mutating func scalars(_ step: ScalarStep) -> [CStatement] {
    let fixed = Dictionary(
      step.defines.map { ($0.value, kernel.scalars[$0.scalar.index].name) },
      uniquingKeysWith: { first, _ in first })
    let stored = step.stores.map(\.value)
    let code = ProgramCode(
      program(step.body, suffix: "_here"), kernel.type, .lanes,
      arguments: step.body.arguments.map { source($0) },
      roots: step.defines.map(\.value) + stored, fixed: fixed, pinned: Set(stored), names: scope)
    scope = code.names
    return code.statements
      + step.stores.map { value, id in
        unlessNull(
          id, [.call("v_store", .add(array(id), place), code[value], live)])
      }
  }

  private func unlessNull(_ id: BufferID, _ code: [CStatement]) -> CStatement {
    kernel.buffers[id.index].role == .output ? .branch(array(id), code) : .block(code)
  }

  /// A loop over the elements of the rows.
  private func each(
    _ body: Body, _ roots: [LaneValue], _ use: (ProgramCode) -> [CStatement]
  ) -> CStatement {
    let code = ProgramCode(
      program(body, suffix: "_j"), kernel.type, .lanes,
      arguments: body.arguments.map { source($0) }, roots: roots, names: scope)
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
      let sum = TurnedSum(accumulator, kernel, length: length, scope: &scope)
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
      calls.append(isAlone ? put : unlessNull(id, [put]))
    }
    let loop = each(step.body, step.stores.map(\.value)) { code in uses.flatMap { $0(code) } }
    let title = comment(step.stores.map { kernel.buffers[$0.buffer.index].name })
    let whole = code + [loop] + calls + riding(step.riders, step.body)
    guard isAlone, let only = step.stores.first else { return [title] + whole }
    return [title, unlessNull(only.buffer, whole)]
  }
}
