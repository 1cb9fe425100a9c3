extension CType {
  /// The declaration of `name` with this type, on one line; of a type alone if `name` is empty.
  package func declaring(_ name: String) -> String {
    let declarator = declarator(name)
    return declarator.isEmpty ? base : base + " " + declarator
  }

  /// What stands once before all declarators: the named type at the bottom and its qualifiers.
  var base: String {
    switch self {
    case .named(let name): name
    case .qualified(let qualifier, let type):
      if case .pointer = type { type.base } else { qualifier.rawValue + " " + type.base }
    case .pointer(let type), .array(let type, _), .function(let type, _): type.base
    }
  }

  /// What stands once for each variable: `name` with the pointers, arrays and functions.
  func declarator(_ name: String) -> String {
    switch self {
    case .named: name
    case .qualified(let qualifier, let type):
      if case .pointer(let target) = type {
        target.pointed(name.isEmpty ? qualifier.rawValue : qualifier.rawValue + " " + name)
      } else {
        type.declarator(name)
      }
    case .pointer(let type): type.pointed(name)
    case .array(let type, let count): type.declarator(name + "[" + (count?.text ?? "") + "]")
    case .function(let result, let parameters):
      result.declarator(name + "(" + CType.list(parameters) + ")")
    }
  }

  /// The declarator of a pointer to this type; an array or a function needs parentheses.
  private func pointed(_ name: String) -> String {
    switch self {
    case .array, .function: declarator("(*\(name))")
    case .qualified(_, let type):
      if case .array = type { declarator("(*\(name))") } else { declarator("*\(name)") }
    case .named, .pointer: declarator("*\(name)")
    }
  }

  private static func list(_ parameters: [CParameter]) -> String {
    guard !parameters.isEmpty else { return "void" }
    return parameters.map { $0.type.declaring($0.name) }.joined(separator: ", ")
  }
}
