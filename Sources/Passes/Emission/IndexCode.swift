import CCode
import LoopIR

/// How places in loops and arrays are written in C.
struct IndexCode {
  let axes: [LoopAxis]
  /// The names in C of the sizes that axes are.
  private let sizes: [String?]
  /// Axes whose places one variable counts.
  private var counters: [Counter] = []

  /// A variable that counts the places of axes.
  private struct Counter {
    var name: String
    /// Slowest first.
    var axes: [Int]
  }

  init(axes: [LoopAxis]) {
    self.axes = axes
    sizes = axes.map { if case .size(let name) = $0.extent { sizeNameInC(name) } else { nil } }
  }

  /// The same where the variable `name` counts the places of `axes`, slowest first.
  func counting(_ axes: [Int], by name: String) -> IndexCode {
    var index = self
    if axes.count > 1 { index.counters.append(Counter(name: name, axes: axes)) }
    return index
  }

  /// What stands in names for an axis: `C`, or `C_per_G` for C/G.
  func identifier(_ axis: Int) -> String {
    axes[axis].name.split(separator: "/").joined(separator: "_per_")
  }

  /// The variable that runs along an axis.
  func place(_ axis: Int) -> CExpression { .name(placeName(axis)) }
  func placeName(_ axis: Int) -> String { "at_" + identifier(axis) }

  /// The variable that counts the places of `axes`, one or those that one variable counts.
  func counter(of axes: [Int]) -> CExpression {
    let counter = counters.first { $0.axes == axes }
    return counter.map { .name($0.name) } ?? place(axes[0])
  }

  /// The place in the product of some axes, slowest first, from those along each; `nil` if there
  /// are none.
  func flat(
    _ axes: some Collection<Int>, at places: (Int) -> CExpression
  ) -> CExpression? {
    axes.reduce(nil) { flat, axis in
      flat.map { .add(.multiply($0, extent(axis)), places(axis)) } ?? places(axis)
    }
  }

  /// The place along some axes, slowest first, as a `double`.
  func placeNumber(_ axes: [Int]) -> CExpression {
    .cast(.double, flat(axes, at: place) ?? .size(0))
  }

  /// How long an axis is.
  func extent(_ axis: Int) -> CExpression {
    switch axes[axis].extent {
    case .fixed(let value): .size(value)
    case .size(let name): .name(sizes[axis] ?? name)
    case .quotient, .product: .name(identifier(axis))
    }
  }

  /// The product of the extents of some axes.
  func size(_ axes: some Collection<Int>) -> CExpression {
    let fixed = axes.compactMap { self.axes[$0].extent.number }
    let factor = fixed.reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    let open = axes.filter { self.axes[$0].extent.number == nil }
    var factors = open.map { extent($0) }
    if factor != 1 || factors.isEmpty { factors.append(.size(factor)) }
    return .chain(.multiply, factors, empty: .size(1))
  }

  /// The extent of an axis from the sizes of the call; `nil` where it is one of them.
  func definition(_ axis: Int) -> CExpression? {
    switch axes[axis].extent {
    case .quotient, .product: axes[axis].extent.value { .name($0) }
    case .fixed, .size: nil
    }
  }

  /// The offset of the first element of `buffer` at the places of the axes in `loops`; `nil` if
  /// it is 0.
  func offset(_ buffer: Buffer, at loops: Set<Int>) -> CExpression? {
    var offset: CExpression?
    var skipped: [Int] = []
    var rest = buffer.axes[...]
    while let axis = rest.first {
      let (counted, place) = counted(rest, at: loops) ?? (1, place(axis))
      if counted > 1 || loops.contains(axis) {
        let scale = skipped + rest.prefix(counted)
        offset = offset.map { .add(.multiply($0, size(scale)), place) } ?? place
        skipped = []
      } else if offset != nil {
        skipped.append(axis)
      }
      rest = rest.dropFirst(counted)
    }
    if let base = offset, !skipped.isEmpty { return .multiply(base, size(skipped)) }
    return offset
  }

  /// The offset of the first element of `buffer` along `run`, at the places of all other axes.
  func offset(_ buffer: Buffer, around run: [Int]) -> CExpression? {
    offset(buffer, at: Set(axes.indices).subtracting(run))
  }

  /// How many of the first of `axes`, two or more, are the first that one variable counts, and the
  /// place along these.
  private func counted(
    _ axes: ArraySlice<Int>, at loops: Set<Int>
  ) -> (count: Int, place: CExpression)? {
    for counter in counters {
      let count = zip(axes, counter.axes).prefix { $0 == $1 && loops.contains($0) }.count
      if count < 2 { continue }
      let inner = counter.axes.dropFirst(count)
      let flat = CExpression.name(counter.name)
      return (count, inner.isEmpty ? flat : .divide(flat, size(inner)))
    }
    return nil
  }

  /// The places along `axes` from `flat`, the place in their product: `const size_t` variables.
  func decoded(_ axes: [Int], from flat: String) -> [CStatement] {
    axes.enumerated().map { index, axis in
      .constant(.size, placeName(axis), digit(index, of: axes, from: .name(flat)))
    }
  }

  /// The place along `axes[index]` where the place in the product of `axes` is `flat`.
  func digit(_ index: Int, of axes: [Int], from flat: CExpression) -> CExpression {
    let inner = axes[(index + 1)...]
    let above = inner.isEmpty ? flat : CExpression.divide(flat, size(inner))
    return index == 0 ? above : .binary(.remainder, above, extent(axes[index]))
  }

  /// The offset inside `buffer` of element `flat` of the run along `run`.
  func offset(_ buffer: Buffer, run: [Int], element flat: CExpression) -> CExpression {
    var terms: [CExpression] = []
    for (index, axis) in run.enumerated() {
      guard let position = buffer.axes.firstIndex(of: axis) else { continue }
      let stride = buffer.axes[(position + 1)...]
      let place = digit(index, of: run, from: flat)
      terms.append(stride.isEmpty ? place : .multiply(place, size(stride)))
    }
    return .chain(.add, terms, empty: .size(0))
  }
}

extension ArrayDimension.Extent {
  /// Its length, where `size` finds the sizes of the call by their names in C.
  func value(_ size: (String) -> CExpression) -> CExpression {
    switch self {
    case .size(let name): size(sizeNameInC(name))
    case .fixed(let value): .size(value)
    case .quotient(let whole, let part): .divide(whole.value(size), part.value(size))
    case .product(let factors):
      .chain(.multiply, factors.map { $0.value(size) }, empty: .size(1))
    }
  }
}
