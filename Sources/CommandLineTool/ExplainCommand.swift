import ArgumentParser
import NormGen

/// `normgen explain SPEC`
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Prints a norm's equations, its derived gradients, and its passes over memory.")

  @Argument(help: "A file in the norm language.", completion: .file(extensions: ["norm"]))
  var spec: String

  @OptionGroup var derivation: DerivationArguments

  func run() throws {
    let specs = try loadSpecs([spec], warn: writeMessage)
    var options = Options()
    options.derivatives = derivation.derivatives
    for norm in specs.norms { try writeOutput(explain(norm, options)) }
  }
}
