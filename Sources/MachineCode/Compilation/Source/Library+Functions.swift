import CCode

/// The names in scope while a function becomes flat.
struct FlatScope {
  var names: [(name: Symbol, slot: Slot)] = []
  var slots = 0
  /// The elements of lists that are not closed yet, one list behind the other.
  var open: [Int32] = []
  /// The variables that were assigned, and those that were passed on, so far.
  var assigned: [Slot] = []
  var passed: [Slot] = []
  /// The variables whose addresses are taken.
  var addressed: [Slot] = []

  func slot(of name: Symbol) -> Slot? { names.last { $0.name == name }?.slot }

  mutating func declare(_ name: Symbol) -> Slot {
    let slot = Slot(index: Int32(slots))
    names.append((name, slot))
    slots += 1
    return slot
  }
}

/// Functions and statements as flat code.
extension Library {
  mutating func flattened(_ function: CFunction) -> FlatFunction {
    var scope = FlatScope()
    let first = code.parameters.count
    for parameter in function.parameters {
      _ = scope.declare(symbol(parameter.name))
      if case .array(let element, _) = parameter.type {
        code.append(FlatParameter(type: typeID(element), isArray: true))
      } else {
        code.append(FlatParameter(type: typeID(parameter.type), isArray: false))
      }
    }
    let parameters = first..<code.parameters.count
    let body = flattened(function.body, &scope)
    return FlatFunction(
      parameters: parameters, result: typeID(function.result), body: body,
      addressed: list(scope.addressed[...], below: scope.slots), slots: scope.slots)
  }

  private func flatType(_ type: CType) -> FlatType {
    if let known = self.type(type) { return .known(known) }
    switch type {
    case .qualified(_, let type): return flatType(type)
    case .named("wide"): return .wide
    case .named, .pointer, .array, .function: return .unknown("\(type)")
    }
  }

  mutating func typeID(_ type: CType) -> TypeID {
    switch type {
    case .named(let name):
      if let known = typeID(named: name) { return known }
    case .qualified(_, let type): return typeID(type)
    case .pointer, .array, .function: break
    }
    return code.append(flatType(type))
  }

  /// Statements, whose declarations end with them.
  private mutating func flattened(
    _ statements: [CStatement], _ scope: inout FlatScope
  ) -> FlatList {
    let names = scope.names.count
    let mark = scope.open.count
    for statement in statements { add(statement, &scope) }
    scope.names.removeLast(scope.names.count - names)
    return code.close(&scope.open, from: mark)
  }

  /// Appends what a statement becomes to the open list.
  private mutating func add(_ statement: CStatement, _ scope: inout FlatScope) {
    switch statement {
    case .declaration(let declaration):
      for variable in declaration.variables { add(variable, declaration.type, &scope) }
    case .assignment(let target, let operation, let value):
      add(target, operation, flattened(value, &scope), &scope)
    case .increment(let target):
      add(target, .add, code.append(.integer(1, .int32)), &scope)
    case .expression(let value): append(.expression(flattened(value, &scope)), &scope)
    case .branch(let condition, let body, let otherwise):
      let test = flattened(condition, &scope)
      let first = flattened(body, &scope)
      let second = flattened(otherwise, &scope)
      append(.branch(test, first, otherwise: second), &scope)
    case .loop(let loop): add(loop, &scope)
    case .macroLoop(let header, let body): add(header, body, &scope)
    case .return(let value):
      append(.return(value.map { flattened($0, &scope) }), &scope)
    case .block(let body): append(.block(flattened(body, &scope)), &scope)
    case .commented(let statement, _): add(statement, &scope)
    case .comment, .blank: return
    case .choice: refuse("a switch", &scope)
    case .continue, .break: refuse("a jump out of a loop", &scope)
    case .raw: refuse("a preprocessor line", &scope)
    }
  }

  private mutating func append(_ statement: FlatStatement, _ scope: inout FlatScope) {
    scope.open.append(code.append(statement).index)
  }

  private mutating func refuse(_ what: String, _ scope: inout FlatScope) {
    append(.unsupported(code.message(what)), &scope)
  }

  private mutating func add(
    _ variable: CVariable, _ type: CType, _ scope: inout FlatScope
  ) {
    let initial = variable.initial.map { flattened($0, &scope) }
    guard case .array(let element, let count) = type else {
      let slot = scope.declare(symbol(variable.name))
      return append(.declaration(slot, typeID(type), initial), &scope)
    }
    guard let count else { return refuse("an array without a count", &scope) }
    let number = flattened(count, &scope)
    let slot = scope.declare(symbol(variable.name))
    append(.array(slot, typeID(element), count: number, initial), &scope)
  }

  private mutating func add(
    _ target: CExpression, _ operation: CAssignment, _ value: ExpressionID,
    _ scope: inout FlatScope
  ) {
    let destination = flattened(target, &scope)
    note(destination, &scope)
    append(.assignment(destination, operation, value), &scope)
  }

  /// Notes the variable that an assignment to `target` changes.
  private func note(_ target: ExpressionID, _ scope: inout FlatScope) {
    switch code[target] {
    case .variable(let slot, _): scope.assigned.append(slot)
    case .index(let array, _):
      // Memory changes, but not the pointer to it.
      if case .variable(let slot, _) = code[array] {
        scope.passed.append(slot)
      } else {
        note(array, &scope)
      }
    case .member(let value, _): note(value, &scope)
    default: return
    }
  }

  // Loops

  private mutating func add(_ loop: CLoop, _ scope: inout FlatScope) {
    let names = scope.names.count
    let mark = scope.open.count
    if let first = loop.first { add(first, &scope) }
    let first = code.close(&scope.open, from: mark)
    var counter: Slot?
    if first.count > 0, case .declaration(let slot, _, _) = code[code.statement(first, 0)] {
      counter = slot
    }
    let condition = loop.condition.map { flattened($0, &scope) }
    let (outside, assigned, passed) = (scope.slots, scope.assigned.count, scope.passed.count)
    let body = flattened(loop.body, &scope)
    if let step = loop.step { add(step, &scope) }
    let step = code.close(&scope.open, from: mark)
    let flat = FlatLoop(
      first: first, condition: condition, step: step, body: body, counter: counter,
      assigned: list(scope.assigned[assigned...], below: outside),
      passed: list(scope.passed[passed...], below: outside))
    scope.names.removeLast(scope.names.count - names)
    append(code.append(flat), &scope)
  }

  /// Slots below `bound`, each once.
  private mutating func list(_ slots: ArraySlice<Slot>, below bound: Int) -> FlatList {
    var chosen: [Int32] = []
    for slot in slots where slot.index < bound && !chosen.contains(slot.index) {
      chosen.append(slot.index)
    }
    return code.close(&chosen, from: 0)
  }

  private mutating func add(
    _ header: CExpression, _ body: [CStatement], _ scope: inout FlatScope
  ) {
    guard case .call(.name(let macro), let arguments) = header, arguments.count == 2,
      macro == "EACH_VECTOR" || macro == "EACH_ELEMENT", case .name(let index) = arguments[0]
    else { return refuse("the loop macro \(header)", &scope) }
    let live = flattened(arguments[1], &scope)
    let names = scope.names.count
    let slot = scope.declare(symbol(index))
    let vectors = flattened(body, &scope)
    scope.names.removeLast(scope.names.count - names)
    append(
      macro == "EACH_VECTOR"
        ? .eachVector(slot, live, vectors) : .eachElement(slot, live, vectors), &scope)
  }
}
