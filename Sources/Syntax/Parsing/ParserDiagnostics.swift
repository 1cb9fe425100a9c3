import Basics

/// What can be wrong with the form of a spec.
extension Diagnostic {
  static func expected(_ expected: String, found: String, at span: SourceSpan) -> Diagnostic {
    .error("expected \(expected), found \(found)", at: span)
  }

  static func reservedWord(_ word: String, at span: SourceSpan) -> Diagnostic {
    .error("'\(word)' is a reserved word", at: span)
  }

  static func noNorm(at span: SourceSpan) -> Diagnostic {
    .error(
      "this file holds no norm", at: span, fix: "a norm begins like 'norm name(x[N..., C]) -> y {'")
  }

  static func nestedTooDeeply(at span: SourceSpan) -> Diagnostic {
    .error("nested too deeply (limit \(deepestNesting))", at: span)
  }

  static func unclosedBrace(at span: SourceSpan) -> Diagnostic {
    .error("this '{' has no '}'", at: span)
  }

  static func unknownStatement(_ word: String, at span: SourceSpan) -> Diagnostic {
    let words = StatementWord.allCases.map(\.rawValue)
    return .error(
      "no statement begins with '\(word)'", at: span,
      fix: nearest(to: word, among: words).map { "did you mean '\($0)'?" })
  }

  static func misplaced(_ word: String, in place: String, at span: SourceSpan) -> Diagnostic {
    .error("'\(word)' cannot stand in \(place)", at: span)
  }

  static func gradOutside(at span: SourceSpan) -> Diagnostic {
    .error(
      "'grad' stands in gradient blocks only", at: span, fix: "write 'gradient of z by dz { … }'")
  }

  static func badSize(_ text: String, at span: SourceSpan) -> Diagnostic {
    .error("\(text) is no size; sizes are integers from 1 to 2147483648", at: span)
  }

  static func numberTooLarge(_ text: String, at span: SourceSpan) -> Diagnostic {
    .error("\(text) is too large for a number", at: span)
  }

  static func chainedComparison(_ fix: String, at span: SourceSpan) -> Diagnostic {
    .error("comparisons do not chain", at: span, fix: "write '\(fix)'")
  }
}
