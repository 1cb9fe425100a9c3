import ArgumentParser
import NormGen

/// `normgen compare DIR DIR`
struct CompareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compare",
    abstract: "Compares the arrays of two runs and prints the largest differences.",
    discussion: """
      A difference passes if it is at most TOLERANCE times the largest number of the array, plus \
      ABSOLUTE. Exits with 1 if one does not.
      """)

  @Argument(help: "A directory that a run wrote.", completion: .directory)
  var first: String

  @Argument(help: "Another one.", completion: .directory)
  var second: String

  @Option(help: "What passes, relative to the largest number of an array.")
  var tolerance = 0.0

  @Option(help: "What passes besides, for sums that cancel.")
  var absolute = 0.0

  func run() throws {
    let comparison = try compareRuns(
      first, second, RunComparison.Tolerance(relative: tolerance, absolute: absolute))
    try writeOutput(comparison.table)
    if !comparison.agrees { throw ExitCode(Exit.wrongInput.rawValue) }
  }
}
