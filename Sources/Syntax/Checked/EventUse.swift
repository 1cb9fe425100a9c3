/// What an event needs of a norm.
package struct EventUse: Sendable {
  /// The values that it reads or sets.
  package private(set) var values: Set<ValueID> = []
  /// The sizes of the axes that it deals with.
  package fileprivate(set) var sizes: Set<SizeID> = []
  fileprivate var axes: Set<AxisID> = []

  fileprivate mutating func add(_ equation: Equation) {
    values.insert(equation.value)
    add(equation.term)
  }

  private mutating func add(_ term: Term) {
    axes.formUnion(term.axes)
    switch term.form {
    case .value(let id): values.insert(id)
    case .size(let extents), .index(let extents): axes.formUnion(extents)
    case .reduce(let reduction):
      axes.formUnion(reduction.axes + reduction.windows.flatMap(\.axes))
    case .lookUp(_, let along, _): axes.formUnion(along)
    case .regroup(_, let from, let to): axes.formUnion(from + to)
    case .number, .truth, .unary, .binary, .compare, .not, .logic, .select, .stopGradient: break
    }
    for operand in term.form.operands { add(operand) }
  }
}

extension CheckedNorm {
  /// What `event` needs: all else may be missing when it is called.
  package func use(of event: Event) -> EventUse {
    var use = EventUse()
    for equation in event.shared + event.equations + event.updates { use.add(equation) }
    let axes = use.values.reduce(use.axes) { $0.union(values[$1.index].axes) }
    for axis in axes {
      switch self.axes[axis.index].extent {
      case .size(let size): use.sizes.insert(size)
      case .quotient(let whole, let part): use.sizes.formUnion([whole, part])
      case .share(let parts, let part): use.sizes.formUnion(parts + [part])
      }
    }
    return use
  }
}
