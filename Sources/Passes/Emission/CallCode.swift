import CCode
import LoopIR

/// Writes the public functions of a norm: they check what they are given, lay out the workspace,
/// and run the regions of a kernel one after the other.
struct CallCode {
  let interface: KernelInterface
  let functions: [CompiledFunction]
  /// The forms of all functions, in order.
  let forms: [KernelForm]
  let formsOfFunctions: [[KernelForm]]
  /// What each function hands to its regions, and the table of regions of an instruction set.
  private(set) var structures: [CItem] = []
  /// The spec, and how it was compiled.
  let provenance: String
  var prefix: String { interface.prefix }

  init(_ interface: KernelInterface, _ functions: [CompiledFunction], provenance: String) {
    self.interface = interface
    self.functions = functions
    formsOfFunctions = functions.map(\.forms)
    forms = formsOfFunctions.flatMap(\.self)
    self.provenance = provenance
    structures = makeStructures()
  }

  var sizes: [CParameter] { interface.sizes.map { CParameter(.size, $0.nameInC) } }
  var sizeNames: [CExpression] { sizes.map { .name($0.name) } }
  var upperPrefix: String { prefix.uppercased() }

  // Functions

  var entryPoints: [CItem] {
    functions.indices.flatMap { entryPoint($0) } + [.function(statusText)]
  }

  /// The public function of a place among all, and what runs its regions.
  func entryPoint(_ place: Int) -> [CItem] {
    let forms = formsOfFunctions[place]
    return forms.flatMap { form in
      form.kernel.regions.indices.map { .function(piece(form, $0)) }
    } + [.function(entry(functions[place], forms))]
  }

