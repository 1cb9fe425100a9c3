import Foundation

/// The command that runs one test of this bundle alone, in a process of its own.
func commandOfTest(_ name: String) throws -> [String] {
  let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  let bundle = CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
  return [tests] + bundle + ["--testing-library", "swift-testing", "--filter", name]
}
