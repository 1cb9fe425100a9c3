/// How tightly the parts of an expression hold together; greater is tighter.
private enum Precedence: Int, Comparable {
  case conditional, either, both, negation, comparison, sum, product, unary, power, primary

  static func < (a: Precedence, b: Precedence) -> Bool { a.rawValue < b.rawValue }
}

extension Expression {
  /// The expression in the layout of the formatter. Parentheses that the user wrote stay; others
  /// stand only where the expression would be read differently without them.
  package var text: String { text(atLeast: .conditional) }

  private func text(atLeast precedence: Precedence) -> String {
    let text = bareText
    return form.precedence < precedence ? "(\(text))" : text
  }

  private var bareText: String {
    switch form {
    case .number(_, let text): text
    case .infinity: "inf"
    case .truth(let truth): truth ? "true" : "false"
    case .name(let name): name
    case .parenthesized(let inner): "(\(inner.text))"
    case .lookUp(let value, let index): "\(value.text)[\(index.text)]"
    case .reduction(let reduction): reduction.text
    case .call(let word, let arguments):
      "\(word.text)(\(arguments.map { $0.text(in: word.text) }.joined(separator: ", ")))"
    case .negate(let operand): "-\(operand.text(atLeast: .unary))"
    case .arithmetic(.power, let base, let exponent):
      "\(base.text(atLeast: .primary))^\(exponent.text(atLeast: .unary))"
    case .arithmetic(let operation, let a, let b):
      binary(a, operation.rawValue, b, right: form.precedence == .sum ? .product : .unary)
    case .compare(let comparison, let a, let b):
      "\(a.text(atLeast: .sum)) \(comparison.symbol) \(b.text(atLeast: .sum))"
    case .not(let operand): "not \(operand.text(atLeast: .negation))"
    case .logic(let connective, let a, let b):
      binary(a, connective.rawValue, b, right: connective == .or ? .both : .negation)
    case .conditional(let condition, let a, let b):
      "if \(condition.text) then \(a.text) else \(b.text)"
    }
  }

  private func binary(
    _ a: Expression, _ sign: String, _ b: Expression, right: Precedence
  ) -> String {
    "\(a.text(atLeast: form.precedence)) \(sign) \(b.text(atLeast: right))"
  }
}

extension Expression.Form {
  fileprivate var precedence: Precedence {
    switch self {
    case .conditional: .conditional
    case .logic(.or, _, _): .either
    case .logic(.and, _, _): .both
    case .not: .negation
    case .compare: .comparison
    case .arithmetic(.add, _, _), .arithmetic(.subtract, _, _): .sum
    case .arithmetic(.multiply, _, _), .arithmetic(.divide, _, _), .arithmetic(.modulo, _, _):
      .product
    case .negate: .unary
    case .arithmetic(.power, _, _): .power
    case .number, .infinity, .truth, .name, .parenthesized, .lookUp, .reduction, .call: .primary
    }
  }
}

extension ReductionTree {
  fileprivate var text: String {
    let list = axes.map { axis in
      axis.axis.written + (axis.window.map { ": \($0.low)...\($0.high)" } ?? "")
    }
    let condition = condition.map { " where \($0.text)" } ?? ""
    return "\(word.text)[\(list.joined(separator: ", "))](\(operand.text)\(condition))"
  }
}

extension Argument {
  /// The argument of `function`; those of `size` and `index` are axes: `/` there divides nothing.
  fileprivate func text(in function: String) -> String {
    let isAxis = function == "size" || function == "index"
    let shown = isAxis ? value.asAxis?.written ?? value.text : value.text
    return label.map { "\($0.text): \(shown)" } ?? shown
  }

  /// The argument of a clause.
  var text: String { text(in: "") }
}

extension AxisTree {
  /// The axis as it is written, with the dots of a run.
  var written: String {
    switch suffix {
    case .none, .quotient: text
    case .run: text + "..."
    }
  }
}

extension TensorTree {
  var text: String {
    axes.map { "\(name.text)[\($0.map(\.written).joined(separator: ", "))]" } ?? name.text
  }
}
