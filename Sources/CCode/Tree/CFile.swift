/// A file of C: its items in order. The printer sets a blank line between items.
package struct CFile: Hashable, Sendable {
  package var items: [CItem]

  package init(_ items: [CItem] = []) {
    self.items = items
  }
}

package enum CItem: Hashable, Sendable {
  /// A comment on lines of its own; an empty line in it parts paragraphs, and lines that begin
  /// with a space are kept as they are.
  case comment(String)
  /// The title of a part of the file.
  case section(String)
  case function(CFunction)
  /// The prototype of a function; its body is not printed.
  case prototype(CFunction)
  case structure(CStructure)
  case enumeration(CEnumeration)
  /// Variables, with a comment before them.
  case variables(CDeclaration, comment: String?)
  /// Text as it stands, without a line end at its end.
  case raw(String)
}

/// A function, or the prototype of one.
package struct CFunction: Hashable, Sendable {
  /// The text of its documentation comment.
  package var comment: String?
  /// Storage classes, or macros such as `INLINE` and `KERNEL`.
  package var prefix: [String]
  package var result: CType
  /// Its name, or `NAME(...)` for one that exists for each width of lanes.
  package var name: String
  package var parameters: [CParameter]
  package var body: [CStatement]

  package init(
    comment: String? = nil, prefix: [String] = [], result: CType = .void, name: String,
    parameters: [CParameter] = [], body: [CStatement] = []
  ) {
    self.comment = comment
    self.prefix = prefix
    self.result = result
    self.name = name
    self.parameters = parameters
    self.body = body
  }
}

/// `struct tag { members };`, or with a typedef name.
package struct CStructure: Hashable, Sendable {
  package var comment: String?
  /// The name after `struct`, if any.
  package var tag: String?
  /// The name that a typedef gives it, if any.
  package var typeName: String?
  package var members: [CMember]

  package init(
    comment: String? = nil, tag: String? = nil, typeName: String? = nil, members: [CMember]
  ) {
    self.comment = comment
    self.tag = tag
    self.typeName = typeName
    self.members = members
  }
}

/// Members of one base type on one line, with a comment behind them.
package struct CMember: Hashable, Sendable {
  package var type: CType
  package var names: [String]
  package var comment: String?

  package init(_ type: CType, _ names: String..., comment: String? = nil) {
    self.type = type
    self.names = names
    self.comment = comment
  }
}

/// An `enum` whose constants count from 0 unless they say otherwise.
package struct CEnumeration: Hashable, Sendable {
  package var comment: String?
  package var tag: String?
  package var typeName: String?
  package var constants: [CEnumerator]

  package init(
    comment: String? = nil, tag: String? = nil, typeName: String? = nil, constants: [CEnumerator]
  ) {
    self.comment = comment
    self.tag = tag
    self.typeName = typeName
    self.constants = constants
  }
}

package struct CEnumerator: Hashable, Sendable {
  package var name: String
  package var value: CExpression?
  package var comment: String?

  package init(_ name: String, _ value: CExpression? = nil, comment: String? = nil) {
    self.name = name
    self.value = value
    self.comment = comment
  }
}
