import MachineCode
import Testing

/// Instructions in the syntax of GNU as (AT&T's), and what our assembler makes of them.
struct EncodingCases {
  private(set) var texts: [String] = []
  private var bytes: [[UInt8]] = []

  /// Adds one instruction.
  ///
  /// - Parameters:
  ///   - name: the mnemonic.
  ///   - operands: in our order, the target first; AT&T's is the reverse.
  mutating func add(
    _ name: String, _ operands: [String], _ write: (inout Assembler) -> Void
  ) {
    texts.append(name + " " + operands.reversed().joined(separator: ", "))
    var assembler = Assembler()
    write(&assembler)
    bytes.append(assembler.finish())
  }

  /// Expects from our assembler, for each instruction, the bytes that GNU as writes.
  func expectTheBytesOfGNU(atLeast count: Int) throws {
    #expect(texts.count >= count, "there are only \(texts.count) cases")
    var differences: [String] = []
    for (index, expected) in try assembledByGNU(texts).enumerated() {
      let ours = bytes[index] + [UInt8](repeating: 0xCC, count: max(0, 16 - bytes[index].count))
      guard ours != expected else { continue }
      differences.append(
        "\(texts[index]): ours \(hexadecimal(bytes[index])), GNU's \(hexadecimal(expected))")
    }
    let shown = differences.prefix(30).joined(separator: "\n")
    #expect(differences.isEmpty, "\(differences.count) of \(texts.count) differ:\n\(shown)")
  }
}

private func hexadecimal(_ bytes: [UInt8]) -> String {
  bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined(separator: " ")
}
