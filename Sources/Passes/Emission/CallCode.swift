import CCode
import LoopIR

/// Writes the public functions of a norm: they check what they are given, lay out the workspace,
/// and run the regions of a kernel one after the other.
struct CallCode {
  let interface: KernelInterface
  let functions: [CompiledFunction]
  var prefix: String { interface.prefix }

  init(_ interface: KernelInterface, _ functions: [CompiledFunction]) {
    self.interface = interface
    self.functions = functions
  }

  var sizes: [CParameter] { interface.sizes.map { CParameter(.size, $0.name) } }
  var sizeNames: [CExpression] { interface.sizes.map { .name($0.name) } }
  var upperPrefix: String { prefix.uppercased() }

  // Structures

  func callType(_ function: CompiledFunction) -> String { function.name + "_call" }
  func regionName(_ function: CompiledFunction, _ region: Int) -> String {
    function.kernel.regions.count == 1 ? function.name : "\(function.name)_\(region + 1)"
  }

  /// What each function hands to its regions, and the table of regions of an instruction set.
  var structures: [CItem] {
    [.raw("/** The kernels of one instruction set. */\ntypedef struct kernels kernels;")]
      + functions.map { .structure(callStructure($0)) } + [.structure(table)]
  }

  private func callStructure(_ function: CompiledFunction) -> CStructure {
    let kernel = function.kernel
    var members: [CMember] = []
    for size in sizes { members.append(CMember(.size, size.name)) }
    for buffer in kernel.buffers {
      members.append(CMember(buffer.pointerType(kernel.type), buffer.name))
    }
    for parameter in kernel.parameters {
      members.append(CMember(parameter.cType, parameter.name))
    }
    for region in kernel.regions.indices {
      members.append(
        CMember(
          .size, places(region), share(region),
          comment: "the places of region \(region + 1), in all and a piece"))
    }
    members.append(CMember(.pointer(toConst: .named("kernels")), "kernels"))
    return CStructure(
      comment: "A call of \(function.name).", typeName: callType(function), members: members)
  }

  private func places(_ region: Int) -> String { "places_\(region + 1)" }
  private func share(_ region: Int) -> String { "piece_\(region + 1)" }

  private var table: CStructure {
    CStructure(
      tag: "kernels",
      members: functions.flatMap { function in
        function.kernel.regions.indices.map { region in
          let call = CParameter(.pointer(toConst: .named(callType(function))), "call")
          let type = CType.function(
            result: .void,
            parameters: [call, CParameter(.size, "first"), CParameter(.size, "last")])
          return CMember(.pointer(to: type), regionName(function, region))
        }
      })
  }

  /// `static const kernels NAME(kernels) = {…}`
  var tableOfReading: CItem {
    let entries = functions.flatMap { function in
      function.kernel.regions.indices.map {
        CInitializer(.variant(regionName(function, $0)))
      }
    }
    return .variables(
      CDeclaration(
        prefix: ["static"], .const(.named("kernels")),
        [CVariable("NAME(kernels)", .initializer(entries))]), comment: nil)
  }

  // Functions

  var entryPoints: [CItem] {
    functions.flatMap { function -> [CItem] in
      function.kernel.regions.indices.map { .function(piece(function, $0)) }
        + [.function(entry(function))]
    } + [.function(statusText)]
  }

  private func piece(_ function: CompiledFunction, _ region: Int) -> CFunction {
    let call = CExpression.name("call")
    let member = { (name: String) in CExpression.pointerMember(call, name) }
    let first = CExpression.name("first")
    let kernel = CExpression.pointerMember(member("kernels"), regionName(function, region))
    let last = CExpression.call(
      "smaller", member(places(region)), .add(first, member(share(region))))
    return CFunction(
      comment: "One executor piece of \(regionName(function, region)).", prefix: ["static"],
      name: regionName(function, region) + "_piece",
      parameters: [CParameter(.pointer(to: .void), "task"), CParameter(.size, "i")],
      body: [
        .constant(
          .pointer(toConst: .named(callType(function))), "call", .name("task")),
        .constant(.named("float_mode"), "callers", .call("enter_float_mode")),
        .constant(.size, "first", .multiply(.name("i"), member(share(region)))),
        .expression(.call(kernel, [call, first, last])),
        .call("set_float_mode", .name("callers")),
      ])
  }

