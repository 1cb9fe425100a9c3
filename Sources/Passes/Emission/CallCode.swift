import CCode
import LoopIR

/// Writes the public functions of a norm: they check what they are given, lay out the workspace,
/// and run the regions of a kernel one after the other.
struct CallCode {
  let interface: KernelInterface
  let functions: [CompiledFunction]
  private var prefix: String { interface.prefix }

  init(_ interface: KernelInterface, _ functions: [CompiledFunction]) {
    self.interface = interface
    self.functions = functions
  }

  private var sizes: [CParameter] { interface.sizes.map { CParameter(.size, $0.name) } }
  private var sizeNames: [CExpression] { interface.sizes.map { .name($0.name) } }
  private var upperPrefix: String { prefix.uppercased() }

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

  // Sizes

  /// Whether sizes can be addressed, and the bytes of workspace.
  var sizeFunctions: [CItem] {
    [.raw(Self.elementsText), .function(sizeCheck)]
      + functions.filter { !workspace($0).isEmpty }.map { .function(workspaceBytes($0)) }
      + [.function(workspaceFunction)]
  }

  private static let elementsText = """
    enum { WORKSPACE_ALIGNMENT = 64 };

    /** The product of two numbers of elements, sizes of 0 counted as 1; SIZE_MAX if it is more than
     *  can be addressed. */
    HELPER size_t elements(size_t a, size_t b) {
      const size_t most = PTRDIFF_MAX / 1024, c = larger(b, 1);
      return a > most / c ? SIZE_MAX : larger(a, 1) * c;
    }

    /** The bytes of an array in the workspace. */
    HELPER size_t bytes_of(size_t count, size_t element) {
      return ceil_div(count * element, WORKSPACE_ALIGNMENT) * WORKSPACE_ALIGNMENT;
    }

    /** How many of `places` make an executor piece, if each is `work` elements: pieces of at least
     *  16384 elements, at most 64 of them. They depend on sizes alone. */
    HELPER size_t piece_places(size_t places, size_t work) {
      const size_t enough = ceil_div(16384, larger(work, 1));
      return larger(larger(enough, ceil_div(places, 64)), 1);
    }
    """

  /// The quotients of sizes that must have no remainder.
  private var quotients: [(ArrayDimension.Extent, ArrayDimension.Extent)] {
    guard let kernel = functions.first?.kernel else { return [] }
    return kernel.axes.compactMap { axis in
      if case .quotient(let whole, let part) = axis.extent { (whole, part) } else { nil }
    }
  }

  private func value(_ extent: ArrayDimension.Extent) -> CExpression {
    switch extent {
    case .size(let name): .name(name)
    case .fixed(let size): .size(size)
    case .quotient(let whole, let part): .divide(value(whole), value(part))
    }
  }

  private var statusType: CType { .named(prefix + "_status") }
  private func status(_ name: String) -> CExpression { .name("\(upperPrefix)_\(name)") }

  /// `check_sizes(sizes)`: a status.
  private var sizeCheck: CFunction {
    var body: [CStatement] = sizes.map { .expression(.cast(.void, .name($0.name))) }
    for (whole, part) in quotients {
      let (a, b) = (value(whole), value(part))
      let fails = CExpression.or(
        .equal(b, .size(0)), .binary(.notEqual, .binary(.remainder, a, b), .size(0)))
      body.append(.branch(fails, [.return(status("NOT_DIVISIBLE"))]))
    }
    for shape in largestShapes {
      let product = shape.dropFirst().reduce(
        CExpression.call("elements", .size(1), shape.first ?? .size(1))
      ) { .call("elements", $0, $1) }
      body.append(
        .branch(.equal(product, .name("SIZE_MAX")), [.return(status("BAD_SIZE"))]))
    }
    body.append(.return(status("OK")))
    return CFunction(
      comment: "Whether the sizes divide as they must, and all arrays can be addressed.",
      prefix: ["static"], result: statusType, name: "check_sizes", parameters: sizes,
      body: body)
  }

  /// The sizes that make up each array, those left out that others contain.
  private var largestShapes: [[CExpression]] {
    guard let kernel = functions.first?.kernel else { return [] }
    var shapes: [Set<Int>] = []
    for function in functions {
      for buffer in function.kernel.buffers { shapes.append(Set(buffer.axes)) }
      for region in function.kernel.regions { shapes.append(Set(region.kept)) }
    }
    var largest: [Set<Int>] = []
    for shape in shapes where !shape.isEmpty && !largest.contains(where: shape.isSubset) {
      largest = largest.filter { !$0.isSubset(of: shape) } + [shape]
    }
    return largest.map { shape in
      shape.sorted().map { value(kernel.axes[$0].extent) }
    }
  }

  private func workspace(_ function: CompiledFunction) -> [Buffer] {
    function.kernel.buffers.filter { $0.role == .workspace }
  }

