/// Why C text could not be made callable.
package enum JITError: Error, Hashable, Sendable {
  /// The text was not given to a compiler at all, for this reason.
  case refused(String)
  /// The compiler's own messages.
  case compilation(String)
  /// Symbols that nothing defines.
  case undefinedSymbols(String)
  /// The system gave no memory, file, thread or process.
  case system(String)
}

extension JITError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .refused(let reason): "the C text is refused: \(reason)"
    case .compilation(let messages): "the C text does not compile:\n\(messages)"
    case .undefinedSymbols(let names): "undefined in the C text: \(names)"
    case .system(let reason): reason
    }
  }
}
