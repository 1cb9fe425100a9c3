/// A type of C.
///
///     type ::= name | qualifier type | pointer to type | array of type | function
///
/// `const float *const x` is `.const(.pointer(to: .const(.float)))`.
package indirect enum CType: Hashable, Sendable {
  /// A type with a name of its own, or a macro that stands for one.
  case named(String)
  case qualified(CQualifier, CType)
  case pointer(to: CType)
  /// An array; without a count, one that its initializer or its caller measures.
  case array(of: CType, count: CExpression?)
  /// What a function pointer points to.
  case function(result: CType, parameters: [CParameter])
}

package enum CQualifier: String, Hashable, CaseIterable, Sendable {
  case const, restrict, volatile
}

/// A parameter of a function, with a comment for the reader of its prototype.
package struct CParameter: Hashable, Sendable {
  package var type: CType
  package var name: String
  package var comment: String?

  package init(_ type: CType, _ name: String, comment: String? = nil) {
    self.type = type
    self.name = name
    self.comment = comment
  }
}

extension CType {
  package static let void = CType.named("void")
  package static let bool = CType.named("bool")
  package static let int = CType.named("int")
  package static let size = CType.named("size_t")
  package static let float = CType.named("float")
  package static let double = CType.named("double")

  /// `type` that is not written to.
  package static func const(_ type: CType) -> CType { .qualified(.const, type) }

  /// A pointer to what is only read.
  package static func pointer(toConst type: CType) -> CType { .pointer(to: .const(type)) }
}
