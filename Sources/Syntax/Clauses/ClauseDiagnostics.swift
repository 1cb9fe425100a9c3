import Basics

/// What can be wrong with clauses.
extension Diagnostic {
  static func clauseTwice(_ word: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    let isSame = word != "weight" && word != "affine"
    return Diagnostic(
      .error, isSame ? "'\(word)' is given twice" : "only one 'affine' or 'weight' is possible",
      at: span, notes: [Note("the first one is here", at: first)])
  }

  static func clauseOrder(
    _ word: String, before next: String, at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "'\(word)' comes before '\(next)'", at: span,
      fix: "the order is reduce, center, divide by, track, affine or weight")
  }

  static func clauseWithoutReduce(_ word: String, at span: SourceSpan) -> Diagnostic {
    .error("'\(word)' needs a 'reduce' before it", at: span)
  }

  static func nothingToTrack(at span: SourceSpan) -> Diagnostic {
    .error(
      "nothing to track: the clauses use no mean, var or mean_square", at: span)
  }

  static func unbiasedWithoutVariance(at span: SourceSpan) -> Diagnostic {
    .error("unbiased concerns var, which is not used", at: span)
  }

  static func definedByClause(_ name: String, line: Int, at span: SourceSpan) -> Diagnostic {
    .error("'\(name)' is defined by the clause on line \(line)", at: span)
  }

  static func missingEpsilon(_ name: String, of statistic: String, at span: SourceSpan)
    -> Diagnostic
  {
    .error(
      "\(name) is sqrt(\(statistic) + eps), and there is no eps", at: span,
      fix: "declare 'scalar eps = 1e-5', or write sqrt(\(statistic))")
  }
}