  private func bytes(_ buffer: Buffer, _ kernel: LoopKernel) -> CExpression {
    let factors = buffer.axes.map { value(kernel.axes[$0].extent) }
    let count = CExpression.chain(.multiply, factors, empty: .size(1))
    let element: CType = buffer.element == .wide ? .double : kernel.type.cType
    return .call("bytes_of", count, .sizeOf(element))
  }

  private func workspaceBytes(_ function: CompiledFunction) -> CFunction {
    let arrays = workspace(function).map { bytes($0, function.kernel) }
    return CFunction(
      comment: "The bytes of the statistics that \(function.name) keeps between regions.",
      prefix: ["static"], result: .size, name: function.name + "_bytes", parameters: sizes,
      body: sizes.map { .expression(.cast(.void, .name($0.name))) } + [
        .return(.chain(.add, arrays, empty: .size(0)))
      ])
  }

  private var workspaceFunction: CFunction {
    let users = functions.filter { !workspace($0).isEmpty }
    let most = users.dropFirst().reduce(
      users.first.map { CExpression.call($0.name + "_bytes", sizeNames) }
    ) { largest, function in
      largest.map { .call("larger", $0, .call(function.name + "_bytes", sizeNames)) }
    }
    let check = CExpression.binary(.notEqual, .call("check_sizes", sizeNames), status("OK"))
    let answer = most.map { CExpression.add($0, .name("WORKSPACE_ALIGNMENT")) } ?? .size(0)
    return CFunction(
      result: .size, name: interface.workspaceSymbol, parameters: sizes,
      body: [.branch(check, [.return(.name("SIZE_MAX"))]), .return(answer)])
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

  /// Fills the call in and runs its regions.
  private func calls(_ function: CompiledFunction) -> [CStatement] {
    let kernel = function.kernel
    var members = interface.sizes.map { CInitializer(.name($0.name), for: $0.name) }
    for buffer in kernel.buffers where buffer.role != .workspace {
      members.append(CInitializer(.name(buffer.name), for: buffer.name))
    }
    for parameter in kernel.parameters {
      members.append(CInitializer(.name(parameter.name), for: parameter.name))
    }
    for (place, region) in kernel.regions.enumerated() {
      let count = region.kept.map { value(kernel.axes[$0].extent) }
      members.append(
        CInitializer(.chain(.multiply, count, empty: .size(1)), for: places(place)))
    }
    members.append(CInitializer(.call("best_kernels"), for: "kernels"))
    var body: [CStatement] = [
      .declare(.named(callType(function)), "call", .initializer(members))
    ]
    for buffer in workspace(function) {
      let type: CType = buffer.element == .wide ? .double : kernel.type.cType
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
    let inner = kernel.work(of: region).map { value(kernel.axes[$0].extent) }
    let work = CExpression.chain(.multiply, inner, empty: .size(1))
    let pieces = CExpression.call("ceil_div", member(places(place)), member(share(place)))
    let statements: [CStatement] = [
      .set(member(share(place)), .call("piece_places", member(places(place)), work)),
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
      let before = CExpression.name(
        argument.subject.hasPrefix("saved_")
          ? String(argument.subject.dropFirst(6)) : argument.subject)
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

/// What a function can answer.
private struct StatusCode {
  let name: String
  let text: String

  static func all(hasQuotients: Bool) -> [StatusCode] {
    [
      StatusCode(name: "OK", text: "done"),
      StatusCode(
        name: "NULL_POINTER", text: "an input that has elements, or the workspace, is NULL"),
      StatusCode(name: "BAD_SIZE", text: "arrays of these sizes cannot be addressed"),
    ]
      + (hasQuotients
        ? [
          StatusCode(name: "NOT_DIVISIBLE", text: "a size does not divide the axis that it splits")
        ]
        : [])
  }
}

extension KernelArgument {
  /// The parameter in C.
  func parameter(_ computeType: ComputeType) -> CParameter {
    let element: CType =
      switch type {
      case .real: computeType.cType
      case .double: .double
      case .mask: .named("uint8_t")
      case .int64: .named("int64_t")
      case .size: .size
      case .bool: .bool
      case .bytes: .void
      case .executor: .named("normgen_executor")
      }
    guard shape != nil else { return CParameter(element, name, comment: comment) }
    return CParameter(
      isWritten ? .pointer(to: element) : .pointer(toConst: element), name, comment: comment)
  }

  private var isWritten: Bool {
    switch role {
    case .nextState, .nextCounter, .output, .gradient, .workspace: true
    case .saved: note.hasPrefix("out")
    case .size, .tensor, .outputGradient, .mask, .parameter, .state, .counter, .scalar, .executor:
      false
    }
  }

  /// Shape and note for the reader of the header.
  private var comment: String? {
    let axes = shape.flatMap { dimensions in
      dimensions.isEmpty || role == .workspace || role == .executor
        ? nil : "[" + dimensions.map(\.name).joined(separator: ", ") + "]"
    }
    let text = [axes, note.isEmpty ? nil : note].compactMap(\.self).joined(separator: " ")
    return text.isEmpty ? nil : text
  }
}
