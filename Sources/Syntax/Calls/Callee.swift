import Basics

/// A norm that another one calls.
struct Callee {
  let norm: CheckedNorm
  /// Its axes by name.
  let axes: AxisTable

  /// What a word that calls a norm stands for.
  enum Lookup {
    case norm(Callee)
    /// It has a mistake, which is reported.
    case broken
    case unknown
  }
}

extension NormTree {
  /// The words that the norm calls and that are no built-in functions.
  var calledWords: [Identifier] {
    expressions.flatMap(\.calledWords).filter { BuiltInFunction(rawValue: $0.text) == nil }
  }
}

extension Expression {
  /// The words before parentheses, in the order of the text.
  fileprivate var calledWords: [Identifier] {
    let below = form.operands.flatMap(\.calledWords)
    if case .call(let word, _) = form { return [word] + below }
    return below
  }
}
