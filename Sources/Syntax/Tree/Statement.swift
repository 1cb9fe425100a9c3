import Basics

/// A statement of a norm.
///
///     statement ::= declaration | clause | phase | event | line | gradient
package struct Statement: Sendable {
  package var form: Form
  package var span: SourceSpan

  package enum Form: Sendable {
    case axis([SizeTree])
    case group(GroupTree)
    case parameter([InitialTree])
    case state([InitialTree])
    case scalar([SettingTree])
    case mask([TensorTree])
    /// `index class[N] of K`
    case index(TensorTree, of: AxisTree)
    case counter(Identifier)
    case clause(Clause)
    case phase(PhaseName, [Statement])
    case event(Identifier, arguments: [Identifier], [Statement])
    case line(Line)
    case gradient(of: Identifier, by: Identifier, [Statement])
  }
}

/// The two ways to call a norm.
package enum PhaseName: String, CaseIterable, Sendable {
  case train, eval
}

/// `K = 10`, or `K` alone.
package struct SizeTree: Sendable {
  package var name: Identifier
  package var size: Int?
}

/// `group C into G = 32`, `group N of V = 64`, `group H, W as S of P = 4`.
package struct GroupTree: Sendable {
  package var axes: [AxisTree]
  /// The name that joins several axes.
  package var joined: Identifier?
  package var direction: Direction
  package var size: SizeTree

  package enum Direction: String, Sendable {
    /// The new axis says which group; the quotient is the place in it.
    case into
    /// The new axis is the place; the quotient says which group.
    case of
  }
}

/// `weight[C] = 1`
package struct InitialTree: Sendable {
  package var tensor: TensorTree
  package var value: Expression
}

/// `eps = 1e-5`, or `eps` alone.
package struct SettingTree: Sendable {
  package var name: Identifier
  package var value: Expression?
}

/// A shorthand for equations.
package enum Clause: Sendable {
  case reduce([AxisTree], condition: Expression?)
  case center
  case divide(by: Expression)
  /// `track ema(argument), unbiased`; the span is that of the word `unbiased`.
  case track(Argument, unbiased: SourceSpan?)
  case affine([AxisTree])
  case weight([AxisTree])

  /// The words that open the clause.
  package var word: String {
    switch self {
    case .reduce: "reduce"
    case .center: "center"
    case .divide: "divide by"
    case .track: "track"
    case .affine: "affine"
    case .weight: "weight"
    }
  }
}

/// An equation, or what a state or a derivative is to be.
package struct Line: Sendable {
  package var target: Target
  package var expression: Expression

  package enum Target: Sendable {
    /// `y = e`; a call of a norm may give several: `h, mu = pono(x)`.
    case names([Identifier])
    /// `next s = e`
    case next(Identifier)
    /// `grad u = e`
    case gradient(Identifier)
  }
}
