/// A value of a graph: the index of the operation that makes it.
package struct Node: Hashable, Comparable, Sendable {
  package let index: Int
  init(_ index: Int) { self.index = index }
  package static func < (a: Node, b: Node) -> Bool { a.index < b.index }
}

/// What makes a value of a graph. Operands broadcast by name: the axes of the value are the union
/// of theirs, except that a reduction takes its axes away.
package enum Operation: Hashable, Sendable {
  /// The input of that index.
  case input(Int)
  /// A number. It has no axes.
  case constant(Constant)
  case truth(Bool)
  /// The product of the extents of the axes, a number; 1 for none.
  case size(AxisSet)
  /// The place along the axes, from 0, the first of them slowest. It has these axes.
  case index(AxisSet)
  case unary(Unary, Node)
  case binary(Binary, Node, Node)
  case compare(Comparison, Node, Node)
  case not(Node)
  case logic(Connective, Node, Node)
  /// Condition, value where it holds, value elsewhere. What is not selected is not read.
  case select(Node, Node, Node)
  case reduce(Reduction)
  /// Its operand; no gradient passes.
  case stopGradient(Node)
  /// Its operand, along these axes as well; the gradient block of that index replaces its
  /// derivative, and is given an adjoint that has them.
  case customGradient(Int, Node, AxisSet)
  /// a * b + c with the signs that the form says, rounded once. Made by `contraction` only.
  case fused(FusedForm, Node, Node, Node)
  /// number -> wide, exact; of a constant, size, place, scalar or counter, its value in float64
  /// (as a number it is rounded). Made by `precision` only, as is `narrow`.
  case widen(Node)
  /// wide -> number, rounded to nearest even.
  case narrow(Node)
}

/// A number, compared by its bits, so that 0 and -0 differ.
package struct Constant: Hashable, Sendable {
  private let bits: UInt64
  package init(_ value: Double) { bits = value.bitPattern }
  package var value: Double { Double(bitPattern: bits) }
}

package enum Unary: String, Hashable, CaseIterable, Sendable {
  case negate = "neg"
  case absolute = "abs"
  case sign
  case squareRoot = "sqrt"
  case reciprocalSquareRoot = "rsqrt"
  case exponential = "exp"
  case logarithm = "log"
  case hyperbolicTangent = "tanh"
  case sigmoid
  case errorFunction = "erf"
  case floor
}

package enum Binary: String, Hashable, CaseIterable, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case power = "^"
  /// NaN if an operand is NaN; of equals the first: `select(a > b or a is NaN, a, b)`.
  case maximum = "max"
  case minimum = "min"
}

package enum Comparison: String, Hashable, CaseIterable, Sendable {
  case less = "<"
  case lessOrEqual = "<="
  case equal = "=="
  case notEqual = "!="
}

package enum Connective: String, Hashable, CaseIterable, Sendable {
  case and, or
}

/// The signs of a fused multiply and add.
package enum FusedForm: String, Hashable, CaseIterable, Sendable {
  /// a * b + c
  case productPlus = "fma"
  /// c - a * b
  case minusProduct = "fnma"
  /// a * b - c
  case productMinus = "fms"
}

/// `kind[axes](operand where condition)`.
package struct Reduction: Hashable, Sendable {
  package var kind: Kind
  /// Never empty; operand and condition together have all of them.
  package var axes: AxisSet
  /// A number; of `count` the condition itself.
  package var operand: Node
  /// Multiplies the operand, rounded once with the sum. Made by `contraction`, for `total` only.
  package var factor: Node?
  /// Selects the elements that are taken; `nil` takes all.
  package var condition: Node?

  package init(
    _ kind: Kind, _ axes: AxisSet, _ operand: Node, factor: Node? = nil,
    where condition: Node? = nil
  ) {
    self.kind = kind
    self.axes = axes
    self.operand = operand
    self.factor = factor
    self.condition = condition
  }

  /// What is made of the elements. `sum mean maximum minimum variance count` are the mathematics;
  /// `precision` replaces sum, mean and variance by the kinds below.
  package enum Kind: String, Hashable, CaseIterable, Sendable {
    case sum, mean
    /// NaN if an element is NaN; `-inf` of nothing.
    case maximum = "max"
    /// NaN if an element is NaN; `inf` of nothing.
    case minimum = "min"
    /// The mean of the squared deviations from the mean; 0 of nothing.
    case variance = "var"
    /// How many elements hold.
    case count
    /// The sum in the canonical order, in float64: a wide value.
    case total
    /// The mean of block-wise moments in the canonical order: a wide value.
    case momentMean = "moment_mean"
    /// The sum of squared deviations of the same: a wide value.
    case momentSquares = "moment_squares"
  }

  /// The nodes that it reads, the operand first.
  package var operands: [Node] {
    var operands: [Node] = []
    forEachOperand { operands.append($0) }
    return operands
  }

  /// Calls `body` with each of them.
  func forEachOperand(_ body: (Node) -> Void) {
    body(operand)
    if let factor { body(factor) }
    if let condition { body(condition) }
  }
}

/// The type of a node.
package enum NodeType: String, Hashable, Sendable {
  /// A number; after `precision`, one in the compute type.
  case number
  case condition
  /// A number in float64, after `precision`.
  case wide
}
