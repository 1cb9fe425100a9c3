/// An expression with its names resolved, and what its context wants to know of it.
struct Resolved {
  var term: Term
  /// How many terms it consists of; what an expansion uses twice counts twice.
  var count: Int
  /// `true` iff it is made of literals, scalars, counters and sizes alone.
  var isPlain: Bool

  /// The most terms of an expression: nested functions that are written out double at each level.
  static let limit = 10_000

  /// `form` over `operands`: it varies along the axes of any of them.
  init(_ form: Term.Form, over operands: [Resolved], as kind: TermKind) {
    let axes = Set(operands.flatMap(\.term.axes)).sorted()
    term = Term(form, axes: axes, isCondition: kind == .condition)
    count = operands.reduce(1) { min($0 + $1.count, Self.limit + 1) }
    isPlain = operands.allSatisfy(\.isPlain)
  }

  /// A term without operands.
  init(_ term: Term, plain: Bool) {
    self.term = term
    count = 1
    isPlain = plain
  }

  static func number(_ value: Double) -> Resolved {
    Resolved(Term(.number(value), axes: [], isCondition: false), plain: true)
  }

  static func unary(_ function: UnaryFunction, _ x: Resolved) -> Resolved {
    Resolved(.unary(function, x.term), over: [x], as: .number)
  }

  static func binary(_ function: BinaryFunction, _ x: Resolved, _ y: Resolved) -> Resolved {
    Resolved(.binary(function, x.term, y.term), over: [x, y], as: .number)
  }
}

/// What an expression stands for.
enum TermKind {
  case number, condition
}

/// Where an expression stands.
enum ExpressionContext {
  /// In an equation or update of the forward.
  case forward
  /// In a gradient block or an event with names of its own.
  case block(locals: [String: ValueID])
  /// In an initial value or default.
  case initial

  /// The names that hold only here.
  var locals: [String: ValueID] {
    switch self {
    case .block(let locals): locals
    case .forward, .initial: [:]
    }
  }
}
