/// The identifiers that a piece of C mentions.
package struct UsedNames {
  // Most pieces mention some dozens.
  package private(set) var names = Set<String>(minimumCapacity: 60)

  package init(in statements: [CStatement]) { add(statements) }

  /// Adds the identifiers that `statements` mention.
  package mutating func add(_ statements: [CStatement]) {
    for statement in statements { add(statement) }
  }

  package func contains(_ name: String) -> Bool { names.contains(name) }

  /// Those of `declarations` that `code` mentions a variable of, and what declares nothing.
  package static func declarations(
    _ declarations: [CStatement], in code: [CStatement]
  ) -> [CStatement] {
    if declarations.isEmpty { return [] }
    let used = UsedNames(in: code)
    return declarations.filter { statement in
      guard case .declaration(let declaration) = statement else { return true }
      return declaration.variables.contains { used.contains($0.name) }
    }
  }

  private mutating func add(_ statement: CStatement) {
    switch statement {
    case .declaration(let declaration):
      for variable in declaration.variables { add(variable.initial) }
      add(declaration.type)
    case .assignment(let target, _, let value):
      add(target)
      add(value)
    case .increment(let value), .expression(let value): add(value)
    case .branch(let condition, let body, let otherwise):
      add(condition)
      add(body)
      add(otherwise)
    case .loop(let loop):
      if let first = loop.first { add(first) }
      add(loop.condition)
      if let step = loop.step { add(step) }
      add(loop.body)
    case .macroLoop(let header, let body):
      add(header)
      add(body)
    case .choice(let value, let cases):
      add(value)
      for choice in cases {
        add(choice.value)
        add(choice.body)
      }
    case .return(let value): add(value)
    case .block(let body): add(body)
    case .commented(let statement, _): add(statement)
    case .continue, .break, .comment, .blank, .raw: return
    }
  }

  private mutating func add(_ type: CType) {
    switch type {
    case .named(let name): names.insert(name)
    case .qualified(_, let type), .pointer(let type): add(type)
    case .array(let type, let count):
      add(type)
      add(count)
    case .function(let result, _): add(result)
    }
  }

  private mutating func add(_ expression: CExpression?) {
    guard let expression else { return }
    switch expression {
    case .name(let name): names.insert(name)
    case .integer, .size, .float, .double, .string: return
    case .call(let function, let arguments):
      add(function)
      for argument in arguments { add(argument) }
    case .index(let a, let b), .binary(_, let a, let b):
      add(a)
      add(b)
    case .member(let a, _), .pointerMember(let a, _), .unary(_, let a): add(a)
    case .cast(let type, let a):
      add(type)
      add(a)
    case .conditional(let a, let b, let c):
      add(a)
      add(b)
      add(c)
    case .compound(let type, let values):
      add(type)
      for value in values { add(value.value) }
    case .initializer(let values):
      for value in values { add(value.value) }
    case .sizeOf(let type): add(type)
    }
  }
}
