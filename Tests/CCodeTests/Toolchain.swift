import Foundation

/// A C compiler that tests call by its name on the PATH.
enum Compiler: String, CaseIterable, Sendable {
  case gcc, clang, tcc

  /// The flags under which generated files must give no warning.
  var strictFlags: [String] {
    switch self {
    case .gcc, .clang:
      ["-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wpedantic", "-Werror"]
    case .tcc: ["-Wall", "-Werror"]
    }
  }
}

/// What a program said and how it ended.
struct ProgramResult: Sendable {
  var status: Int32
  var output: String

  var succeeded: Bool { status == 0 }
}

/// A directory of its own for the files of one test, removed with `remove()`.
struct Workbench {
  let directory: URL

  init() throws {
    directory = FileManager.default.temporaryDirectory
      .appendingPathComponent("normgen-ccode-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
  }

  func remove() {
    try? FileManager.default.removeItem(at: directory)
  }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: directory.appendingPathComponent(name))
  }

  /// Runs `program` in the directory; its output and errors go through a file, so that no pipe can
  /// fill.
  func run(_ program: String, _ arguments: [String]) throws -> ProgramResult {
    let log = directory.appendingPathComponent("log-\(UUID().uuidString)")
    try Data().write(to: log)
    let handle = try FileHandle(forWritingTo: log)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.currentDirectoryURL = directory
    process.standardOutput = handle
    process.standardError = handle
    try process.run()
    process.waitUntilExit()
    try handle.close()
    let output = String(decoding: try Data(contentsOf: log), as: UTF8.self)
    return ProgramResult(status: process.terminationStatus, output: output)
  }

  /// Compiles and links `source` into `program` without any warning.
  func compile(
    _ source: String, to program: String, with compiler: Compiler, _ flags: [String] = []
  ) throws -> ProgramResult {
    try run(
      compiler.rawValue, compiler.strictFlags + flags + ["-o", program, source, "-lm"])
  }
}
