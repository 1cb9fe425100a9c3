import Basics

extension NormChecker {
  /// Resolves the equations of the forward, each after those that it reads.
  mutating func resolveEquations() {
    let ordered = order
    order = []
    for id in ordered {
      for index in values[id.index].equations {
        if let output = equations[index].output {
          expandCall(output.call)
          checkDeclaredAxes(of: equations[index])
        } else {
          equations[index].resolved = resolveEquation(equations[index], in: .forward)
        }
      }
      settle(id, values[id.index].equations.map { equations[$0] })
      order.append(id)
    }
    // Only now is known which results of a call read others.
    if !calls.isEmpty { orderEquations(order) }
  }

  /// Resolves the right side of an equation.
  mutating func resolveEquation(
    _ record: EquationRecord, in context: ExpressionContext
  ) -> Resolved? {
    var record = record
    record.resolved = fitted(resolve(record.expression, in: context), to: record.target)
    checkDeclaredAxes(of: record)
    return record.resolved
  }

  /// The same with the axes by which the brackets of `target` name its places.
  private func fitted(_ resolved: Resolved?, to target: ValueID) -> Resolved? {
    guard let resolved, values[target.index].hasDeclaredAxes else { return resolved }
    return aligned([resolved], to: values[target.index].value.axes)[0]
  }

  /// Checks that what is in brackets has exactly these axes.
  private mutating func checkDeclaredAxes(of record: EquationRecord) {
    let value = values[record.target.index]
    guard let resolved = record.resolved, value.hasDeclaredAxes, !value.isBroken else { return }
    checkAxes(of: resolved, for: record, "its equation")
  }

  /// Finds the axes and the kind of a value from its equations.
  mutating func settle(_ id: ValueID, _ records: [EquationRecord]) {
    let terms = records.compactMap(\.term)
    guard terms.count == records.count else {
      values[id.index].isBroken = true
      return
    }
    let isCondition = terms.first?.isCondition ?? false
    if let other = zip(records, terms).first(where: { $0.1.isCondition != isCondition }) {
      log.report(.kindDiffers(other.0.name.text, at: other.0.name.span))
      values[id.index].isBroken = true
    }
    values[id.index].value.isCondition = isCondition
    values[id.index].isPlain = records.allSatisfy { $0.resolved?.isPlain == true }
    if !values[id.index].hasDeclaredAxes {
      values[id.index].value.dimensions = axes.dimensions(of: terms.flatMap(\.axes))
      guard axes.nameTwice(terms.flatMap(\.axes)), let name = records.first?.name else { return }
      log.report(
        .namedTwice(name.text, axes.show(terms.flatMap(\.axes)), at: name.span))
      values[id.index].isBroken = true
    }
  }

  /// Resolves what the forward sets states to.
  mutating func resolveUpdates() {
    for index in updates.indices {
      updates[index].resolved = resolveReceived(updates[index], in: .forward, "'next'")
    }
  }

  /// Resolves a number that must have exactly the axes of its target, or be plain.
  mutating func resolveReceived(
    _ record: EquationRecord, in context: ExpressionContext, _ what: String
  ) -> Resolved? {
    let number = resolveNumber(record.expression, in: context)
    guard let resolved = fitted(number, to: record.target) else { return nil }
    guard !values[record.target.index].isBroken else { return nil }
    checkAxes(of: resolved, for: record, what)
    return resolved
  }

  private mutating func checkAxes(
    of resolved: Resolved, for record: EquationRecord, _ what: String
  ) {
    let wanted = values[record.target.index].value.axes.sorted()
    let isNumber = resolved.isPlain && resolved.term.axes.isEmpty
    guard wanted != resolved.term.axes, !isNumber else { return }
    let isMissing = Set(resolved.term.axes).isSubset(of: wanted)
    log.report(
      .axesDiffer(
        record.name.text, has: axes.show(wanted), what, gives: axes.show(resolved.term.axes),
        isMissing: isMissing, at: record.name.span))
  }
}
