/// How tightly the outermost operator of an expression binds, in C's grammar.
enum CPrecedence: Int, Comparable {
  case initializer, conditional, or, and, bitOr, bitXor, bitAnd, equality, relation, shift
  case sum, product, prefix, postfix, primary

  static func < (a: CPrecedence, b: CPrecedence) -> Bool { a.rawValue < b.rawValue }
}

extension CBinary {
  var precedence: CPrecedence {
    switch self {
    case .multiply, .divide, .remainder: .product
    case .add, .subtract: .sum
    case .shiftLeft, .shiftRight: .shift
    case .less, .lessOrEqual, .greater, .greaterOrEqual: .relation
    case .equal, .notEqual: .equality
    case .bitAnd: .bitAnd
    case .bitXor: .bitXor
    case .bitOr: .bitOr
    case .and: .and
    case .or: .or
    }
  }

  /// The operators whose precedence every reader knows; the compilers warn about other mixtures.
  fileprivate var kind: Kind {
    switch self {
    case .multiply, .divide, .remainder, .add, .subtract: .arithmetic
    case .less, .lessOrEqual, .greater, .greaterOrEqual, .equal, .notEqual: .comparison
    case .and, .or: .logic
    case .shiftLeft, .shiftRight, .bitAnd, .bitXor, .bitOr: .bits
    }
  }

  fileprivate enum Kind: Int {
    case bits, arithmetic, comparison, logic
  }
}

extension CExpression {
  var precedence: CPrecedence {
    switch self {
    case .name, .string, .call, .index, .member, .pointerMember, .compound, .sizeOf: .postfix
    case .integer(let value): value < 0 ? .prefix : .primary
    case .size: .primary
    case .float(let value): value.sign == .minus && !value.isNaN ? .prefix : .primary
    case .double(let value): value.isFinite && value.sign == .plus ? .primary : .prefix
    case .unary, .cast: .prefix
    case .binary(let operation, _, _): operation.precedence
    case .conditional: .conditional
    case .initializer: .initializer
    }
  }
}

/// The place of an expression inside of another one.
enum COperandPlace {
  /// Inside of brackets, or on its own.
  case free
  case leftOf(CBinary)
  case rightOf(CBinary)
  case prefixed(by: CUnary)
  case castOperand
  /// What a call, an index or a member is taken of.
  case postfixed
  case condition
  case thenBranch
  case elseBranch
  case argument
}

extension COperandPlace {
  /// `true` iff `operand` needs parentheses in this place: for its meaning, or because gcc or
  /// clang would warn.
  func needsParentheses(_ operand: CExpression) -> Bool {
    switch self {
    case .free: false
    case .leftOf(let operation):
      isMixed(operand, operation) || operand.precedence < operation.precedence
    case .rightOf(let operation):
      isMixed(operand, operation) || operand.precedence <= operation.precedence
    case .prefixed(let operation):
      operand.precedence < .prefix || operation.joins(operand)
    case .castOperand: operand.precedence < .prefix
    case .postfixed: operand.precedence < .postfix
    case .condition: operand.precedence <= .conditional || operand.isArithmetic
    case .thenBranch: operand.precedence <= .conditional
    case .elseBranch: operand.precedence < .conditional
    case .argument: operand.hasBareComma
    }
  }

  /// `true` iff readers and compilers doubt how `operand` and `operation` go together.
  private func isMixed(_ operand: CExpression, _ operation: CBinary) -> Bool {
    switch operand {
    case .binary(let inner, _, _):
      if inner == operation, inner.kind == .bits { return inner.precedence == .shift }
      return inner.kind == .bits || inner.kind.rawValue > operation.kind.rawValue
        || operation.kind == .bits
        || (inner.kind == .comparison && operation.kind == .comparison)
        || (inner.kind == .logic && inner != operation)
    case .unary(.not, _): return operation.kind == .comparison || operation.kind == .bits
    case .name, .integer, .size, .float, .double, .string, .call, .index, .member, .pointerMember,
      .unary, .conditional, .cast, .compound, .initializer, .sizeOf:
      return false
    }
  }
}

extension CUnary {
  /// `true` iff this operator and the first character of `operand` would read as one token.
  fileprivate func joins(_ operand: CExpression) -> Bool {
    switch operand {
    case .unary(let inner, _):
      (self == .negate && inner == .negate) || (self == .address && inner == .address)
    case .integer, .float, .double: self == .negate && operand.precedence == .prefix
    case .name, .size, .string, .call, .index, .member, .pointerMember, .binary, .conditional,
      .cast, .compound, .initializer, .sizeOf:
      false
    }
  }
}

extension CExpression {
  fileprivate var isArithmetic: Bool {
    if case .binary(let operation, _, _) = self {
      return operation.kind == .arithmetic || operation.kind == .bits
    }
    return false
  }

  /// `true` iff a macro would take the parts of the expression for several arguments.
  fileprivate var hasBareComma: Bool {
    switch self {
    case .compound(_, let values), .initializer(let values): values.count > 1
    case .unary(_, let a), .cast(_, let a), .member(let a, _), .pointerMember(let a, _),
      .index(let a, _):
      a.hasBareComma
    case .binary(_, let a, let b): a.hasBareComma || b.hasBareComma
    case .conditional(let a, let b, let c): a.hasBareComma || b.hasBareComma || c.hasBareComma
    case .name, .integer, .size, .float, .double, .string, .call, .sizeOf: false
    }
  }
}
