import Basics

/// What can be wrong with expressions.
extension Diagnostic {
  static func conditionNotNumber(_ text: String, at span: SourceSpan) -> Diagnostic {
    .error(
      "'\(text)' is a condition where a number is wanted", at: span,
      fix: "write 'if \(text) then … else 0'")
  }

  static func numberNotCondition(_ text: String, at span: SourceSpan) -> Diagnostic {
    .error(
      "'\(text)' is a number where a condition is wanted", at: span,
      fix: "compare it, as in '\(text) != 0'")
  }

  static func expressionTooLarge(at span: SourceSpan) -> Diagnostic {
    .error(
      "this expression is too large (limit \(Resolved.limit) operations)", at: span,
      fix: "give names to its parts")
  }

  static func notInitial(_ text: String, at span: SourceSpan) -> Diagnostic {
    .error(
      "an initial value cannot use '\(text)'", at: span,
      fix: "it may use numbers, defaults of scalars before it and size(…) only")
  }

  static func axisAsIndex(_ axis: String, of value: String, at span: SourceSpan) -> Diagnostic {
    .error(
      "'\(axis)' is an axis; only an index picks", at: span,
      fix: "index i[…] of \(axis) declares one: '\(value)[i]'")
  }

  static func noIndex(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("\(name) is no index", at: span, fix: "index \(name)[…] of … declares one")
  }

  static func noAxisToPick(
    _ value: String, _ axis: String, by index: String, at span: SourceSpan
  ) -> Diagnostic {
    .error("\(value) has no axis \(axis) for \(index) to pick from", at: span)
  }

  static func indexAlongItself(_ index: String, _ axis: String, at span: SourceSpan) -> Diagnostic {
    .error("\(index) has itself the axis \(axis) that it picks from", at: span)
  }

  static func argumentCount(_ function: String, _ wanted: Int, at span: SourceSpan) -> Diagnostic {
    .error("\(function) takes \(wanted) argument\(wanted == 1 ? "" : "s")", at: span)
  }

  static func unknownLabel(
    _ label: String, of function: String, at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "\(function) has no argument '\(label):' here", at: span,
      fix: function == "ema" ? "its third argument is 'momentum:' or 'decay:'" : nil)
  }

  static func unlabelledRate(at span: SourceSpan) -> Diagnostic {
    .error(
      "ema needs 'momentum:' or 'decay:'; frameworks disagree about the bare number", at: span,
      fix: "momentum is the weight of the new value, decay that of the old one")
  }

  static func unknownFunction(
    _ name: String, isReduction: Bool, nearest: String?, at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "no function named '\(name)'", at: span,
      fix: isReduction
        ? "a reduction names its axes: '\(name)[…](…)'" : nearest.map { "did you mean '\($0)'?" })
  }

  static func unknownReduction(
    _ name: String, nearest: String?, at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "no reduction named '\(name)'", at: span, fix: nearest.map { "did you mean '\($0)'?" })
  }

  static func emptyWindow(_ low: Int, _ high: Int, at span: SourceSpan) -> Diagnostic {
    .error("the window \(low)...\(high) is empty", at: span)
  }

  static func windowAlongRanks(at span: SourceSpan) -> Diagnostic {
    .error("ranks have no neighbours", at: span)
  }

  static func ranksOutsideTraining(
    _ name: String, in place: String, at span: SourceSpan
  ) -> Diagnostic {
    .error("\(name) reduces over ranks, which \(place) cannot", at: span)
  }

  static func windowAlongRun(_ axis: String, at span: SourceSpan) -> Diagnostic {
    .error(
      "\(axis) is a run of axes, along which nothing has neighbours", at: span,
      fix: "name the axis in the head")
  }

  static func sumWithoutAxis(_ text: String, _ axis: String, at span: SourceSpan) -> Diagnostic {
    .warning("'\(text)' has no axis \(axis): this multiplies by size(\(axis))", at: span)
  }

  static func cancellation(_ axes: String, at span: SourceSpan) -> Diagnostic {
    .warning(
      "this difference of a mean of squares and a squared mean cancels", at: span,
      fix: "use var[\(axes)](x)")
  }
}
