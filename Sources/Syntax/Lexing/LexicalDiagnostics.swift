import Basics

/// What can be wrong with the characters of a spec.
extension Diagnostic {
  static func tooLong(bytes: Int) -> Diagnostic {
    .error("a spec of \(bytes) bytes is too long (limit \(largestSpec))", at: SourceSpan(0, 0))
  }

  static func nulByte(at offset: Int) -> Diagnostic {
    .error("not a text (NUL byte)", at: SourceSpan(offset, offset + 1))
  }

  static func notUnicode(_ byte: UInt8, at offset: Int) -> Diagnostic {
    let digits = String(byte, radix: 16, uppercase: true)
    return .error("not UTF-8 text (byte 0x\(digits))", at: SourceSpan(offset, offset + 1))
  }

  static func nameNotASCII(_ word: String, at span: SourceSpan) -> Diagnostic {
    .error(
      "'\(word)' is no name", at: span,
      fix: "names consist of ASCII letters, digits and '_', and begin with a letter")
  }

  static func malformedNumber(_ word: String, at span: SourceSpan) -> Diagnostic {
    .error("'\(word)' is neither a number nor a name", at: span)
  }

  static func unknownCharacter(_ byte: UInt8, at span: SourceSpan) -> Diagnostic {
    let isPrintable = (0x21...0x7E).contains(byte)
    let shown =
      isPrintable
      ? "'\(Character(Unicode.Scalar(byte)))'"
      : "the byte 0x\(String(byte, radix: 16, uppercase: true))"
    return .error("\(shown) means nothing here", at: span)
  }
}
