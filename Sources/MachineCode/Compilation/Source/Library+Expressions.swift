import CCode

/// Expressions as flat code.
extension Library {
  /// An expression outside of all functions.
  mutating func flattened(_ expression: CExpression) -> ExpressionID {
    var scope = FlatScope()
    return flattened(expression, &scope)
  }

  mutating func flattened(
    _ expression: CExpression, _ scope: inout FlatScope
  ) -> ExpressionID {
    code.append(flat(expression, &scope))
  }

  private mutating func flat(
    _ expression: CExpression, _ scope: inout FlatScope
  ) -> FlatExpression {
    switch expression {
    case .name(let name): return named(name, scope)
    case .integer(let value):
      return .integer(value, Int32(exactly: value) == nil ? .int64 : .int32)
    case .size(let value): return .integer(Int64(value), .size)
    case .float(let value): return .number(Double(value), .float)
    case .double(let value): return .number(value, .double)
    case .call(let function, let arguments): return call(function, arguments, &scope)
    case .index(let array, let index):
      return .index(flattened(array, &scope), flattened(index, &scope))
    case .member(let value, let name): return .member(flattened(value, &scope), symbol(name))
    case .pointerMember(let pointer, let name):
      return .pointerMember(flattened(pointer, &scope), symbol(name))
    case .unary(let operation, let a):
      let operand = flattened(a, &scope)
      if operation == .address, case .variable(let slot, _) = code[operand] {
        scope.addressed.append(slot)
      }
      return .unary(operation, operand)
    case .binary(let operation, let a, let b):
      return .binary(operation, flattened(a, &scope), flattened(b, &scope))
    case .conditional(let condition, let a, let b):
      return .conditional(
        flattened(condition, &scope), flattened(a, &scope), flattened(b, &scope))
    case .cast(let type, let a): return .cast(typeID(type), flattened(a, &scope))
    case .compound(let type, let values): return .compound(typeID(type), list(values, &scope))
    case .initializer(let values): return initializer(values, &scope)
    case .sizeOf(let type): return .sizeOf(typeID(type))
    case .string: return .unsupported(code.message("the expression \(expression)"))
    }
  }

  private mutating func named(_ name: String, _ scope: FlatScope) -> FlatExpression {
    let symbol = symbol(name)
    if let slot = scope.slot(of: symbol) { return .variable(slot, symbol) }
    if let known = knownName(symbol) { return .known(known) }
    return .named(symbol)
  }

  private mutating func initializer(
    _ values: [CInitializer], _ scope: inout FlatScope
  ) -> FlatExpression {
    let members = values.compactMap(\.member)
    if members.isEmpty { return .initializer(list(values, &scope)) }
    guard members.count == values.count else {
      return .unsupported(code.message("a list in which some values have names"))
    }
    var symbols = members.map { symbol($0).index }
    let names = code.close(&symbols, from: 0)
    return .designated(names: names, list(values, &scope))
  }

  private mutating func list(_ values: [CInitializer], _ scope: inout FlatScope) -> FlatList {
    let mark = scope.open.count
    for value in values { scope.open.append(flattened(value.value, &scope).index) }
    return code.close(&scope.open, from: mark)
  }

  private mutating func call(
    _ function: CExpression, _ arguments: [CExpression], _ scope: inout FlatScope
  ) -> FlatExpression {
    let name: Symbol
    switch function {
    case .name(let plain):
      name = symbol(plain)
      if scope.slot(of: name) != nil { return pointerCall(function, arguments, &scope) }
    case .call(.name("NAME"), let inner):
      guard case .name(let bare)? = inner.first else {
        return .unsupported(code.message("NAME of no name"))
      }
      name = symbol(bare)
    default: return pointerCall(function, arguments, &scope)
    }
    let list = self.arguments(arguments, &scope)
    if let intrinsic = intrinsic(name) { return .intrinsic(intrinsic, list) }
    return .call(name, list)
  }

  private mutating func pointerCall(
    _ function: CExpression, _ arguments: [CExpression], _ scope: inout FlatScope
  ) -> FlatExpression {
    let pointer = flattened(function, &scope)
    return .pointerCall(pointer, self.arguments(arguments, &scope))
  }

  private mutating func arguments(
    _ arguments: [CExpression], _ scope: inout FlatScope
  ) -> FlatList {
    let mark = scope.open.count
    for argument in arguments {
      let value = flattened(argument, &scope)
      // The function may change the elements of an array.
      if case .variable(let slot, _) = code[value] { scope.passed.append(slot) }
      scope.open.append(value.index)
    }
    return code.close(&scope.open, from: mark)
  }
}
