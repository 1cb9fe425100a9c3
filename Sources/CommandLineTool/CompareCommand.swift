import ArgumentParser
import NormGen

/// `normgen compare DIR DIR`
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares the arrays of two runs and prints the largest differences.",
    discussion: """
      Differences are relative to the largest number of an array. Exits with 1 if one is larger \
      than the tolerance.
      """)

  @Argument(help: "A directory that a run wrote.", completion: .directory)
  var first: String

  @Argument(help: "Another one.", completion: .directory)
  var second: String

  @Option(help: "The largest difference that passes.")
  var tolerance = 0.0

  func run() throws {
    let comparison = try compareRuns(first, second, tolerance: tolerance)
    try writeOutput(comparison.table)
    if !comparison.agrees { throw ExitCode(Exit.wrongInput.rawValue) }
  }
}
