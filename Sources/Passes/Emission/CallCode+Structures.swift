import CCode
import LoopIR

/// The structures that a function hands to its regions, and what they are filled with.
extension CallCode {
  /// What each function hands to its regions, and the table of regions of an instruction set.
  func makeStructures() -> [CItem] {
    [.raw("/** The kernels of one instruction set. */\ntypedef struct kernels kernels;")]
      + forms.map { .structure(callStructure($0)) } + [.structure(table)]
  }

  /// The table of kernels by the name of its type.
  var tableStructure: CItem {
    var named = table
    named.typeName = named.tag
    return .structure(named)
  }

  /// What the function of a place hands to its regions.
  func structures(ofFunction place: Int) -> [CItem] {
    formsOfFunctions[place].map { .structure(callStructure($0)) }
  }

  private func callStructure(_ form: KernelForm) -> CStructure {
    let kernel = form.kernel
    var members: [CMember] = []
    for size in sizes { members.append(CMember(.size, size.name)) }
    for buffer in kernel.buffers where buffer.role != .row {
      members.append(CMember(buffer.pointerType(kernel.type), buffer.name))
    }
    for parameter in kernel.parameters {
      members.append(CMember(parameter.cType, parameter.name))
    }
    members += kernel.regions.indices.flatMap { counts(form, $0) }
    members += kernel.regions.indices.flatMap { switches(form, $0) }
    members.append(CMember(.pointer(toConst: .named("kernels")), "kernels"))
    return CStructure(
      comment: "A call of \(form.name)\(form.unit.map { ": \($0) is 1" } ?? "").",
      typeName: form.callType, members: members)
  }

  /// How many places a region has, and how they are divided.
  private func counts(_ form: KernelForm, _ region: Int) -> [CMember] {
    var members = [
      CMember(
        .size, form.places(region), form.share(region),
        comment: "the places of region \(region + 1), in all and a piece")
    ]
    if !form.kernel.regions[region].stretchedColumns.isEmpty {
      members.append(CMember(.size, form.stretch(region), comment: "the columns of a place of it"))
    }
    if form.isSplit(region) {
      members.append(CMember(.size, form.together(region), comment: "how many are taken together"))
    }
    if form.kernel.regions[region].takesTurns {
      members.append(
        CMember(
          .size, form.turn(region),
          comment: "its places for one turn after those before it, or 0: they are done before"))
    }
    return members
  }

  /// What decides which kernel of a region is taken.
  private func switches(_ form: KernelForm, _ region: Int) -> [CMember] {
    form.variants(region).compactMap { variant in
      switch variant {
      case .general, .streamBlock, .gatheredStream, .heldStream, .turned(.some): nil
      case .stream:
        CMember(
          .bool, form.stream(region),
          comment: "whether what region \(region + 1) makes bypasses the caches")
      case .block:
        CMember(.bool, form.oneBlock(region), comment: "whether its sums are of one block")
      case .oneStep:
        CMember(.bool, form.oneStep(region), comment: "whether its innermost runs are one step")
      case .short:
        CMember(
          .bool, form.short(region),
          comment: "whether the run of its sums is no longer than their slots")
      case .gathered:
        CMember(
          .bool, form.gathered(region),
          comment: "whether the statistics of its rows are made together")
      case .held:
        CMember(
          .bool, form.held(region), comment: "whether the sums over its rows are held in vectors")
      case .turned(nil):
        CMember(
          .size, form.turned(region), comment: "the elements of its rows if they are turned, or 0")
      }
    }
  }

  private var table: CStructure {
    CStructure(
      tag: "kernels",
      members: forms.flatMap { form in
        let kernel = CType.function(result: .void, parameters: kernelParameters(of: form))
        let pointer = CType.pointer(to: kernel)
        return form.kernelNames.map { CMember(pointer, $0) }
      })
  }

  /// The prototypes of kernels that all readings take from the last one.
  var kernelsOfOneLane: [CItem] {
    forms.flatMap { form in
      form.kernel.regions.indices.filter(form.isOfOneLane).flatMap { region in
        form.kernelNames(region).map { name in
          .prototype(
            CFunction(
              prefix: ["static"], result: .void, name: oneLaneName(name),
              parameters: kernelParameters(of: form)))
        }
      }
    }
  }

  private func kernelParameters(of form: KernelForm) -> [CParameter] {
    [
      CParameter(.pointer(toConst: .named(form.callType)), "call"), CParameter(.size, "first"),
      CParameter(.size, "last"),
    ]
  }

  /// What `NAME(kernel)` is where there is one lane.
  private func oneLaneName(_ kernel: String) -> String { kernel + "_plain" }

  /// `static const kernels NAME(kernels) = {…}`
  var tableOfReading: CItem {
    let entries = forms.flatMap { form in
      form.kernel.regions.indices.flatMap { region in
        form.kernelNames(region).map { name in
          CInitializer(form.isOfOneLane(region) ? .name(oneLaneName(name)) : .variant(name))
        }
      }
    }
    return .variables(
      CDeclaration(
        prefix: ["static"], .const(.named("kernels")),
        [CVariable("NAME(kernels)", .initializer(entries))]), comment: nil)
  }