  /// The public function.
  private func entry(_ function: CompiledFunction) -> CFunction {
    guard
      let signature = interface.functions.first(where: {
        $0.direction == function.direction && $0.phase == function.phase
      })
    else { preconditionFailure("internal error in emission: a function without interface") }
    let kernel = function.kernel
    var body: [CStatement] = [
      .constant(statusType, "status", .call("check_sizes", sizeNames)),
      .branch(.binary(.notEqual, .name("status"), status("OK")), [.return(.name("status"))]),
    ]
    body += nullChecks(kernel)
    body += workspaceCheck(function)
    if kernel.regions.isEmpty {
      body.append(.expression(.cast(.void, .name("executor"))))
    } else {
      body += calls(function)
    }
    body += counters(signature)
    body.append(.return(status("OK")))
    return CFunction(
      result: statusType, name: signature.symbol,
      parameters: signature.arguments.map { $0.parameter(interface.type) },
      body: unused(signature, body) + body)
  }

  /// Arguments that the function takes and does not need.
  private func unused(_ signature: KernelFunction, _ body: [CStatement]) -> [CStatement] {
    let used = UsedNames(in: body)
    return signature.arguments.filter { !used.contains($0.name) }.map {
      .expression(.cast(.void, .name($0.name)))
    }
  }

  /// An input that has elements is needed.
  private func nullChecks(_ kernel: LoopKernel) -> [CStatement] {
    var groups: [(axes: [Int], names: [String])] = []
    for buffer in kernel.buffers where buffer.role == .input {
      if let place = groups.firstIndex(where: { Set($0.axes) == Set(buffer.axes) }) {
        groups[place].names.append(buffer.name)
      } else {
        groups.append((buffer.axes, [buffer.name]))
      }
    }
    return groups.map { group in
      let present = CExpression.chain(.and, group.names.map { .name($0) }, empty: .integer(1))
      let missing = CExpression.not(present)
      let open = group.axes.compactMap { axis -> CExpression? in
        if case .fixed = kernel.axes[axis].extent { return nil }
        return .binary(.greater, value(kernel.axes[axis].extent), .size(0))
      }
      return .branch(
        .chain(.and, open + [missing], empty: missing), [.return(status("NULL_POINTER"))])
    }
  }

  private func workspaceCheck(_ function: CompiledFunction) -> [CStatement] {
    if workspace(function).isEmpty { return [] }
    let address = CExpression.cast(.named("uintptr_t"), .name("workspace"))
    let alignment = CExpression.name("WORKSPACE_ALIGNMENT")
    let up = CExpression.binary(
      .remainder, .subtract(alignment, .binary(.remainder, address, alignment)), alignment)
    return [
      .branch(.not(.name("workspace")), [.return(status("NULL_POINTER"))]),
      .declare(
        .pointer(to: .named("unsigned char")), "at",
        .add(.cast(.pointer(to: .named("unsigned char")), .name("workspace")), up)),
    ]
  }

  /// What the structure of a call is filled with.
  private func members(of function: CompiledFunction) -> [CInitializer] {
    let kernel = function.kernel
    var members = interface.sizes.map { CInitializer(.name($0.name), for: $0.name) }
    for buffer in kernel.buffers where buffer.role != .workspace {
      members.append(CInitializer(.name(buffer.name), for: buffer.name))
    }
    for parameter in kernel.parameters {
      members.append(CInitializer(.name(parameter.name), for: parameter.name))
    }
    for (place, region) in kernel.regions.enumerated() {
      members.append(CInitializer(placeCount(region, kernel), for: places(place)))
    }
    members.append(CInitializer(.call("best_kernels"), for: "kernels"))
    return members
  }

