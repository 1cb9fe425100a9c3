/// Straight-line code that is run for every lane of a step, or once as scalar code.
///
///     program     ::= (value = operation)*
///     operation   ::= argument | constant | arithmetic | bits | comparison | select | function
///
/// Values are defined before they are used and never change. The types are those of `LaneType`;
/// `verify()` says which operation takes which. Every operation but `function` is one that both
/// printers (C, machine code) know; a `function` stands for a program of its own
/// (see `LaneFunction`), which a printer calls or inlines.
package struct LaneProgram: Hashable, Sendable {
  /// The operations in order; the value of the one at index i is `LaneValue(i)`.
  package private(set) var operations: [LaneOperation] = []
  /// The type of each value.
  package private(set) var types: [LaneType] = []
  /// The name that each value has in the source or in mathematics, if any.
  package var names: [String?] = []

  package init() {}

  /// Appends `operation`, whose value has the type `type`, and returns its value.
  @discardableResult
  package mutating func append(
    _ operation: LaneOperation, _ type: LaneType, name: String? = nil
  ) -> LaneValue {
    operations.append(operation)
    types.append(type)
    names.append(name)
    return LaneValue(operations.count - 1)
  }

  /// The values that `roots` are made of, these among them, in order.
  package func values(for roots: [LaneValue]) -> [LaneValue] {
    var needed = Set(roots)
    for (place, operation) in operations.enumerated().reversed()
    where needed.contains(LaneValue(place)) {
      needed.formUnion(operation.operands)
    }
    return needed.sorted()
  }
}

/// A value of a lane program: the index of its operation.
package struct LaneValue: Hashable, Comparable, Sendable {
  package let index: Int
  package init(_ index: Int) { self.index = index }
  package static func < (a: LaneValue, b: LaneValue) -> Bool { a.index < b.index }
}

/// The type of a lane value.
package enum LaneType: String, Hashable, CaseIterable, Sendable {
  /// A number of the kernel's compute type: float32 or float64.
  case number
  /// A number in float64, whatever the compute type.
  case wide
  /// A signed integer as wide as the compute type: int32 beside float32, int64 beside float64.
  case integer
  /// A signed 64-bit integer, beside `wide`.
  case wideInteger
  /// True or false.
  case condition
}

/// The type that a kernel computes in.
package enum ComputeType: String, Hashable, CaseIterable, Sendable {
  case float32 = "f32"
  case float64 = "f64"
}

/// An operation on lanes. IEEE 754 arithmetic, rounded to nearest even; nothing is contracted or
/// reordered. "number" below means number or wide, both operands alike; likewise "integer".
package enum LaneOperation: Hashable, Sendable {
  /// The argument of that index, of a function or of a step.
  case argument(Int)
  /// A number, rounded to the type of the value.
  case constant(Double)
  /// An integer.
  case integerConstant(Int64)
  case truth(Bool)
  /// number -> number
  case unary(LaneUnary, LaneValue)
  /// number, number -> number
  case binary(LaneBinary, LaneValue, LaneValue)
  /// a * b + c, rounded once, with the signs that `form` says. numbers -> number
  case fused(FusedForm, LaneValue, LaneValue, LaneValue)
  /// integers -> integer; wraps around. A shift count is from 0 to the width less one.
  case integer(LaneInteger, LaneValue, LaneValue)
  /// number, number -> condition
  case compare(LaneComparison, LaneValue, LaneValue)
  /// integer, integer -> condition
  case compareInteger(LaneComparison, LaneValue, LaneValue)
  /// condition, condition -> condition
  case logic(LaneLogic, LaneValue, LaneValue)
  case not(LaneValue)
  /// condition, a, b -> a where the condition holds, else b; a and b of one type
  case select(LaneValue, LaneValue, LaneValue)
  /// The bits of a number as an integer, or the reverse.
  case bitcast(LaneValue)
  /// number -> integer, rounded towards zero; the number is in the integer's range.
  case toInteger(LaneValue)
  /// integer -> number, rounded to nearest even.
  case toNumber(LaneValue)
  /// number -> wide, exact
  case widen(LaneValue)
  /// wide -> number, rounded to nearest even
  case narrow(LaneValue)
  /// A function of the library; its arguments and its value are numbers or all wide.
  case function(ElementaryFunction, [LaneValue])
}

package enum LaneUnary: String, Hashable, CaseIterable, Sendable {
  case negate, absolute, squareRoot, floor
}

package enum LaneBinary: String, Hashable, CaseIterable, Sendable {
  case add, subtract, multiply, divide
  /// a * 2^b, rounded once, for a whole b and an a that 2^(b/2) leaves normal; NaN if b is NaN.
  case scale
}

/// The signs of a fused multiply and add.
package enum FusedForm: String, Hashable, CaseIterable, Sendable {
  /// a * b + c
  case productPlus
  /// c - a * b
  case minusProduct
  /// a * b - c
  case productMinus
}

package enum LaneInteger: String, Hashable, CaseIterable, Sendable {
  case add, subtract, multiply, and, or, xor
  case shiftLeft, shiftRightLogical, shiftRightArithmetic
}

/// Comparisons; with a NaN all are false but `notEqual`.
package enum LaneComparison: String, Hashable, CaseIterable, Sendable {
  case less, lessOrEqual, equal, notEqual
}

package enum LaneLogic: String, Hashable, CaseIterable, Sendable {
  case and, or
}

/// The functions that are polynomials of our own; each has a program (`LaneFunction`).
package enum ElementaryFunction: String, Hashable, CaseIterable, Sendable {
  case exponential = "exp"
  case logarithm = "log"
  case hyperbolicTangent = "tanh"
  case sigmoid = "sigmoid"
  case errorFunction = "erf"
  case power = "pow"
}
