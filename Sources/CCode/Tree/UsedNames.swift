import Basics

/// The identifiers that a piece of C mentions.
package struct UsedNames {
  private var names = NameTable()

  package init(in statements: [CStatement]) { add(statements) }

  /// Adds the identifiers that `statements` mention.
  package mutating func add(_ statements: [CStatement]) {
    for statement in statements {
      _ = statement.mentions { name in
        names.insert(name)
        return false
      }
    }
  }

  package func contains(_ name: String) -> Bool { names.contains(name) }

  /// Those of `declarations` that `code` mentions a variable of, and what declares nothing.
  package static func declarations(
    _ declarations: [CStatement], in code: [CStatement]
  ) -> [CStatement] {
    // The search for one name ends where it is found.
    let used = declarations.count > 1 ? UsedNames(in: code) : nil
    return declarations.filter { statement in
      guard case .declaration(let declaration) = statement else { return true }
      return declaration.variables.contains { variable in
        used?.contains(variable.name) ?? code.contains { $0.mentions { $0 == variable.name } }
      }
    }
  }
}

// `true` iff one of the identifiers is wanted; behind the first of these no more are asked for.

extension CStatement {
  fileprivate func mentions(_ isWanted: (String) -> Bool) -> Bool {
    switch self {
    case .declaration(let declaration):
      declaration.variables.contains { $0.initial?.mentions(isWanted) ?? false }
        || declaration.type.mentions(isWanted)
    case .assignment(let target, _, let value):
      target.mentions(isWanted) || value.mentions(isWanted)
    case .increment(let value), .expression(let value): value.mentions(isWanted)
    case .branch(let condition, let body, let otherwise):
      condition.mentions(isWanted) || body.contains { $0.mentions(isWanted) }
        || otherwise.contains { $0.mentions(isWanted) }
    case .loop(let loop):
      loop.first?.mentions(isWanted) ?? false || loop.condition?.mentions(isWanted) ?? false
        || loop.step?.mentions(isWanted) ?? false || loop.body.contains { $0.mentions(isWanted) }
    case .macroLoop(let header, let body):
      header.mentions(isWanted) || body.contains { $0.mentions(isWanted) }
    case .choice(let value, let cases):
      value.mentions(isWanted)
        || cases.contains { choice in
          choice.value.mentions(isWanted) || choice.body.contains { $0.mentions(isWanted) }
        }
    case .return(let value): value?.mentions(isWanted) ?? false
    case .block(let body): body.contains { $0.mentions(isWanted) }
    case .commented(let statement, _): statement.mentions(isWanted)
    case .continue, .break, .comment, .blank, .raw: false
    }
  }
}

extension CType {
  fileprivate func mentions(_ isWanted: (String) -> Bool) -> Bool {
    switch self {
    case .named(let name): isWanted(name)
    case .qualified(_, let type), .pointer(let type): type.mentions(isWanted)
    case .array(let type, let count):
      type.mentions(isWanted) || count?.mentions(isWanted) ?? false
    case .function(let result, _): result.mentions(isWanted)
    }
  }
}

extension CExpression {
  fileprivate func mentions(_ isWanted: (String) -> Bool) -> Bool {
    switch self {
    case .name(let name): isWanted(name)
    case .integer, .size, .float, .double, .string: false
    case .call(let function, let arguments):
      function.mentions(isWanted) || arguments.contains { $0.mentions(isWanted) }
    case .index(let a, let b), .binary(_, let a, let b):
      a.mentions(isWanted) || b.mentions(isWanted)
    case .member(let a, _), .pointerMember(let a, _), .unary(_, let a): a.mentions(isWanted)
    case .cast(let type, let a): type.mentions(isWanted) || a.mentions(isWanted)
    case .conditional(let a, let b, let c):
      a.mentions(isWanted) || b.mentions(isWanted) || c.mentions(isWanted)
    case .compound(let type, let values):
      type.mentions(isWanted) || values.contains { $0.value.mentions(isWanted) }
    case .initializer(let values): values.contains { $0.value.mentions(isWanted) }
    case .sizeOf(let type): type.mentions(isWanted)
    }
  }
}
