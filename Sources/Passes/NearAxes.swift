import Syntax

/// Gives each axis that a window goes along a twin, which says which neighbour is taken.
///
///     sum[C: -2...1](x)   ->   sum[C_near](x at C_near where -2 <= C_near - C and C_near - C <= 1)
///
/// The twins stand behind all axes of the norm, in their order.
package func withNearAxes(_ norm: CheckedNorm) -> CheckedNorm {
  var result = norm
  for axis in norm.windowedAxes {
    var twin = norm.axes[axis.index]
    twin.name = twin.name.replacing("/", with: "_per_") + "_near"
    while norm.axes.contains(where: { $0.name == twin.name }) { twin.name += "_" }
    result.axes.append(twin)
  }
  return result
}

extension CheckedNorm {
  /// The axes that windows go along, ascending.
  package var windowedAxes: [AxisID] {
    var found: Set<AxisID> = []
    for term in terms { term.addWindowedAxes(to: &found) }
    return found.sorted()
  }

  /// The right sides of all equations.
  package var terms: [Term] {
    let ofEvents = events.flatMap { $0.shared + $0.equations + $0.updates }
    return train.terms + eval.terms + ofEvents.map(\.term)
  }
}

extension Phase {
  /// The right sides of all equations.
  var terms: [Term] {
    let blocks = gradients.flatMap { $0.equations + $0.contributions + $0.updates }
    return (equations + updates + blocks).map(\.term)
  }
}

extension Term {
  /// Adds the axes that windows go along.
  fileprivate func addWindowedAxes(to found: inout Set<AxisID>) {
    form.forEachOperand { $0.addWindowedAxes(to: &found) }
    if case .reduce(let reduction) = form {
      for window in reduction.windows { found.formUnion(window.axes) }
    }
  }
}
