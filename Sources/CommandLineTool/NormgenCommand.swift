import ArgumentParser

/// The command line: arguments, files and exit codes.
@main
struct NormgenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "normgen",
    abstract: "Compiles the definition of a normalization layer to C kernels.")
}
