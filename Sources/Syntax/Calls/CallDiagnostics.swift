import Basics

/// What can be wrong with calls of norms.
extension Diagnostic {
  static func recursiveCall(_ names: [String], at span: SourceSpan) -> Diagnostic {
    let path = (names + [names.first ?? ""]).joined(separator: " -> ")
    return .error("\(names.first ?? "") calls itself: \(path)", at: span)
  }

  static func callsTooDeep(at span: SourceSpan) -> Diagnostic {
    .error("norms call norms too deeply (limit \(NormLibrary.deepestCalls))", at: span)
  }

  static func callsTooLarge(_ norm: String, at span: SourceSpan) -> Diagnostic {
    .error(
      "with \(norm) the norm has too many values (limit \(NormChecker.mostValues))", at: span)
  }

  static func brokenFile(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("\(name).norm has errors", at: span)
  }

  static func callInExpression(_ norm: String, at span: SourceSpan) -> Diagnostic {
    .error(
      "the call of a norm stands alone on the right side of an equation", at: span,
      fix: "give its result a name: 'u = \(norm)(…)'")
  }

  static func callInBlock(at span: SourceSpan) -> Diagnostic {
    .error("a norm cannot be called in an event or a gradient block", at: span)
  }

  static func resultCount(_ norm: String, _ wanted: Int, at span: SourceSpan) -> Diagnostic {
    .error("\(norm) gives \(wanted) value\(wanted == 1 ? "" : "s")", at: span)
  }

  static func tensorCount(_ norm: String, _ wanted: Int, at span: SourceSpan) -> Diagnostic {
    .error("\(norm) takes \(wanted) tensor\(wanted == 1 ? "" : "s")", at: span)
  }

  static func labelTwice(_ label: String, at span: SourceSpan) -> Diagnostic {
    .error("'\(label):' is given twice", at: span)
  }

  static func unknownCallLabel(
    _ label: String, of norm: String, nearest: String?, at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "\(norm) has no axis, scalar, mask or index '\(label)'", at: span,
      fix: nearest.map { "did you mean '\($0):'?" })
  }

  static func labelWantsAxis(_ label: String, orSize: AxisLabel, at span: SourceSpan)
    -> Diagnostic
  {
    .error(
      orSize == .axisOrSize ? "'\(label):' wants an axis or a size" : "'\(label):' wants an axis",
      at: span)
  }

  static func missingCallAxis(
    _ axis: String, of norm: String, _ argument: String, has: String, free: String?,
    at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "\(norm) wants axis \(axis); '\(argument)' has \(has)", at: span,
      fix: free.map { "write '\(axis): \($0)'" })
  }

  static func surplusCallAxis(
    _ axis: String, of norm: String, _ argument: String, at span: SourceSpan
  ) -> Diagnostic {
    .error("\(norm) has no axis for the \(axis) of '\(argument)'", at: span)
  }

  static func runTwice(
    _ run: String, of norm: String, _ first: String, _ second: String, at span: SourceSpan
  ) -> Diagnostic {
    .error("the run \(run) of \(norm) is \(first) in one tensor and \(second) in another", at: span)
  }

  static func callAxisTwice(
    _ first: String, _ second: String, of norm: String, _ axis: String, at span: SourceSpan
  ) -> Diagnostic {
    .error("\(first) and \(second) of \(norm) would both be \(axis)", at: span)
  }

  static func splitInCall(_ axis: String, of norm: String, _ own: String, at span: SourceSpan)
    -> Diagnostic
  {
    .error("\(norm) splits its axis \(axis), and \(own) cannot be split so", at: span)
  }

  static func labelWantsIndex(_ label: String, of axis: String, at span: SourceSpan)
    -> Diagnostic
  {
    .error("'\(label):' wants an index of \(axis)", at: span)
  }

  static func scalarWithAxes(_ label: String, has: String, at span: SourceSpan) -> Diagnostic {
    .error("'\(label):' wants one number, not one for each of \(has)", at: span)
  }

  static func comesAlong(
    _ name: String, of norm: String, _ own: String, first: SourceSpan, at span: SourceSpan
  )
    -> Diagnostic
  {
    Diagnostic(
      .error, "'\(name)' is the \(own) of \(norm) here, and already defined", at: span,
      notes: [Note("the first definition is here", at: first)])
  }
}

/// What a label that names an axis may be given.
enum AxisLabel {
  case axis, axisOrSize
}
