import Foundation
import TestSupport

/// The bytes that GNU as makes of instructions in its own syntax, each of them alone.
func assembledByGNU(_ instructions: [String]) throws -> [[UInt8]] {
  // No instruction is longer than 15 bytes; what follows one is told apart by the filling.
  let slot = 16
  var text = ".text\n"
  for (index, instruction) in instructions.enumerated() {
    text += ".org \(index * slot), 0xcc\n\(instruction)\n"
  }
  text += ".org \(instructions.count * slot), 0xcc\n"
  let bytes = try textSection(of: text)
  return instructions.indices.map { Array(bytes[$0 * slot..<($0 + 1) * slot]) }
}

/// The machine code of a whole file in the syntax of GNU as.
func textSection(of source: String) throws -> [UInt8] {
  try withDirectory { directory in
    let code = directory.appending(path: "code.s")
    try source.write(to: code, atomically: false, encoding: .utf8)
    try runTool("as", ["code.s", "-o", "code.o"], in: directory)
    try runTool("objcopy", ["-O", "binary", "-j", ".text", "code.o", "code.bin"], in: directory)
    return Array(try Data(contentsOf: directory.appending(path: "code.bin")))
  }
}

/// A tool did not accept its input; the text is what it wrote.
struct ToolFailure: Error, CustomStringConvertible {
  let description: String
}

/// Runs a tool that is found in `PATH`.
private func runTool(_ name: String, _ arguments: [String], in directory: URL) throws {
  let ended = try run(name, arguments, in: directory)
  guard ended.status == 0 else { throw ToolFailure(description: "\(name): \(ended.output)") }
}
