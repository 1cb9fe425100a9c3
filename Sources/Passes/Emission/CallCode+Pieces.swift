import CCode
import LoopIR

/// How the regions of a form run: executor pieces of their places, and what starts these.
extension CallCode {
  /// One executor piece of a region: some of its places, with those of the regions that it takes
  /// turns with.
  func piece(_ form: KernelForm, _ region: Int) -> CFunction {
    let first = CExpression.name("first")
    let last = CExpression.call(
      "smaller", member(form.places(region)), .add(first, member(form.share(region))))
    let bounds: [CStatement] = [
      .constant(.size, "first", .multiply(.name("i"), member(form.share(region)))),
      .constant(.size, "last", last),
    ]
    return CFunction(
      comment: "One executor piece of \(form.regionName(region)).", prefix: ["static"],
      name: pieceName(form, region),
      parameters: [CParameter(.pointer(to: .void), "task"), CParameter(.size, "i")],
      body: [
        .constant(.pointer(toConst: .named(form.callType)), "call", .name("task")),
        .constant(.named("float_mode"), "callers", .call("enter_float_mode")),
      ] + bounds + places(form, region) + [.call("set_float_mode", .name("callers"))])
  }

  func pieceName(_ form: KernelForm, _ region: Int) -> String {
    form.regionName(region) + "_piece"
  }

  private func member(_ name: String) -> CExpression { .pointerMember(.name("call"), name) }

  /// The places `first` to `last`, in turns if there are others that take them.
  private func places(_ form: KernelForm, _ region: Int) -> [CStatement] {
    let (first, last) = (CExpression.name("first"), CExpression.name("last"))
    let regions = form.kernel.regions
    guard regions[region].takesTurns else { return [kernelCall(form, region, first, last)] }
    let (start, end, turn) = (CExpression.name("start"), CExpression.name("end"), "turn")
    let before = form.regionsInTurn(upTo: region).dropLast().map { other in
      if !regions[region].turnColumns.isEmpty {
        // A turn is one stretch of columns, all rows of it.
        return kernelCall(form, other, .divide(start, .name(turn)), .divide(end, .name(turn)))
      }
      let each = CExpression.divide(member(form.places(other)), member(form.places(region)))
      return kernelCall(form, other, .multiply(start, each), .multiply(end, each))
    }
    let own = [kernelCall(form, region, start, end)]
    let ofTurn: [CStatement] =
      [
        .constant(.size, "end", .call("smaller", last, .add(start, .name(turn)))),
        .branch(member(form.turn(region)), before),
      ] + ifWanted(form, region, own, member)
    let whole = CExpression.call("larger", .subtract(last, first), .size(1))
    return [
      .constant(
        .size, turn, .conditional(member(form.turn(region)), member(form.turn(region)), whole)),
      .count("start", from: first, to: last, by: .name(turn), ofTurn),
    ]
  }

  /// A call of the kernel of a region that fits.
  private func kernelCall(
    _ form: KernelForm, _ region: Int, _ first: CExpression, _ last: CExpression
  ) -> CStatement {
    let pointer = { (variant: KernelVariant) in
      CExpression.pointerMember(member("kernels"), form.regionName(region) + variant.suffix)
    }
    let kernel = form.variants(region).reduce(pointer(.general)) { chosen, variant in
      condition(of: variant, form, region).map { .conditional($0, pointer(variant), chosen) }
        ?? chosen
    }
    return .expression(.call(kernel, [.name("call"), first, last]))
  }

  /// Which calls a kernel is for; `nil` for all.
  private func condition(
    of variant: KernelVariant, _ form: KernelForm, _ region: Int
  ) -> CExpression? {
    let (stream, held) = (member(form.stream(region)), member(form.held(region)))
    let isOneBlock =
      form.variants(region).contains(.block) ? [member(form.oneBlock(region))] : []
    let conditions: [CExpression] =
      switch variant {
      case .general: []
      case .stream: [stream]
      case .streamBlock: [stream] + isOneBlock
      case .block: isOneBlock
      case .oneStep: [member(form.oneStep(region))] + isOneBlock
      case .short: [member(form.short(region))] + isOneBlock
      case .gathered: [member(form.gathered(region))]
      case .gatheredStream: [stream, member(form.gathered(region))]
      case .held: [held] + isOneBlock
      case .heldStream: [stream, held] + isOneBlock
      case .turned(nil): [member(form.turned(region))]
      case .turned(let length?): [.equal(member(form.turned(region)), .size(length))]
      }
    return conditions.isEmpty ? nil : .chain(.and, conditions, empty: .integer(1))
  }

  /// Runs a region, if something of what depends on it is wanted and no other runs it by turns.
  func run(_ form: KernelForm, _ place: Int) -> [CStatement] {
    let region = form.kernel.regions[place]
    let member = { (name: String) in CExpression.member(.name("call"), name) }
    let pieces = CExpression.call("ceil_div", member(form.places(place)), member(form.share(place)))
    let places = pieceSize(place, form.kernel, places: member(form.places(place)))
    let size =
      region.turnColumns.isEmpty
      ? places : .call("whole_turns", places, member(form.turn(place)))
    let statements: [CStatement] = [
      .set(member(form.share(place)), size),
      .expression(
        .call(
          "run", .name("executor"), pieces, .name(pieceName(form, place)),
          .address(of: .name("call")))),
    ]
    let all = form.regionsInTurn(upTo: place)
    let later = form.kernel.regions.indices.filter {
      $0 > place && form.regionsInTurn(upTo: $0).contains(place)
    }
    let runsAlone = later.map { CExpression.not(member(form.turn($0))) }
    let wanted = ifWanted(form, all.lowerBound, statements) { .name($0) }
    return later.isEmpty ? wanted : [.branch(.chain(.and, runsAlone, empty: .integer(1)), wanted)]
  }

  /// `statements` where something of what depends on a region is wanted; partial results always
  /// are. `array` finds the array of a name.
  private func ifWanted(
    _ form: KernelForm, _ place: Int, _ statements: [CStatement],
    _ array: (String) -> CExpression
  ) -> [CStatement] {
    let buffers = form.kernel.buffers
    let outputs = form.kernel.outputs(dependingOn: place).map { buffers[$0.index] }
    let isAlwaysWanted =
      outputs.count == buffers.filter { $0.role == .output }.count
      || outputs.contains { $0.element == .wide }
    if isAlwaysWanted { return statements }
    return [.branch(.chain(.or, outputs.map { array($0.name) }, empty: .integer(0)), statements)]
  }
}
