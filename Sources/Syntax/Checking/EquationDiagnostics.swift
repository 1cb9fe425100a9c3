import Basics

/// What can be wrong with equations, states, phases and gradients.
extension Diagnostic {
  static func severalNames(_ count: Int, at span: SourceSpan) -> Diagnostic {
    .error("one expression gives one value, not \(count)", at: span)
  }

  static func cycle(_ names: [String], at span: SourceSpan) -> Diagnostic {
    let shown = names.count <= 8 ? names : Array(names.prefix(7)) + ["…"]
    let path = (shown + [names[0]]).joined(separator: " -> ")
    return .error("\(names[0]) depends on itself: \(path)", at: span)
  }

  static func kindDiffers(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("'\(name)' is a number in one phase and a condition in the other", at: span)
  }

  static func axesDiffer(
    _ name: String, has: String, _ what: String, gives: String, isMissing: Bool,
    at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "\(name) is declared \(has) but \(what) has \(gives)", at: span,
      fix: isMissing ? nil : "reduce the axes that are too many, or declare them")
  }

  static func undefinedOutput(
    _ name: String, in phase: String? = nil, at span: SourceSpan
  ) -> Diagnostic {
    .error("nothing defines \(name)\(phase.map { " in \($0)" } ?? "")", at: span)
  }

  static func outputTwice(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("\(name) is given twice", at: span)
  }

  static func conditionalOutput(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error(
      "\(name) is a condition; an output is a number", at: span,
      fix: "write 'if … then 1 else 0'")
  }

  static func definedElsewhere(
    _ name: String, in phase: String, readIn reader: String, at span: SourceSpan
  ) -> Diagnostic {
    .error("'\(name)' is defined in \(phase) only; \(reader) reads it here", at: span)
  }

  static func noState(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("\(name) is no state", at: span, fix: "state \(name) = 0 declares one")
  }

  static func notSetByEvent(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("an event sets states, parameters and counters; \(name) is none", at: span)
  }

  static func phaseReadByEvent(
    _ name: String, in phase: String, through reader: String, at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "'\(name)' is defined in \(phase); an event cannot read it", at: span,
      fix: name == reader ? nil : "\(reader) reads it")
  }

  static func counterUpdated(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("only an event may set a counter", at: span)
  }

  static func updatedTwice(
    _ name: String, in phase: String, first: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "\(name) is updated twice in \(phase)", at: span,
      notes: [Note("the first update is here", at: first)])
  }

  static func updatedByTwo(_ name: String, first: SourceSpan, at span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, "\(name) is updated twice by gradients", at: span,
      notes: [Note("the first update is here", at: first)])
  }

  static func backwardStateRead(
    _ name: String, owner: String, at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "\(name) is updated by the gradient of \(owner), so the forward cannot read it", at: span)
  }

  static func backwardStateSet(
    _ name: String, owner: String, at span: SourceSpan
  ) -> Diagnostic {
    .error(
      "\(name) is updated by the gradient of \(owner), so the forward cannot set it", at: span)
  }

  static func gradientOfNoEquation(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("\(name) has no equation whose gradient could be replaced", at: span)
  }

  static func secondGradient(
    _ name: String, in phase: String, first: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "\(name) already has a gradient in \(phase)", at: span,
      notes: [Note("the first one is here", at: first)])
  }

  static func emptyGradient(_ name: String, at span: SourceSpan) -> Diagnostic {
    .error("this gradient gives nothing", at: span, fix: "use stop_gradient(\(name))")
  }

  static func noDependence(of value: String, on name: String, at span: SourceSpan) -> Diagnostic {
    .error("\(value) does not depend on \(name)", at: span)
  }

  static func noGradient(_ kind: String, at span: SourceSpan) -> Diagnostic {
    .error("\(kind) has no gradient", at: span)
  }

  static func contributionTwice(
    _ name: String, first: SourceSpan, at span: SourceSpan
  ) -> Diagnostic {
    Diagnostic(
      .error, "\(name) already receives a gradient in this block", at: span,
      notes: [Note("the first one is here", at: first)])
  }

  static func neverRead(_ name: String, at span: SourceSpan) -> Diagnostic {
    .warning("\(name) is never read", at: span)
  }

  static func axisNeverUsed(_ name: String, at span: SourceSpan) -> Diagnostic {
    .warning("axis \(name) is never used", at: span)
  }
}
