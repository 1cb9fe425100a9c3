import Basics

/// An expression as it was written.
package struct Expression: Sendable {
  package let form: Form
  package var span: SourceSpan
  /// The length of the longest way down to a leaf; the parser keeps it below its limit, so that
  /// every walk over an expression may recurse.
  package let depth: Int

  package init(_ form: Form, at span: SourceSpan) {
    self.form = form
    self.span = span
    depth = 1 + (form.operands.map(\.depth).max() ?? 0)
  }

  package indirect enum Form: Sendable {
    /// A literal, with the text that the user wrote.
    case number(Double, text: String)
    case infinity
    case truth(Bool)
    case name(String)
    /// Kept so that the formatter changes no parentheses.
    case parenthesized(Expression)
    /// `weight[class]`
    case lookUp(Identifier, by: Identifier)
    case reduction(ReductionTree)
    /// A function, a norm, `size` or `index`.
    case call(Identifier, [Argument])
    case negate(Expression)
    case arithmetic(Arithmetic, Expression, Expression)
    case compare(Comparison, Expression, Expression)
    case not(Expression)
    case logic(Connective, Expression, Expression)
    /// `if condition then a else b`
    case conditional(Expression, Expression, Expression)
  }
}

/// `mean[T, B](x^2 where valid)`
package struct ReductionTree: Sendable {
  package var word: Identifier
  package var axes: [WindowTree]
  package var operand: Expression
  package var condition: Expression?
}

/// An axis of a reduction, whole or a window along it: `C: -2...1`.
package struct WindowTree: Sendable {
  package var axis: AxisTree
  package var window: ClosedInterval?

  /// The bounds as they are written; the first may exceed the last.
  package struct ClosedInterval: Sendable {
    package var low: Int
    package var high: Int
  }
}

/// `momentum: rate`, or `rate` alone.
package struct Argument: Sendable {
  package var label: Identifier?
  package var value: Expression
}

/// The operators of numbers.
package enum Arithmetic: String, CaseIterable, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case modulo = "mod"
  case power = "^"
}

extension Expression.Form {
  /// The expressions directly below, from left to right.
  package var operands: [Expression] {
    switch self {
    case .number, .infinity, .truth, .name, .lookUp: []
    case .parenthesized(let inner), .negate(let inner), .not(let inner): [inner]
    case .reduction(let reduction): [reduction.operand] + (reduction.condition.map { [$0] } ?? [])
    case .call(_, let arguments): arguments.map(\.value)
    case .arithmetic(_, let a, let b), .compare(_, let a, let b), .logic(_, let a, let b): [a, b]
    case .conditional(let condition, let a, let b): [condition, a, b]
    }
  }
}

extension Comparison {
  /// The operator as it is written.
  package var symbol: String {
    switch self {
    case .less: "<"
    case .lessOrEqual: "<="
    case .equal: "=="
    case .notEqual: "!="
    case .greaterOrEqual: ">="
    case .greater: ">"
    }
  }
}
