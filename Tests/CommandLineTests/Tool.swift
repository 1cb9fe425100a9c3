import Foundation
import NumPyFormat

/// Runs the tool that stands beside the tests, in a directory of its own.
final class Tool {
  /// A new directory, in which the tool runs; it goes with this object.
  let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory
      .appending(path: "normgen-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: directory) }

  /// What a run of the tool gave.
  struct Outcome {
    var status: Int32
    var output: Data
    /// What went to the standard error, without the lines that say what takes long.
    var messages: String

    var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// Runs the tool to its end.
  func run(_ arguments: [String], input: Data = Data()) throws -> Outcome {
    try run(Self.executable, arguments, input: input)
  }

  /// Compiles and links C files with the system's compiler, every warning being an error.
  func compile(_ files: String...) throws -> Outcome {
    let flags = ["-std=c11", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-o", "program"]
    return try run(URL(filePath: "/usr/bin/env"), ["cc"] + flags + files + ["-lm"])
  }

  /// Runs a program to its end.
  func run(_ executable: URL, _ arguments: [String], input: Data = Data()) throws -> Outcome {
    let files = ["stdin", "stdout", "stderr"].map { directory.appending(path: ".\($0)") }
    try input.write(to: files[0])
    for file in files[1...] { try Data().write(to: file) }
    let process = Process()
    process.executableURL = executable
    process.arguments = arguments
    process.currentDirectoryURL = directory
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardOutput = try FileHandle(forWritingTo: files[1])
    process.standardError = try FileHandle(forWritingTo: files[2])
    try process.run()
    process.waitUntilExit()
    let outcome = Outcome(
      status: process.terminationReason == .exit ? process.terminationStatus : -1,
      output: try Data(contentsOf: files[1]),
      messages: withoutProgress(String(decoding: try Data(contentsOf: files[2]), as: UTF8.self)))
    for file in files { try FileManager.default.removeItem(at: file) }
    return outcome
  }

  func run(_ arguments: String..., input: String) throws -> Outcome {
    try run(arguments, input: Data(input.utf8))
  }

  func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

  /// Writes a file into the directory; returns its name.
  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: directory.appending(path: name))
    return name
  }

  /// Writes an array into the directory; returns its name.
  @discardableResult
  func write(_ name: String, _ shape: [Int], _ elements: NumPyArray.Elements) throws -> String {
    let bytes = NumPyArray(shape: shape, elements: elements).encoded()
    try Data(bytes).write(to: directory.appending(path: name))
    return name
  }

  func read(_ name: String) throws -> NumPyArray {
    try NumPyArray(contentsOf: directory.appending(path: name).path)
  }

  func text(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: directory.appending(path: name)), as: UTF8.self)
  }

  /// The names of all that lies in the directory, or in one below it.
  func files(_ below: String = ".") throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: directory.appending(path: below).path
    ).sorted()
  }

  /// The root of the package.
  static let package = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "normgen")
}

/// How long a command takes depends on what else the machine does.
private func withoutProgress(_ messages: String) -> String {
  messages.split(separator: "\n", omittingEmptySubsequences: false)
    .filter { !($0.hasPrefix("normgen: ") && $0.hasSuffix(" ...")) }.joined(separator: "\n")
}
