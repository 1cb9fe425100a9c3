import Basics

extension Expression {
  /// The names that stand for values or axes, in the order of the text: neither words of
  /// reductions and functions, nor labels, nor axes in brackets.
  package var names: [Identifier] {
    var found: [Identifier] = []
    collectNames(into: &found)
    return found
  }

  private func collectNames(into found: inout [Identifier]) {
    switch form {
    case .name(let text):
      found.append(Identifier(text: text, span: span))
    case .lookUp(let value, let index):
      found += [value, index]
    case .number, .infinity, .truth, .parenthesized, .reduction, .call, .negate, .arithmetic,
      .compare, .not, .logic, .conditional:
      for operand in form.operands { operand.collectNames(into: &found) }
    }
  }

  /// The expression without the parentheses around it.
  package var unwrapped: Expression {
    if case .parenthesized(let inner) = form { return inner.unwrapped }
    return self
  }

  /// The axis that the expression reads as where one is wanted: `C`, `C/G`; else `nil`.
  package var asAxis: AxisTree? {
    switch form {
    case .name(let text):
      return AxisTree(name: Identifier(text: text, span: span), suffix: .none, span: span)
    case .arithmetic(.divide, let axis, let divisor):
      guard case .name(let name) = axis.form, case .name(let by) = divisor.form else { return nil }
      return AxisTree(
        name: Identifier(text: name, span: axis.span),
        suffix: .quotient(by: Identifier(text: by, span: divisor.span)), span: span)
    case .number, .infinity, .truth, .parenthesized, .lookUp, .reduction, .call, .negate,
      .arithmetic, .compare, .not, .logic, .conditional:
      return nil
    }
  }
}
