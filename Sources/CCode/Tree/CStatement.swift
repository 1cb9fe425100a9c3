/// A statement of C, or what stands between statements.
package indirect enum CStatement: Hashable, Sendable {
  case declaration(CDeclaration)
  case assignment(CExpression, CAssignment, CExpression)
  /// `a++`
  case increment(CExpression)
  case expression(CExpression)
  case branch(CExpression, [CStatement], otherwise: [CStatement])
  case loop(CLoop)
  /// A macro that is a loop header, such as `EACH_VECTOR(v, live)`, and its body.
  case macroLoop(CExpression, [CStatement])
  case choice(CExpression, [CCase])
  case `return`(CExpression?)
  case `continue`
  case `break`
  case block([CStatement])
  /// A comment on lines of its own.
  case comment(String)
  /// A statement with a comment behind it, or before it where the line is too short.
  case commented(CStatement, String)
  case blank
  /// Lines as they stand, from the first column: preprocessor directives.
  case raw(String)
}

package enum CAssignment: String, Hashable, CaseIterable, Sendable {
  case set = "="
  case add = "+="
  case subtract = "-="
  case multiply = "*="
  case divide = "/="
}

/// Variables that share a base type: `static const float *x = a, *y;`.
package struct CDeclaration: Hashable, Sendable {
  /// Storage classes or macros before the type.
  package var prefix: [String]
  package var type: CType
  /// The variables; never empty.
  package var variables: [CVariable]

  package init(prefix: [String] = [], _ type: CType, _ variables: [CVariable]) {
    precondition(!variables.isEmpty, "a declaration declares something")
    self.prefix = prefix
    self.type = type
    self.variables = variables
  }
}

/// A name in a declaration, and its initial value.
package struct CVariable: Hashable, Sendable {
  package var name: String
  package var initial: CExpression?

  package init(_ name: String, _ initial: CExpression? = nil) {
    self.name = name
    self.initial = initial
  }
}

/// A `for` loop; `first` and `step` are a declaration, an assignment, an increment or a call.
package struct CLoop: Hashable, Sendable {
  package var first: CStatement?
  package var condition: CExpression?
  package var step: CStatement?
  package var body: [CStatement]

  package init(
    _ first: CStatement?, while condition: CExpression?, step: CStatement?, _ body: [CStatement]
  ) {
    self.first = first
    self.condition = condition
    self.step = step
    self.body = body
  }
}

/// One case of a `switch`; its body ends in `return` or `break`.
package struct CCase: Hashable, Sendable {
  package var value: CExpression
  package var body: [CStatement]

  package init(_ value: CExpression, _ body: [CStatement]) {
    self.value = value
    self.body = body
  }
}

// Short ways to write the common statements.
extension CStatement {
  /// `type name = initial;`
  package static func declare(
    _ type: CType, _ name: String, _ initial: CExpression? = nil
  ) -> CStatement {
    .declaration(CDeclaration(type, [CVariable(name, initial)]))
  }

  /// `const type name = initial;`
  package static func constant(
    _ type: CType, _ name: String, _ initial: CExpression
  ) -> CStatement {
    .declare(.const(type), name, initial)
  }

  package static func set(_ target: CExpression, _ value: CExpression) -> CStatement {
    .assignment(target, .set, value)
  }

  package static func add(_ target: CExpression, _ value: CExpression) -> CStatement {
    .assignment(target, .add, value)
  }

  package static func call(_ function: String, _ arguments: CExpression...) -> CStatement {
    .expression(.call(function, arguments))
  }

  package static func branch(_ condition: CExpression, _ body: [CStatement]) -> CStatement {
    .branch(condition, body, otherwise: [])
  }

  /// `for (type name = first; name < last; name += step) body`, with `++` for a step of one.
  package static func count(
    _ name: String, _ type: CType = .size, from first: CExpression = .size(0),
    to last: CExpression, by step: CExpression = .size(1), _ body: [CStatement]
  ) -> CStatement {
    let index = CExpression.name(name)
    let isOne = step == .size(1) || step == .integer(1)
    return .loop(
      CLoop(
        .declare(type, name, first), while: .less(index, last),
        step: isOne ? .increment(index) : .add(index, step), body))
  }

  /// `EACH_VECTOR(v, live) body`
  package static func eachVector(
    _ index: String = "v", live: CExpression, _ body: [CStatement]
  ) -> CStatement {
    .macroLoop(.call("EACH_VECTOR", .name(index), live), body)
  }

  /// `EACH_ELEMENT(j, count) body`
  package static func eachElement(
    _ index: String, of count: CExpression, _ body: [CStatement]
  ) -> CStatement {
    .macroLoop(.call("EACH_ELEMENT", .name(index), count), body)
  }
}
