/// An expression whose names are resolved and whose axes are known.
///
/// `ema relu gelu silu clamp` do not occur: the checker has written them in the forms below, as
///
///     ema(old, new, momentum: m)  =  old + m * (new - old)
///     ema(old, new, decay: d)     =  old + (1 - d) * (new - old)
///     relu(x)                     =  max(0, x)
///     clamp(x, a, b)              =  min(max(x, a), b)
///     silu(x)                     =  x * sigmoid(x)
///     gelu(x)                     =  0.5 * x * (1 + erf(x * sqrt(0.5)))
package struct Term: Hashable, Sendable {
  package var form: Form
  /// The atoms along which the value differs, ascending.
  package var axes: [AxisID]
  /// `true` iff it is a condition, not a number.
  package var isCondition: Bool

  package init(_ form: Form, axes: [AxisID], isCondition: Bool) {
    self.form = form
    self.axes = axes
    self.isCondition = isCondition
  }

  /// What an expression does.
  package indirect enum Form: Hashable, Sendable {
    /// A finite number or an infinity.
    case number(Double)
    case truth(Bool)
    /// A value as the phase (or the gradient block) defines it.
    case value(ValueID)
    /// The product of the extents of some atoms, a number; 1 for none.
    case size([AxisID])
    /// The place along an axis, from 0; of several atoms, slowest first, the place in their
    /// product. It has these atoms as its axes.
    case index([AxisID])
    case unary(UnaryFunction, Term)
    case binary(BinaryFunction, Term, Term)
    case compare(Comparison, Term, Term)
    case not(Term)
    case logic(Connective, Term, Term)
    /// `if condition then a else b`: what is not selected is not read and receives exactly 0.
    case select(Term, Term, Term)
    case reduce(Reduction)
    /// The first at the place along some atoms, slowest first, that the second says, which is an
    /// index of them. It has the axes of both but for these.
    case lookUp(Term, along: [AxisID], at: Term)
    /// The first with other axes for the same places: some atoms, slowest first, whose product the
    /// others split differently. Along those of the first list that it lacks, it repeats.
    case regroup(Term, from: [AxisID], to: [AxisID])
    /// Its argument, which receives no gradient.
    case stopGradient(Term)
  }

  /// `kind[axes, windows](operand where condition)`.
  package struct Reduction: Hashable, Sendable {
    package var kind: ReductionKind
    /// The atoms that are reduced, ascending. An atom that neither operand nor condition has
    /// counts all the same: a sum over it multiplies by its extent.
    package var axes: [AxisID]
    /// Axes along which each place takes its neighbours. They stay, and none is in `axes`.
    package var windows: [Window] = []
    /// `true` iff it takes the elements of all processes that work together.
    package var isOverRanks = false
    /// A number; of a `count`, a condition.
    package var operand: Term
    /// Selects the elements that are taken; `nil` takes all.
    package var condition: Term?

    package init(kind: ReductionKind, axes: [AxisID], operand: Term, condition: Term? = nil) {
      self.kind = kind
      self.axes = axes
      self.operand = operand
      self.condition = condition
    }
  }

  /// The places from `low` to `high` away along some atoms, slowest first, that stand for one
  /// axis; what lies outside the axis is not taken.
  package struct Window: Hashable, Sendable {
    package var axes: [AxisID]
    package var low: Int
    package var high: Int

    package init(axes: [AxisID], low: Int, high: Int) {
      self.axes = axes
      self.low = low
      self.high = high
    }
  }
}

extension Term.Form {
  /// The terms directly below, from left to right.
  package var operands: [Term] {
    var operands: [Term] = []
    forEachOperand { operands.append($0) }
    return operands
  }

  /// Calls `body` with the terms directly below, from left to right.
  package func forEachOperand(_ body: (Term) -> Void) {
    switch self {
    case .number, .truth, .value, .size, .index: break
    case .unary(_, let x), .not(let x), .stopGradient(let x), .regroup(let x, _, _): body(x)
    case .binary(_, let x, let y), .compare(_, let x, let y), .logic(_, let x, let y),
      .lookUp(let x, _, let y):
      body(x)
      body(y)
    case .select(let condition, let x, let y):
      body(condition)
      body(x)
      body(y)
    case .reduce(let reduction):
      body(reduction.operand)
      if let condition = reduction.condition { body(condition) }
    }
  }
}

extension Term {
  /// `true` iff it needs what other processes have.
  package var isOverRanks: Bool {
    if case .reduce(let reduction) = form, reduction.isOverRanks { return true }
    var isOverRanks = false
    form.forEachOperand { isOverRanks = isOverRanks || $0.isOverRanks }
    return isOverRanks
  }

  /// `true` iff its value is known from sizes alone, as that of an initial value must be.
  package var isInitial: Bool {
    switch form {
    case .value, .index, .reduce, .lookUp, .regroup: false
    case .number, .truth, .size, .unary, .binary, .compare, .not, .logic, .select, .stopGradient:
      form.operands.allSatisfy(\.isInitial)
    }
  }
}

/// A function of one number. The derivatives of `absolute` and `squareRoot` at 0 are 0, `sign(0)`
/// is 0, and `sign` and `floor` have the derivative 0.
package enum UnaryFunction: String, CaseIterable, Sendable {
  case negate, absolute, sign, squareRoot, reciprocalSquareRoot
  case exponential, logarithm, hyperbolicTangent, sigmoid, errorFunction
}

/// A function of two numbers.
package enum BinaryFunction: String, CaseIterable, Sendable {
  case add, subtract, multiply, divide
  /// `a ^ b`. For a real exponent and negative base NaN; integers are powers as usual.
  case power
  /// `a - b floor(a / b)`.
  case modulo
  /// NaN if an argument is NaN; of equals the first gets the gradient.
  case maximum, minimum
}

package enum Comparison: String, CaseIterable, Sendable {
  case less, lessOrEqual, equal, notEqual, greaterOrEqual, greater
}

package enum Connective: String, CaseIterable, Sendable {
  case and, or
}

/// What a reduction makes of its elements. Of no elements: 0, but `-inf` for a maximum and `inf`
/// for a minimum.
package enum ReductionKind: String, CaseIterable, Sendable {
  case sum, mean
  /// NaN if an element is NaN; of equals the first index gets the gradient.
  case maximum, minimum
  /// The mean of the squared deviations from the mean.
  case variance
  /// The sum of the squared deviations over the count less one; of one element, the variance.
  case unbiasedVariance
  /// How many elements are true.
  case count
}
