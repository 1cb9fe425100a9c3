import CCode
import LoopIR

/// The functions about sizes: whether they are good, and the workspace they need.
extension CallCode {
  /// Whether sizes can be addressed, and the bytes of workspace.
  var sizeFunctions: [CItem] {
    [.raw(Self.elementsText)] + (hasTurns(ofColumns: false) ? [.raw(Self.turnsText)] : [])
      + (hasTurns(ofColumns: true) ? [.raw(Self.columnTurnsText)] : [])
      + [.function(sizeCheck)] + (hasIndices ? [.raw(takingText)] : [])
      + forms.filter { !$0.workspace.isEmpty }.map { .function(workspaceBytes($0)) }
      + [.function(workspaceFunction)]
  }

  static let elementsText = """
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

    /** How many columns of so many rows make a place: as many as there is room for; or shares for
     *  threads, eighths but of 32768 elements at least. No choice changes a bit of a result. */
    HELPER size_t stretch_of(size_t columns, size_t rows, const normgen_executor *executor) {
      const size_t share = larger(ceil_div(columns, 8), ceil_div(32768, larger(rows, 1)));
      const size_t most = smaller(larger(columns, 1), COLUMNS);
      return executor ? smaller(ceil_div(share, SLOTS) * SLOTS, most) : COLUMNS;
    }

    /** How many of `places` make an executor piece, if each is `work` elements: at least 8192
     *  elements, at most 64 pieces. To divide less than 32768 elements takes longer than it saves.
     *  All this depends on sizes alone. */
    HELPER size_t piece_places(size_t places, size_t work) {
      if (places < ceil_div(32768, larger(work, 1))) return larger(places, 1);
      return larger(ceil_div(8192, larger(work, 1)), ceil_div(places, 64));
    }
    """

  private func hasTurns(ofColumns: Bool) -> Bool {
    forms.flatMap(\.kernel.regions).contains { region in
      region.takesTurns && region.turnColumns.isEmpty != ofColumns
    }
  }

  static let turnsText = """
    /** How many of `places`, each of `work` elements, make a turn of regions that take turns: few
     *  enough that what is read for one region is in the first cache for the next, or one, which
     *  the second cache holds; 0 where threads find more to share if the regions run one after the
     *  other. */
    HELPER size_t turn_of(size_t places, size_t work, const normgen_executor *executor) {
      if (executor && places < 16) return 0;
      return larger(4096 / larger(work, 1), 1);
    }
    """

  static let columnTurnsText = """
    /** Whether rows are written by turns with the statistics of a stretch of their columns, which
     *  finds the stretch in a cache. Threads whose stretches are short write whole rows instead:
     *  the stretches of one begin where those of another end, and a processor that fetches ahead
     *  takes the other's lines away. */
    HELPER bool turns_of_columns(size_t columns, size_t rows, const normgen_executor *executor) {
      return !executor || stretch_of(columns, rows, executor) >= COLUMNS / 2;
    }

    /** How many columns of a row are a place of it. */
    HELPER size_t stretch_of_turn(size_t columns, size_t rows, const normgen_executor *executor) {
      return turns_of_columns(columns, rows, executor) ? stretch_of(columns, rows, executor)
                                                       : larger(columns, 1);
    }

    /** The places of an executor piece, so that there are whole turns of them. */
    HELPER size_t whole_turns(size_t places, size_t turn) {
      return turn ? ceil_div(places, turn) * turn : places;
    }
    """

  private var takingText: String {
    let type = interface.type == .float32 ? "float" : "double"
    return """
      /** Makes numbers of `count` places of an axis of so many; `false` iff one is no place of it,
       *  or is too large for a number. */
      HELPER bool take_places(const int64_t *places, size_t count, size_t extent,
                              \(type) *numbers) {
        for (size_t i = 0; i < count; i++) {
          if (places[i] < 0 || (uint64_t)places[i] >= extent || places[i] >= 1 << 24) return false;
          numbers[i] = (\(type))places[i];
        }
        return true;
      }
      """
  }

  /// How many places of a region make an executor piece.
  func pieceSize(_ place: Int, _ kernel: LoopKernel, places: CExpression) -> CExpression {
    let region = kernel.regions[place]
    let inner = kernel.work(of: region).filter { !region.stretchedColumns.contains($0) }
    var work = inner.map { value(kernel.axes[$0].extent) }
    if region.rides != nil {
      // Places are sets of rows.
      let rows = product(of: region.kept, kernel)
      work.insert(.call("ceil_div", rows, .call("larger", places, .size(1))), at: 0)
    } else if !region.stretchedColumns.isEmpty {
      work.append(stretch(place, kernel))
    }
    if let order = region.joins.first.flatMap(kernel.order(of:)) {
      work.append(.member(orderValue(order, kernel), "blocks"))
      if !order.run.isEmpty { work.append(.name("SLOTS")) }
    }
    return .call("piece_places", places, .chain(.multiply, work, empty: .size(1)))
  }

