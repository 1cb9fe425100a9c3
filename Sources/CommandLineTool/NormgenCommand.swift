import ArgumentParser

/// The command line: arguments, files and exit codes.
@main
struct NormgenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "normgen",
    abstract: "Compiles the definition of a normalization layer to C kernels.",
    discussion: """
      A file named - is the standard input or output. Messages go to the standard error.
      Exit codes: 0 success, 1 the input is wrong, 2 wrong usage, 70 a bug of normgen.
      """,
    version: "0.1.0",
    subcommands: [
      CheckCommand.self, FormatCommand.self, ExplainCommand.self, CompileCommand.self,
      RunCommand.self, TestCommand.self, CompareCommand.self, BenchCommand.self,
      LatencyCommand.self,
    ])

  static func main() {
    reportTrapsAsBugs()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      finish(with: error)
    }
  }
}
