import ArgumentParser
import NormGen

/// `normgen fmt SPEC...`
struct FormatCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt",
    abstract: "Formats specs in place.",
    discussion: """
      The text of the standard input goes to the standard output. With --expand, the specs stay \
      as they are, and their norms go to the standard output with clauses written as equations.
      """)

  @OptionGroup var arguments: SpecArguments

  @Flag(help: "Change nothing; name the files that are not formatted, and exit with 1.")
  var check = false

  @Flag(help: "Print the norms with their clauses written as equations.")
  var expand = false

  func validate() throws {
    if check && expand { throw ValidationError("--check and --expand exclude each other") }
  }

  func run() throws {
    if expand {
      for path in arguments.specs { try writeOutput(expandedSpec(path)) }
      return
    }
    var unformatted: [String] = []
    for path in arguments.specs {
      let formatted = try formattedSpec(path)
      if check {
        if formatted.isChanged { unformatted.append(path) }
      } else if path == standardStream {
        try writeOutput(formatted.text)
      } else if formatted.isChanged {
        try replaceFile(path, with: formatted.text)
      }
    }
    for path in unformatted { writeMessage("\(path): is not formatted\n") }
    if !unformatted.isEmpty { throw ExitCode(Exit.wrongInput.rawValue) }
  }
}
