import Basics

/// What can be wrong with names and axes.
extension Diagnostic {
  static func gradientName(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("'\(name)': names that begin with d_ stand for gradients", at: span)
  }

  static func alreadyDefined(
    _ name: String, first: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "'\(name)' is already defined", at: span,
      notes: [Note("the first definition is here", at: first)])
  }

  static func unknownName(
    _ name: String, nearest: String?, block: String?, at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "no value named '\(name)'", at: span,
      fix: block.map { "the gradient of \($0) defines it for itself only" }
        ?? nearest.map { "did you mean '\($0)'?" })
  }

  static func unknownAxis(_ name: String, nearest: String?, at span: SourceSpan) -> Diagnostic {
    let declaration = "axis \(name) = … declares one"
    return .error(
      "no axis named '\(name)'", at: span,
      fix: nearest.map { "did you mean '\($0)'? (\(declaration))" } ?? declaration)
  }

  static func axisNotNumber(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("'\(name)' is an axis; its size is size(\(name))", at: span)
  }

  static func valueNotAxis(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("'\(name)' is a value, not an axis", at: span)
  }

  static func axisTwice(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("axis \(name) is named twice", at: span)
  }

  static func axisContains(_ whole: String, _ part: String, at span: SourceSpan) -> Diagnostic {
    .error("\(whole) already contains \(part)", at: span)
  }

  static func twoRuns(at span: SourceSpan) -> Diagnostic {
    .error("only one run of axes per tensor", at: span)
  }

  static func runDiffers(_ name: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "\(name) is a run of axes in one place and a single axis in another", at: span,
      notes: [Note("it is named first here; in the head a run has dots everywhere", at: first)])
  }

  static func dotsOutsideHead(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("only the head marks a run of axes with dots", at: span, fix: "write '\(name)'")
  }

  static func alreadySplit(_ name: String, into part: String, at span: SourceSpan) -> Diagnostic {
    .error("\(name) is already split into \(part)", at: span)
  }

  static func alreadyJoined(_ name: String, in joined: String, at span: SourceSpan) -> Diagnostic {
    .error("\(name) is already joined in \(joined)", at: span)
  }

  static func unnamedJoin(_ names: [String], at span: SourceSpan) -> Diagnostic {
    .error(
      "axes that are grouped together need a name", at: span,
      fix: "write 'group \(names.joined(separator: ", ")) as …'")
  }

  static func joinedRun(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("\(name) is a run of axes, which cannot be joined", at: span)
  }

  static func namedTwice(_ name: String, _ axes: String, at span: SourceSpan) -> Diagnostic {
    .error("\(name) would have \(axes), which name the same places twice", at: span)
  }

  static func ranksInHead(at span: SourceSpan) -> Diagnostic {
    .error("ranks can only be reduced over", at: span)
  }

  static func normTwice(_ name: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "this file already has a norm '\(name)'", at: span,
      notes: [Note("the first one is here", at: first)])
  }
}