  /// What the structure of a call is filled with.
  func members(of form: KernelForm) -> [CInitializer] {
    let kernel = form.kernel
    var members = sizes.map { CInitializer(.name($0.name), for: $0.name) }
    for buffer in kernel.buffers where buffer.role == .input || buffer.role == .output {
      members.append(CInitializer(.name(buffer.source ?? buffer.name), for: buffer.name))
    }
    for parameter in kernel.parameters {
      members.append(CInitializer(.name(parameter.name), for: parameter.name))
    }
    for (place, region) in kernel.regions.enumerated() {
      if !region.stretchedColumns.isEmpty {
        members.append(CInitializer(stretch(place, kernel), for: form.stretch(place)))
      }
      members.append(CInitializer(placeCount(place, kernel), for: form.places(place)))
      if form.isSplit(place) {
        members.append(CInitializer(together(region, kernel), for: form.together(place)))
      }
      if region.takesTurns {
        members.append(CInitializer(turn(place, kernel), for: form.turn(place)))
      }
    }
    for (place, region) in kernel.regions.enumerated() {
      if let streams = streams(region, kernel) {
        members.append(CInitializer(streams, for: form.stream(place)))
      }
      if let oneBlock = haveOneBlock(region, kernel) {
        members.append(CInitializer(oneBlock, for: form.oneBlock(place)))
      }
      if let oneStep = haveOneStep(region, kernel) {
        members.append(CInitializer(oneStep, for: form.oneStep(place)))
      }
      if let short = isShort(region, kernel) {
        members.append(CInitializer(short, for: form.short(place)))
      }
      if let gathers = gathers(region, kernel) {
        members.append(CInitializer(gathers, for: form.gathered(place)))
      }
      if let holds = holds(region, kernel) {
        members.append(CInitializer(holds, for: form.held(place)))
      }
      if let turned = turnedLength(region, kernel) {
        members.append(CInitializer(turned, for: form.turned(place)))
      }
    }
    members.append(CInitializer(.call("best_kernels"), for: "kernels"))
    return members
  }

  /// How many places a region has: sets of rows, or places of the kept axes, with as many
  /// stretches of columns each.
  private func placeCount(_ place: Int, _ kernel: LoopKernel) -> CExpression {
    let region = kernel.regions[place]
    let places = product(of: region.kept, kernel)
    if let rides = region.rides {
      let outer = region.kept.dropLast(rides.order.segments.count).map {
        value(kernel.axes[$0].extent)
      }
      let sets = CExpression.call("sets_of", orderValue(rides.order, kernel))
      return .chain(.multiply, outer + [sets], empty: sets)
    }
    if region.stretchedColumns.isEmpty { return places }
    let kept = region.kept.map { value(kernel.axes[$0].extent) }
    let columns = product(of: region.stretchedColumns, kernel)
    let stretches = CExpression.call("ceil_div", columns, stretch(place, kernel))
    return .chain(.multiply, kept + [stretches], empty: stretches)
  }

  /// How many columns make a place of a region.
  func stretch(_ place: Int, _ kernel: LoopKernel) -> CExpression {
    .call(
      kernel.regions[place].columns.isEmpty ? "stretch_of_turn" : "stretch_of",
      columnsAndRows(place, kernel) + [.name("executor")])
  }

  /// How many columns a region has, and how many rows of them are reduced: by itself, or by the
  /// region with which it takes turns by the same stretches.
  private func columnsAndRows(_ place: Int, _ kernel: LoopKernel) -> [CExpression] {
    let region = kernel.regions[place]
    let reducing = region.columns.isEmpty ? kernel.regions[place - 1] : region
    let rows = kernel.work(of: reducing).filter { !reducing.columns.contains($0) }
    return [product(of: reducing.columns, kernel), product(of: rows, kernel)]
  }

  /// How many places make a turn of a region.
  private func turn(_ place: Int, _ kernel: LoopKernel) -> CExpression {
    let region = kernel.regions[place]
    if region.turnColumns.isEmpty {
      let work = product(of: kernel.work(of: region), kernel)
      return .call("turn_of", placeCount(place, kernel), work, .name("executor"))
    }
    return .conditional(
      .call("turns_of_columns", columnsAndRows(place, kernel) + [.name("executor")]),
      product(of: region.kept, kernel), .size(0))
  }

  /// How many places of a region are taken together.
  private func together(_ region: Region, _ kernel: LoopKernel) -> CExpression {
    let work = kernel.work(of: region)
    let tensors = kernel.tensors(of: region)
    let counts = (region.kept + work).map { value(kernel.axes[$0].extent) }
    let bytes = tensors.first.map { id in
      CExpression.chain(
        .multiply,
        [.size(tensors.count)] + counts
          + [.sizeOf(kernel.buffers[id.index].element.cType(kernel.type))], empty: .size(0))
    }
    return .call("places_in_flight", product(of: work, kernel), bytes ?? .size(0))
  }

