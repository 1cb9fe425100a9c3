import Basics

/// A part of the language that is read but not compiled yet.
enum UnsupportedFeature: String, Hashable, CaseIterable {
  case joinedAxes = "'group … as'"
}

extension NormChecker {
  /// Reports `feature`, once in a norm.
  mutating func reportUnsupported(_ feature: UnsupportedFeature, at span: SourceSpan) {
    guard reportedFeatures.insert(feature).inserted else { return }
    log.report(.unsupported(feature, at: span))
  }
}

extension Diagnostic {
  static func unsupported(_ feature: UnsupportedFeature, at span: SourceSpan) -> Diagnostic {
    .error("\(feature.rawValue) is not supported yet", at: span)
  }
}