  /// How many places a region has: parts of rows, or places of the kept axes, with as many
  /// stretches of columns each.
  private func placeCount(_ region: Region, _ kernel: LoopKernel) -> CExpression {
    let kept = region.kept.map { value(kernel.axes[$0].extent) }
    if !region.rides.isEmpty {
      let rows = CExpression.chain(.multiply, kept, empty: .size(1))
      return .call("parts_of", .call("order_of", rows, .size(1)))
    }
    let columns = region.columns.map { value(kernel.axes[$0].extent) }
    if columns.isEmpty { return .chain(.multiply, kept, empty: .size(1)) }
    let width = CExpression.chain(.multiply, columns, empty: .size(1))
    let stretches = CExpression.call("ceil_div", width, .name("COLUMNS"))
    return .chain(.multiply, kept + [stretches], empty: stretches)
  }

  /// Fills the call in and runs its regions.
  private func calls(_ function: CompiledFunction) -> [CStatement] {
    let kernel = function.kernel
    let members = members(of: function)
    var body: [CStatement] = [
      .declare(.named(callType(function)), "call", .initializer(members))
    ]
    for buffer in workspace(function) {
      let type = buffer.element.cType(kernel.type)
      body.append(
        .set(
          .member(.name("call"), buffer.name),
          .cast(.pointer(to: type), .cast(.pointer(to: .void), .name("at")))))
      body.append(.add(.name("at"), bytes(buffer, kernel)))
    }
    if let last = body.last, case .assignment(.name("at"), .add, _) = last { body.removeLast() }
    for place in kernel.regions.indices { body += run(function, place) }
    return body
  }

  private func run(_ function: CompiledFunction, _ place: Int) -> [CStatement] {
    let kernel = function.kernel
    let region = kernel.regions[place]
    let member = { (name: String) in CExpression.member(.name("call"), name) }
    let pieces = CExpression.call("ceil_div", member(places(place)), member(share(place)))
    let size = pieceSize(region, kernel, places: member(places(place)))
    let statements: [CStatement] = [
      .set(member(share(place)), size),
      .expression(
        .call(
          "run", .name("executor"), pieces, .name(regionName(function, place) + "_piece"),
          .address(of: .name("call")))),
    ]
    let outputs = kernel.outputs(dependingOn: place)
    let all = kernel.buffers.indices.filter { kernel.buffers[$0].role == .output }
    if outputs.count == all.count { return statements }
    let wanted = outputs.map { CExpression.name(kernel.buffers[$0.index].name) }
    return [.branch(.chain(.or, wanted, empty: .integer(0)), statements)]
  }

  /// A training call counts; a counter that backward reads is saved.
  private func counters(_ signature: KernelFunction) -> [CStatement] {
    signature.arguments.compactMap { argument in
      guard argument.type == .int64, argument.shape != nil else { return nil }
      // `next_step` and `saved_step` are made of `step`.
      let prefix = argument.role == .nextCounter ? "next_" : "saved_"
      let before = CExpression.name(String(argument.name.dropFirst(prefix.count)))
      let value = argument.role == .nextCounter ? .add(before, .integer(1)) : before
      return .branch(
        .name(argument.name), [.set(.dereference(.name(argument.name)), value)])
    }
  }

  private var statusText: CFunction {
    CFunction(
      result: .pointer(toConst: .named("char")), name: interface.statusTextSymbol,
      parameters: [CParameter(statusType, "status")],
      body: [
        .choice(
          .name("status"),
          StatusCode.all(hasQuotients: !quotients.isEmpty).map {
            CCase(status($0.name), [.return(.string($0.text))])
          }),
        .return(.string("unknown status")),
      ])
  }

  /// The statuses of the norm, for the header.
  var statuses: CEnumeration {
    CEnumeration(
      tag: prefix + "_status", typeName: prefix + "_status",
      constants: StatusCode.all(hasQuotients: !quotients.isEmpty).enumerated().map {
        CEnumerator(
          "\(upperPrefix)_\($0.element.name)", $0.offset == 0 ? .integer(0) : nil,
          comment: $0.element.text)
      })
  }
}
