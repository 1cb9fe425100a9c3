import Basics

/// A spec file as it was written.
///
///     file ::= norm*
package struct SpecTree: Sendable {
  package var norms: [NormTree]
  /// All comments in the order of the text.
  package var comments: [Comment]
}

/// A comment, from its slashes to the end of its line.
package struct Comment: Hashable, Sendable {
  /// The text with its slashes, without spaces at the end.
  package var text: String
  package var span: SourceSpan

  /// `true` iff it documents what follows it (`///`).
  package var isDocumentation: Bool { text.hasPrefix("///") && !text.hasPrefix("////") }
}

extension [Comment] {
  /// Where the first comment stands that begins at `offset` or behind it, by bisection: they are in
  /// the order of the source.
  func firstIndex(from offset: Int) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if self[middle].span.lower < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

/// A norm as it was written.
///
///     norm ::= "norm" name "(" tensor+ ")" "->" tensor+ "{" statement* "}"
package struct NormTree: Sendable {
  package var name: Identifier
  /// The tensors of the call.
  package var tensors: [TensorTree]
  /// What the call gives.
  package var outputs: [TensorTree]
  package var statements: [Statement]
  /// The lines of the `///` comment before the norm, without slashes.
  package var documentation: [String]
  /// From `norm` to the closing brace.
  package var span: SourceSpan
  /// The head, from `norm` to the opening brace.
  package var head: SourceSpan
  /// `true` iff a part of it could not be read; such a norm is not checked further.
  package var isBroken = false
  /// Names that the user and a clause both define, which is reported.
  package var clashes: Set<String> = []
}

/// A name where it was written.
package struct Identifier: Hashable, Sendable {
  package var text: String
  package var span: SourceSpan
}

/// A name with axes: `x[N..., C]`; without brackets, `axes` is `nil`.
package struct TensorTree: Sendable {
  package var name: Identifier
  package var axes: [AxisTree]?
  package var span: SourceSpan
}

/// An axis as it is written: `C`, the run `N...`, the quotient `C/G`.
package struct AxisTree: Sendable {
  package var name: Identifier
  package var suffix: Suffix
  package var span: SourceSpan

  package enum Suffix: Sendable {
    case none, run
    case quotient(by: Identifier)
  }

  /// The axis as messages name it: `C/G`; a run has its name alone.
  package var text: String {
    switch suffix {
    case .none, .run: name.text
    case .quotient(let divisor): "\(name.text)/\(divisor.text)"
    }
  }
}
