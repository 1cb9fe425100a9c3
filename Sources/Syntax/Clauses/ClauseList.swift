import Basics

/// The clauses of a norm, each at most once.
struct ClauseList {
  /// The axes that are reduced, and which elements are taken.
  var reduce: (axes: [AxisTree], condition: Expression?, span: SourceSpan)?
  var center: SourceSpan?
  var divide: (divisor: Expression, span: SourceSpan)?
  var track: (argument: Argument, unbiased: SourceSpan?, span: SourceSpan)?
  /// `affine`, or `weight`, which has no bias.
  var scale: (axes: [AxisTree], hasBias: Bool, span: SourceSpan)?
  /// The place of the first clause among the statements; `nil` if there is none.
  var firstIndex: Int?
  /// `true` iff the clauses break no rule of their order.
  private(set) var isSound = true

  /// Gathers the clauses of `norm`; reports what is twice, out of order, or without `reduce`.
  init(of norm: NormTree, into log: inout DiagnosticLog) {
    var last: (order: Int, word: String, span: SourceSpan)?
    for (index, statement) in norm.statements.enumerated() {
      guard case .clause(let clause) = statement.form else { continue }
      firstIndex = firstIndex ?? index
      let span = statement.span
      if let last, last.order >= clause.order {
        isSound = false
        log.report(
          last.order == clause.order
            ? .clauseTwice(clause.word, first: last.span, at: span)
            : .clauseOrder(clause.word, before: last.word, at: span))
      }
      if last == nil, clause.order > 0 {
        isSound = false
        log.report(.clauseWithoutReduce(clause.word, at: span))
      }
      if clause.order >= last?.order ?? 0 { last = (clause.order, clause.word, span) }
      insert(clause, at: span)
    }
  }

  private mutating func insert(_ clause: Clause, at span: SourceSpan) {
    switch clause {
    case .reduce(let axes, let condition): reduce = (axes, condition, span)
    case .center: center = span
    case .divide(let divisor): divide = (divisor, span)
    case .track(let argument, let unbiased): track = (argument, unbiased, span)
    case .affine(let axes): scale = (axes, true, span)
    case .weight(let axes): scale = (axes, false, span)
    }
  }
}

extension Clause {
  /// The place of the clause in the order that clauses have.
  fileprivate var order: Int {
    switch self {
    case .reduce: 0
    case .center: 1
    case .divide: 2
    case .track: 3
    case .affine, .weight: 4
    }
  }
}
