import Foundation
import Testing

/// Runs a program to its end; the output is all that it writes.
func run(
  _ program: String, _ arguments: [String], environment: [String: String] = [:]
) throws -> (status: Int32, output: String) {
  let process = Process()
  let output = Pipe()
  process.executableURL = URL(fileURLWithPath: program)
  process.arguments = arguments
  process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
  process.standardInput = FileHandle.nullDevice
  process.standardOutput = output
  process.standardError = output
  try process.run()
  let data = try output.fileHandleForReading.readToEnd() ?? Data()
  process.waitUntilExit()
  return (process.terminationStatus, String(decoding: data, as: UTF8.self))
}

/// The command that runs one test of this bundle alone, in a process of its own.
func commandOfTest(_ name: String) throws -> [String] {
  let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  let bundle = CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
  return [tests] + bundle + ["--testing-library", "swift-testing", "--filter", name]
}