  /// The public function.
  private func entry(_ function: CompiledFunction, _ forms: [KernelForm]) -> CFunction {
    let symbol = "\(prefix)_\(function.name)"
    guard let signature = interface.allFunctions.first(where: { $0.symbol == symbol })
    else { preconditionFailure("internal error in emission: a function without interface") }
    var body: [CStatement] = [
      .constant(statusType, "status", .call("check_sizes", sizeNames)),
      .branch(.binary(.notEqual, .name("status"), status("OK")), [.return(.name("status"))]),
    ]
    body += rankArrays(function)
    body += nullChecks(function)
    body += workspaceCheck(forms)
    body += calls(forms)
    body += counters(signature)
    body += rankOpening(function)
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
  private func nullChecks(_ function: CompiledFunction) -> [CStatement] {
    let kernel = function.kernel
    let merged = function.graph.inputs.filter { $0.kind == .merged }.map(\.name)
    var groups: [(axes: [Int], names: [String])] = []
    for buffer in kernel.buffers where buffer.role == .input || buffer.role == .index {
      let name = buffer.source ?? buffer.name
      if merged.contains(name) || groups.contains(where: { $0.names.contains(name) }) { continue }
      if let place = groups.firstIndex(where: { Set($0.axes) == Set(buffer.axes) }) {
        groups[place].names.append(name)
      } else {
        groups.append((buffer.axes, [name]))
      }
    }
    return groups.map { group in
      let present = CExpression.chain(.and, group.names.map { .name($0) }, empty: .integer(1))
      let missing = CExpression.not(present)
      let open = group.axes.compactMap { axis -> CExpression? in
        let extent = kernel.axes[axis].extent
        return extent.number == nil ? .binary(.greater, value(extent), .size(0)) : nil
      }
      return .branch(
        .chain(.and, open + [missing], empty: missing), [.return(status("NULL_POINTER"))])
    }
  }

  private func workspaceCheck(_ forms: [KernelForm]) -> [CStatement] {
    if forms.allSatisfy(\.workspace.isEmpty) { return [] }
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

  /// Runs the form that fits the sizes.
  private func calls(_ forms: [KernelForm]) -> [CStatement] {
    forms.dropFirst().reduce(calls(forms[0])) { general, form in
      [
        .branch(
          .equal(.name(sizeNameInC(form.unit ?? "")), .size(1)), calls(form), otherwise: general)
      ]
    }
  }

  /// Fills the call in and runs its regions.
  private func calls(_ form: KernelForm) -> [CStatement] {
    let kernel = form.kernel
    if kernel.regions.isEmpty { return [.expression(.cast(.void, .name("executor")))] }
    let members = members(of: form)
    var body: [CStatement] = [
      .declare(.named(form.callType), "call", .initializer(members))
    ]
    for buffer in form.workspace {
      let type = buffer.element.cType(kernel.type)
      body.append(
        .set(
          .member(.name("call"), buffer.name),
          .cast(.pointer(to: type), .cast(.pointer(to: .void), .name("at")))))
      if buffer.role == .index { body += numbers(of: buffer, kernel) }
      body.append(.add(.name("at"), bytes(buffer, kernel)))
    }
    if let last = body.last, case .assignment(.name("at"), .add, _) = last { body.removeLast() }
    for place in kernel.regions.indices { body += run(form, place) }
    return body
  }

  /// Makes numbers of the places of an index.
  private func numbers(of buffer: Buffer, _ kernel: LoopKernel) -> [CStatement] {
    let argument = interface.functions.flatMap(\.arguments).first {
      $0.role == .index && $0.name == buffer.source ?? buffer.name
    }
    let extents = argument?.indexed.flatMap(\.extents).map { value($0) } ?? []
    let count = buffer.axes.map { value(kernel.axes[$0].extent) }
    let taken = CExpression.call(
      "take_places", .name(buffer.source ?? buffer.name), .chain(.multiply, count, empty: .size(1)),
      .chain(.multiply, extents, empty: .size(1)),
      .cast(
        .pointer(to: buffer.element.cType(kernel.type)),
        .cast(.pointer(to: .void), .name("at"))))
    return [.branch(.not(taken), [.return(status("BAD_INDEX"))])]
  }

  /// A training call counts; a counter that backward reads is saved.
  private func counters(_ signature: KernelFunction) -> [CStatement] {
    // An event computes its counters.
    if signature.event != nil { return [] }
    return signature.arguments.compactMap { argument in
      guard argument.type == .int64, argument.shape != nil, argument.role != .index else {
        return nil
      }
      // `next_step` and `saved_step` are made of `step`.
      let prefix = argument.role == .nextCounter ? "next_" : "saved_"
      let before = CExpression.name(String(argument.name.dropFirst(prefix.count)))
      let value = argument.role == .nextCounter ? .add(before, .integer(1)) : before
      return .branch(
        .name(argument.name), [.set(.dereference(.name(argument.name)), value)])
    }
  }

  var statusText: CFunction {
    CFunction(
      result: .pointer(toConst: .named("char")), name: interface.statusTextSymbol,
      parameters: [CParameter(statusType, "status")],
      body: [
        .choice(
          .name("status"),
          statusCodes.map {
            CCase(status($0.name), [.return(.string($0.text))])
          }),
        .return(.string("unknown status")),
      ])
  }

  var statusCodes: [StatusCode] {
    [.done, .nullPointer, .badSize] + (interface.quotients.isEmpty ? [] : [.notDivisible])
      + (hasIndices ? [.badIndex] : []) + (hasRanks ? [.badPartials] : [])
  }

  /// `true` iff a function takes an index.
  var hasIndices: Bool {
    interface.functions.contains { $0.arguments.contains { $0.role == .index } }
  }

  /// The statuses of the norm, for the header.
  var statuses: CEnumeration {
    CEnumeration(
      tag: prefix + "_status", typeName: prefix + "_status",
      constants: statusCodes.enumerated().map {
        CEnumerator(
          "\(upperPrefix)_\($0.element.name)", $0.offset == 0 ? .integer(0) : nil,
          comment: $0.element.text)
      })
  }
}
