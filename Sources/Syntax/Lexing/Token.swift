import Basics

/// A word, number or sign of a spec.
struct Token: Sendable {
  var kind: Kind
  var span: SourceSpan
  /// `true` iff it is the first of its line, where a reader expects a statement.
  var startsLine: Bool

  enum Kind: Hashable, Sendable {
    case name(String)
    case number(String)
    case keyword(Keyword)
    case symbol(Symbol)
    case end
  }
}

/// A word that is no name anywhere.
enum Keyword: String, CaseIterable, Sendable {
  case `if`, then, `else`, and, or, not, `where`, mod
  case `true`, `false`, inf
}

/// A sign; of those that begin alike, the longest is meant, and stands first.
enum Symbol: String, CaseIterable, Sendable {
  case ellipsis = "..."
  case arrow = "->"
  case lessOrEqual = "<="
  case greaterOrEqual = ">="
  case equal = "=="
  case notEqual = "!="
  case less = "<"
  case greater = ">"
  case define = "="
  case plus = "+"
  case minus = "-"
  case times = "*"
  case slash = "/"
  case power = "^"
  case comma = ","
  case colon = ":"
  case leftParenthesis = "("
  case rightParenthesis = ")"
  case leftBracket = "["
  case rightBracket = "]"
  case leftBrace = "{"
  case rightBrace = "}"
}
