import ArgumentParser
import NormGen

/// `normgen compile SPEC...`
struct CompileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compile",
    abstract: "Writes the C of each norm: NAME.h and NAME.c.",
    discussion: """
      A scalar given with --set and an axis given with --size are baked in: they leave the \
      signatures. All files are written or, on an error, none.
      """)

  @OptionGroup var specs: SpecArguments

  @Option(name: .shortAndLong, help: "The directory of the files; - is the standard output.")
  var output = "."

  @Option(help: "What the names in C and of the files begin with, instead of the norm's name.")
  var prefix: String?

  @Flag(help: "Also write NAME.json, which describes the functions and their arguments.")
  var manifest = false

  @Option(help: "Print this stage of the compilation instead of writing files.")
  var emit: Stage?

  @OptionGroup var derivation: DerivationArguments
  @OptionGroup var arguments: NormArguments

  func run() throws {
    let progress = Progress()
    progress.begin("reading")
    let specs = try loadSpecs(specs.specs, warn: writeMessage)
    var options = arguments.options
    options.prefix = prefix
    options.derivatives = derivation.derivatives
    if let emit {
      for norm in specs.norms { try writeOutput(text(of: emit, norm, options)) }
      return
    }
    var files: [NewFile] = []
    for norm in specs.norms {
      progress.begin("compiling \(norm.name)")
      files += try compiledFiles(norm, options, manifest: manifest ? .written : .omitted)
    }
    try writeFiles(files, to: output)
  }
}
