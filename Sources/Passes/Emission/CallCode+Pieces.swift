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
    let pointers = form.variants(region).map { variant in
      CExpression.pointerMember(member("kernels"), form.regionName(region) + variant.suffix)
    }
    let kernel = zip(form.variants(region), pointers).reduce(pointers[0]) { chosen, variant in
      switch variant.0 {
      case .general: chosen
      case .stream: .conditional(member(form.stream(region)), variant.1, chosen)
      case .streamBlock:
        .conditional(
          .and(member(form.stream(region)), member(form.oneBlock(region))), variant.1, chosen)
      case .block: .conditional(member(form.oneBlock(region)), variant.1, chosen)
      case .oneStep:
        .conditional(
          form.variants(region).contains(.block)
            ? .and(member(form.oneStep(region)), member(form.oneBlock(region)))
            : member(form.oneStep(region)), variant.1, chosen)
      case .short: .conditional(member(form.short(region)), variant.1, chosen)
      case .gathered: .conditional(member(form.gathered(region)), variant.1, chosen)
      case .gatheredStream:
        .conditional(
          .and(member(form.stream(region)), member(form.gathered(region))), variant.1, chosen)
      case .held: .conditional(member(form.held(region)), variant.1, chosen)
      case .heldStream:
        .conditional(
          .and(member(form.stream(region)), member(form.held(region))), variant.1, chosen)
      case .turned(nil): .conditional(member(form.turned(region)), variant.1, chosen)
      case .turned(let length?):
        .conditional(.equal(member(form.turned(region)), .size(length)), variant.1, chosen)
      }
    }
    return .expression(.call(kernel, [.name("call"), first, last]))
  }

  /// Runs a region, if something of what depends on it is wanted and no other runs it by turns.
  func run(_ form: KernelForm, _ place: Int) -> [CStatement] {
    let region = form.kernel.regions[place]
    let member = { (name: String) in CExpression.member(.name("call"), name) }
    let pieces = CExpression.call("ceil_div", member(form.places(place)), member(form.share(place)))
    let size = pieceSize(region, form.kernel, places: member(form.places(place)))
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