  func value(_ extent: ArrayDimension.Extent) -> CExpression { extent.value { .name($0) } }

  var statusType: CType { .named(prefix + "_status") }
  func status(_ name: String) -> CExpression { .name("\(upperPrefix)_\(name)") }

  /// `check_sizes(sizes)`: a status.
  var sizeCheck: CFunction {
    var body: [CStatement] = []
    for case .quotient(let whole, let part) in interface.quotients {
      let (a, b) = (value(whole), value(part))
      let fails = CExpression.or(
        .equal(b, .size(0)), .binary(.notEqual, .binary(.remainder, a, b), .size(0)))
      body.append(.branch(fails, [.return(status("NOT_DIVISIBLE"))]))
    }
    for shape in largestShapes {
      let padded = shape.count == 1 ? shape + [.size(1)] : shape
      let product = padded.dropFirst().reduce(padded[0]) { .call("elements", $0, $1) }
      body.append(
        .branch(.equal(product, .name("SIZE_MAX")), [.return(status("BAD_SIZE"))]))
    }
    body.append(.return(status("OK")))
    body = unused(in: body) + body
    return CFunction(
      comment: "Whether the sizes divide as they must, and all arrays can be addressed.",
      prefix: ["static"], result: statusType, name: "check_sizes", parameters: sizes,
      body: body)
  }

  /// The sizes that make up each array, those left out that others contain.
  private var largestShapes: [[CExpression]] {
    let kernels = functions.map(\.kernel)
    guard let axes = kernels.map(\.axes).max(by: { $0.count < $1.count }) else { return [] }
    var shapes: [Set<Int>] = []
    for function in functions {
      for buffer in function.kernel.buffers { shapes.append(Set(buffer.axes)) }
      for region in function.kernel.regions { shapes.append(Set(region.kept + region.columns)) }
    }
    var largest: [Set<Int>] = []
    for shape in shapes where !shape.isEmpty && !largest.contains(where: shape.isSubset) {
      largest = largest.filter { !$0.isSubset(of: shape) } + [shape]
    }
    return largest.map { shape in
      shape.sorted().map { value(axes[$0].extent) }
    }
  }

  /// The product of the extents of some axes.
  func product(of axes: [Int], _ kernel: LoopKernel) -> CExpression {
    .chain(.multiply, axes.map { value(kernel.axes[$0].extent) }, empty: .size(1))
  }

  /// The order of a sum, from the sizes of the call.
  func orderValue(_ order: SumOrder, _ kernel: LoopKernel) -> CExpression {
    .call("order_of", product(of: order.segments, kernel), product(of: order.run, kernel))
  }

  func bytes(_ buffer: Buffer, _ kernel: LoopKernel) -> CExpression {
    let own = product(of: buffer.axes, kernel)
    let count = buffer.blocks.map { order -> CExpression in
      let blocks = CExpression.call("slot_blocks", orderValue(order, kernel))
      return .multiply(blocks, buffer.blockDistance(ofSlots: own))
    }
    return .call("bytes_of", count ?? own, .sizeOf(buffer.element.cType(kernel.type)))
  }

  func workspaceBytes(_ form: KernelForm) -> CFunction {
    let arrays = form.workspace.map { bytes($0, form.kernel) }
    let total = CExpression.chain(.add, arrays, empty: .size(0))
    return CFunction(
      comment: "The bytes of the statistics that \(form.name) keeps between regions.",
      prefix: ["static"], result: .size, name: form.name + "_bytes", parameters: sizes,
      body: unused(in: [.return(total)]) + [.return(total)])
  }

  /// Sizes that a function takes and does not need.
  func unused(in body: [CStatement]) -> [CStatement] {
    let used = UsedNames(in: body)
    return sizes.filter { !used.contains($0.name) }.map {
      .expression(.cast(.void, .name($0.name)))
    }
  }

  var workspaceFunction: CFunction {
    let users = forms.filter { !$0.workspace.isEmpty }
    let most = users.dropFirst().reduce(
      users.first.map { CExpression.call($0.name + "_bytes", sizeNames) }
    ) { largest, form in
      largest.map { .call("larger", $0, .call(form.name + "_bytes", sizeNames)) }
    }
    let check = CExpression.binary(.notEqual, .call("check_sizes", sizeNames), status("OK"))
    let answer = most.map { CExpression.add($0, .name("WORKSPACE_ALIGNMENT")) } ?? .size(0)
    return CFunction(
      result: .size, name: interface.workspaceSymbol, parameters: sizes,
      body: [.branch(check, [.return(.name("SIZE_MAX"))]), .return(answer)])
  }
}
