import Basics
import Syntax

extension CheckedNorm {
  /// - Throws: `InputError` if the norm lacks one of these sizes, or one is negative.
  package func checkSizes(_ sizes: [String: Int]) throws(InputError) {
    for (name, size) in sizes.sorted(by: { $0.key < $1.key }) { try checkSize(name, size) }
  }

  /// - Throws: `InputError` if the norm has no such size, or it is negative.
  func checkSize(_ name: String, _ size: Int) throws(InputError) {
    let known = sizes.map(\.name)
    guard known.contains(name) else {
      throw InputError(
        "\(self.name) has no size named '\(name)'; " + listed("its sizes are", known, near: name))
    }
    guard size >= 0 else { throw InputError("the size \(name) is \(size), below 0") }
  }

  /// - Throws: `InputError` if a setting is for no scalar, or for a condition but no truth.
  package func checkSettings(_ settings: [String: Double]) throws(InputError) {
    let scalars = values.filter { value in
      if case .scalar = value.kind { true } else { false }
    }
    for (name, number) in settings.sorted(by: { $0.key < $1.key }) {
      guard let scalar = scalars.first(where: { $0.name == name }) else {
        throw InputError(
          "\(self.name) has no scalar named '\(name)'; "
            + listed("its scalars are", scalars.map(\.name), near: name))
      }
      guard !scalar.isCondition || number == 0 || number == 1 else {
        throw InputError("\(name) is a condition; expected true or false")
      }
    }
  }

  /// - Throws: `InputError` if a scalar has neither a setting nor a default.
  package func checkScalarsAreKnown(_ settings: [String: Double]) throws(InputError) {
    for value in values {
      guard case .scalar(nil) = value.kind, settings[value.name] == nil else { continue }
      throw InputError("\(name) needs --set \(value.name)=NUMBER")
    }
  }
}

extension InputError {
  /// A group that does not divide its axis.
  static func indivisible(
    _ whole: Size, _ size: Int, by part: Size, _ divisor: Int
  ) -> InputError {
    InputError(
      "\(part.name) = \(divisor) does not divide \(whole.name) = \(size);"
        + " give --size \(part.name)=N")
  }
}

/// What a user may have meant by `name`.
func listed(_ lead: String, _ known: [String], near name: String) -> String {
  if known.isEmpty { return "it has none" }
  if let nearest = nearest(to: name, among: known) { return "did you mean '\(nearest)'?" }
  return "\(lead) " + known.joined(separator: ", ")
}