  /// Whether the results of a region bypass the caches; `nil` if it has none that can.
  private func streams(_ region: Region, _ kernel: LoopKernel) -> CExpression? {
    let conditions = region.steps.flatMap { step -> [CExpression] in
      guard case .store(let step) = step else { return [] }
      return kernel.streamed(by: step, in: region).map { id in
        let buffer = kernel.buffers[id.index]
        let run = step.sweep.run.map { value(kernel.axes[$0].extent) }
        let whole = kernel.buffers.filter {
          ($0.role == .input || $0.role == .output) && Set($0.axes) == Set(buffer.axes)
        }
        let count = buffer.axes.map { value(kernel.axes[$0].extent) }
        let element = CExpression.sizeOf(buffer.element.cType(kernel.type))
        return .call(
          "streams", .name(buffer.name), .chain(.multiply, run + [element], empty: element),
          .chain(.multiply, [.size(whole.count)] + count + [element], empty: element),
          .name("executor"))
      }
    }
    return conditions.isEmpty ? nil : .chain(.and, conditions, empty: .integer(1))
  }

  /// Whether all sums along runs are of one block; `nil` if that does not depend on the call.
  private func haveOneBlock(_ region: Region, _ kernel: LoopKernel) -> CExpression? {
    let conditions = kernel.openSums(of: region).map { sweep -> CExpression in
      let sizes = [sweep.segments, sweep.run].map { product(of: $0, kernel) }
      return .equal(.member(.call("order_of", sizes), "blocks"), .size(1))
    }
    return conditions.isEmpty ? nil : .chain(.and, conditions, empty: .integer(1))
  }

  /// Whether the innermost runs are one step, all quarters of which hold something; `nil` if that
  /// does not depend on the call.
  private func haveOneStep(_ region: Region, _ kernel: LoopKernel) -> CExpression? {
    kernel.innermostRun(of: region).map { run in
      let length = product(of: run, kernel)
      return .and(
        .binary(.less, .lessThanStep, length), .binary(.lessOrEqual, length, .name("SLOTS")))
    }
  }

  /// Whether the statistics of rows of a region are made together; `nil` if they never are.
  private func gathers(_ region: Region, _ kernel: LoopKernel) -> CExpression? {
    kernel.gatheredRows(of: region).map { rows in
      let length = product(of: rows.run, kernel)
      let isFixed = kernel.fixedExtents(of: rows.run).count == rows.run.count
      let fits: [CExpression] =
        (isFixed ? [] : [.less(.size(0), length)]) + [
          .binary(.lessOrEqual, length, .name("LONGEST_GATHERED")),
          .binary(.lessOrEqual, .call("rows_gathered", length), rowCount(region, kernel)),
        ]
      let isNear = CExpression.binary(
        .lessOrEqual, product(of: region.kept + rows.run, kernel), .name("MOST_NEAR"))
      return .chain(
        .and, fits + (rows.gain == .ofRoots ? [isNear] : []), empty: .integer(1))
    }
  }

  /// Whether sums over the rows of a region are held where they are one block; `nil` if they never
  /// are.
  private func holds(_ region: Region, _ kernel: LoopKernel) -> CExpression? {
    kernel.heldRun(of: region).map { run in
      .and(
        .binary(.lessOrEqual, product(of: run, kernel), .multiply(.size(2), .name("SLOTS"))),
        .binary(.lessOrEqual, .name("FEWEST_HELD"), rowCount(region, kernel)))
    }
  }

  /// How long the rows of a region are if they are turned, else 0; `nil` if they never are.
  private func turnedLength(_ region: Region, _ kernel: LoopKernel) -> CExpression? {
    guard let axis = kernel.turnedAxis(of: region) else { return nil }
    let length = value(kernel.axes[axis].extent)
    let fits = CExpression.and(
      .binary(.lessOrEqual, length, .name("MOST_TURNED")),
      .binary(.lessOrEqual, .name("FEWEST_TURNED"), rowCount(region, kernel)))
    return .conditional(fits, length, .size(0))
  }

  /// How many rows there are at the places of a region; where sums ride, how many they take.
  private func rowCount(_ region: Region, _ kernel: LoopKernel) -> CExpression {
    product(of: region.rides?.order.segments ?? region.kept, kernel)
  }

  /// Whether sums ride along several runs at once where they are one block; `nil` if they cannot.
  private func isShort(_ region: Region, _ kernel: LoopKernel) -> CExpression? {
    guard let sweep = kernel.shortRides(in: region) else { return nil }
    let fits = CExpression.binary(
      .lessOrEqual, product(of: sweep.run, kernel), .name("SLOTS"))
    let isRow = CExpression.binary(
      .lessOrEqual, product(of: sweep.segments + sweep.run, kernel), .name("LONGEST_RUN"))
    return .and(fits, isRow)
  }
}
