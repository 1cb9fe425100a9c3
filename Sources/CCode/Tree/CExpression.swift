/// An expression of C, without any regard to precedence: the printer adds the parentheses.
package indirect enum CExpression: Hashable, Sendable {
  /// A variable, a function, an enumerator or a macro without arguments.
  case name(String)
  /// An `int`, or a `long long` where an `int` cannot hold the value.
  case integer(Int64)
  /// A size. Up to INT_MAX it is printed without a suffix and so has type `int`: it becomes a
  /// `size_t` where it meets one. Fold arithmetic on two such literals before you build it.
  case size(Int)
  /// A number; infinities and NaN are printed by the names that <math.h> or the prelude gives.
  /// Equality is that of numbers: zeros of either sign are equal, a NaN equals nothing.
  case float(Float)
  case double(Double)
  case string(String)
  /// `function(arguments)`; the function may be a macro.
  case call(CExpression, [CExpression])
  /// `array[index]`
  case index(CExpression, CExpression)
  /// `value.member`
  case member(CExpression, String)
  /// `pointer->member`
  case pointerMember(CExpression, String)
  case unary(CUnary, CExpression)
  case binary(CBinary, CExpression, CExpression)
  /// `condition ? a : b`
  case conditional(CExpression, CExpression, CExpression)
  case cast(CType, CExpression)
  /// `(type){...}`
  case compound(CType, [CInitializer])
  /// `{...}`, only as the initial value of a declaration or inside of one.
  case initializer([CInitializer])
  case sizeOf(CType)
}

package enum CUnary: String, Hashable, CaseIterable, Sendable {
  case negate = "-"
  case not = "!"
  case complement = "~"
  case dereference = "*"
  case address = "&"
}

package enum CBinary: String, Hashable, CaseIterable, Sendable {
  case multiply = "*"
  case divide = "/"
  case remainder = "%"
  case add = "+"
  case subtract = "-"
  case shiftLeft = "<<"
  case shiftRight = ">>"
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
  case bitAnd = "&"
  case bitXor = "^"
  case bitOr = "|"
  case and = "&&"
  case or = "||"
}

/// A value in braces, with the member that it is for, if that is said.
package struct CInitializer: Hashable, Sendable {
  package var member: String?
  package var value: CExpression

  package init(_ value: CExpression, for member: String? = nil) {
    self.member = member
    self.value = value
  }
}

// Short ways to write the common expressions.
extension CExpression {
  package static func call(_ function: String, _ arguments: CExpression...) -> CExpression {
    .call(.name(function), arguments)
  }

  package static func call(_ function: String, _ arguments: [CExpression]) -> CExpression {
    .call(.name(function), arguments)
  }

  /// `NAME(function)`: the form of `function` for the lanes that are being compiled.
  package static func variant(_ function: String) -> CExpression {
    .call("NAME", .name(function))
  }

  /// `NAME(function)(arguments)`
  package static func callVariant(
    _ function: String, _ arguments: [CExpression]
  ) -> CExpression {
    .call(.variant(function), arguments)
  }

  package static func add(_ a: CExpression, _ b: CExpression) -> CExpression {
    .binary(.add, a, b)
  }

  package static func subtract(_ a: CExpression, _ b: CExpression) -> CExpression {
    .binary(.subtract, a, b)
  }

  package static func multiply(_ a: CExpression, _ b: CExpression) -> CExpression {
    .binary(.multiply, a, b)
  }

  package static func divide(_ a: CExpression, _ b: CExpression) -> CExpression {
    .binary(.divide, a, b)
  }

  package static func less(_ a: CExpression, _ b: CExpression) -> CExpression {
    .binary(.less, a, b)
  }

  package static func equal(_ a: CExpression, _ b: CExpression) -> CExpression {
    .binary(.equal, a, b)
  }

  package static func and(_ a: CExpression, _ b: CExpression) -> CExpression {
    .binary(.and, a, b)
  }

  package static func or(_ a: CExpression, _ b: CExpression) -> CExpression {
    .binary(.or, a, b)
  }

  package static func negate(_ a: CExpression) -> CExpression { .unary(.negate, a) }

  package static func not(_ a: CExpression) -> CExpression { .unary(.not, a) }

  package static func dereference(_ a: CExpression) -> CExpression { .unary(.dereference, a) }

  package static func address(of a: CExpression) -> CExpression { .unary(.address, a) }

  /// The operands joined by `operation` from left to right, or `empty` if there are none.
  package static func chain(
    _ operation: CBinary, _ operands: [CExpression], empty: CExpression
  ) -> CExpression {
    guard var chain = operands.first else { return empty }
    for operand in operands.dropFirst() { chain = .binary(operation, chain, operand) }
    return chain
  }
}
