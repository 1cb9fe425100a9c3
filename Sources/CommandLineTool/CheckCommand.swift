import ArgumentParser
import NormGen

/// `normgen check SPEC...`
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Checks specs and reports all that is wrong with them.")

  @OptionGroup var arguments: SpecArguments

  @Flag(help: "Print the diagnostics as JSON on the standard output.")
  var json = false

  func run() throws {
    let report = try checkSpecs(arguments.specs)
    if json {
      try writeOutput(report.json())
    } else {
      writeMessage(report.text)
    }
    if report.hasErrors { throw ExitCode(Exit.wrongInput.rawValue) }
  }
}
