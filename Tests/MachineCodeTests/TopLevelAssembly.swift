/// C text of one `asm` statement outside of all functions, which defines the function `name`.
///
/// `code` is what `Assembler.finish()` gives. The text holds for TinyCC, gcc and clang; a C
/// prototype of the function may stand before or after it.
func topLevelAssembly(_ name: String, code: [UInt8]) -> String {
  let wordsInLine = 8
  let words = (code.count + 7) / 8
  var text: [UInt8] = []
  text.reserveCapacity(words * 19 + words / wordsInLine * 16 + 128)
  text +=
    """
    __asm__(
      ".text\\n"
      ".globl \(name)\\n"
      ".align 64\\n"
      "\(name):\\n"

    """.utf8
  for first in stride(from: 0, to: words, by: wordsInLine) {
    text += #"  ".quad "#.utf8
    for word in first..<min(first + wordsInLine, words) {
      if word > first { text.append(UInt8(ascii: ",")) }
      text.appendWord(word, of: code)
    }
    text += #"\n""#.utf8
    text.append(UInt8(ascii: "\n"))
  }
  text += ");\n".utf8
  return String(decoding: text, as: UTF8.self)
}

extension [UInt8] {
  /// Appends the `index`-th eight bytes of `code` as a hexadecimal number; `nop` fills the last.
  fileprivate mutating func appendWord(_ index: Int, of code: [UInt8]) {
    append(UInt8(ascii: "0"))
    append(UInt8(ascii: "x"))
    for position in (index * 8..<index * 8 + 8).reversed() {
      let byte = position < code.count ? code[position] : 0x90
      append(hexadecimalDigit(byte >> 4))
      append(hexadecimalDigit(byte & 15))
    }
  }
}

private func hexadecimalDigit(_ value: UInt8) -> UInt8 {
  value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
}
