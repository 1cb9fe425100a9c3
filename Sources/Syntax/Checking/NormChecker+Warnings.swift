import Basics

extension NormChecker {
  /// Warns of what is declared or computed in vain.
  mutating func warnUnused() {
    for (index, record) in values.enumerated() where !record.isRead {
      switch record.value.kind {
      case .parameter, .state, .mask, .index, .scalar, .counter:
        log.report(.neverRead(record.value.name, at: record.span))
      case .equation:
        guard !outputs.contains(ValueID(index)) else { continue }
        log.report(.neverRead(record.value.name, at: record.span))
      case .tensor, .adjoint, .eventArgument:
        break
      }
    }
    for name in axes.names {
      guard let entry = axes.entries[name], entry.isDeclared, !isUsed(entry.dimension) else {
        continue
      }
      log.report(.axisNeverUsed(declaredName(of: entry) ?? name, at: entry.span))
    }
  }

  /// `true` iff a list or function names the axis, or the other part of the split that makes it.
  private func isUsed(_ dimension: Dimension) -> Bool {
    let whole = axes.wholes.first { !Set($0.axes).isDisjoint(with: dimension.axes) }
    let parts = (whole?.axes ?? []).map { axes.axes[$0.index].name }
    return (parts + [dimension.name]).contains(where: usedAxes.contains)
  }

  /// The name that a `group` or `axis` gives, also for the quotient that comes with it.
  private func declaredName(of entry: AxisTable.Entry) -> String? {
    axes.names.first { axes.entries[$0]?.span == entry.span && !$0.contains("/") }
  }

  /// Warns of `mean[A](x^2) - mean[A](x)^2`, whose digits cancel where the mean is large.
  mutating func warnCancellation() {
    let blocks =
      gradients.flatMap { $0.equations + $0.contributions + $0.updates }
      + events.flatMap { $0.equations + $0.updates }
    for record in equations + updates + blocks {
      guard let term = record.term, let found = cancellingAxes(in: term) else { continue }
      let names = axes.dimensions(of: found).map(\.name).joined(separator: ", ")
      log.report(.cancellation(names, at: record.expression.span))
    }
  }

  /// The axes of the first difference in `term` that cancels.
  private func cancellingAxes(in term: Term) -> [AxisID]? {
    if case .binary(.subtract, let a, let b) = term.form,
      case .reduce(let squares) = definition(of: a).form, squares.kind == .mean,
      squares.windows.isEmpty,
      let operand = squared(squares.operand), let mean = squared(b),
      case .reduce(let plain) = definition(of: mean).form, plain.kind == .mean,
      plain.windows.isEmpty, plain.axes == squares.axes, plain.operand == operand
    {
      return plain.axes
    }
    for operand in term.form.operands {
      if let axes = cancellingAxes(in: operand) { return axes }
    }
    return nil
  }

  /// The term of a value that has one equation for all phases; else `term`.
  private func definition(of term: Term) -> Term {
    guard case .value(let id) = term.form, values[id.index].equations.count == 1,
      let definition = equations[values[id.index].equations[0]].term
    else { return term }
    return definition
  }

  /// `x` of `x^2` or `x * x`.
  private func squared(_ term: Term) -> Term? {
    switch definition(of: term).form {
    case .binary(.power, let base, let exponent):
      if case .number(2) = exponent.form { base } else { nil }
    case .binary(.multiply, let a, let b): a == b ? a : nil
    case .number, .truth, .value, .size, .index, .unary, .binary, .compare, .not, .logic, .select,
      .reduce, .lookUp, .regroup, .stopGradient:
      nil
    }
  }
}
