/// Something that a user gave and that cannot be used: one sentence, which names the file or the
/// argument and says what was expected.
package struct InputError: Error, Equatable, CustomStringConvertible, Sendable {
  package let description: String

  package init(_ description: String) { self.description = description }

  /// `file`, called so by the user, met this error of the system.
  package static func system(_ file: String, _ action: String, code: Int32) -> InputError {
    InputError("\(file): cannot be \(action): \(systemReason(code))")
  }
}
