import Basics

/// Expressions that the compiler writes; they have the place of the clause that stands for them.
extension Expression {
  static func name(_ name: String, at span: SourceSpan) -> Expression {
    Expression(.name(name), at: span)
  }

  static func number(_ value: Int, at span: SourceSpan) -> Expression {
    Expression(.number(Double(value), text: String(value)), at: span)
  }

  static func arithmetic(_ operation: Arithmetic, _ a: Expression, _ b: Expression) -> Expression {
    Expression(.arithmetic(operation, a, b), at: a.span)
  }

  static func call(_ function: BuiltInFunction, _ arguments: [Argument], at span: SourceSpan)
    -> Expression
  {
    Expression(.call(Identifier(text: function.rawValue, span: span), arguments), at: span)
  }

  static func reduction(
    _ kind: ReductionKind, _ axes: [AxisTree], _ operand: Expression, where condition: Expression?,
    at span: SourceSpan
  ) -> Expression {
    let tree = ReductionTree(
      word: Identifier(text: kind.word, span: span),
      axes: axes.map { WindowTree(axis: $0, window: nil) }, operand: operand,
      condition: condition)
    return Expression(.reduction(tree), at: span)
  }
}

extension Statement {
  static func equation(_ name: String, _ expression: Expression, at span: SourceSpan) -> Statement {
    let target = Line.Target.names([Identifier(text: name, span: span)])
    return Statement(form: .line(Line(target: target, expression: expression)), span: span)
  }

  static func next(_ state: String, _ expression: Expression, at span: SourceSpan) -> Statement {
    let target = Line.Target.next(Identifier(text: state, span: span))
    return Statement(form: .line(Line(target: target, expression: expression)), span: span)
  }
}

extension NormTree {
  /// All expressions of the norm, in the order of the text.
  var expressions: [Expression] { statements.flatMap(\.expressions) }
}

extension Statement {
  /// All expressions of the statement, in the order of the text.
  var expressions: [Expression] {
    switch form {
    case .axis, .group, .mask, .index, .counter: []
    case .parameter(let list), .state(let list): list.map(\.value)
    case .scalar(let list): list.compactMap(\.value)
    case .clause(.reduce(_, let condition)): condition.map { [$0] } ?? []
    case .clause(.divide(let divisor)): [divisor]
    case .clause(.track(let argument, _)): [argument.value]
    case .clause(.center), .clause(.affine), .clause(.weight): []
    case .phase(_, let body), .event(_, _, let body), .gradient(_, _, let body):
      body.flatMap(\.expressions)
    case .line(let line): [line.expression]
    }
  }

  /// The values whose gradients the statement replaces, or gives something.
  var gradientNames: [Identifier] {
    switch form {
    case .gradient(let name, _, let body): [name] + body.flatMap(\.gradientNames)
    case .phase(_, let body): body.flatMap(\.gradientNames)
    case .line(let line):
      switch line.target {
      case .gradient(let name): [name]
      case .names, .next: []
      }
    case .axis, .group, .parameter, .state, .scalar, .mask, .index, .counter, .clause, .event: []
    }
  }

  /// The names that the statement gives to values of the norm.
  var definedNames: [Identifier] {
    switch form {
    case .parameter(let list), .state(let list): list.map(\.tensor.name)
    case .scalar(let list): list.map(\.name)
    case .mask(let list): list.map(\.name)
    case .index(let tensor, _): [tensor.name]
    case .counter(let name): [name]
    case .phase(_, let body): body.flatMap(\.definedNames)
    case .line(let line):
      switch line.target {
      case .names(let names): names
      case .next, .gradient: []
      }
    case .axis, .group, .clause, .event, .gradient: []
    }
  }
}
