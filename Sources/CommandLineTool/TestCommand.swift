import ArgumentParser
import NormGen

/// `normgen test SPEC...`
struct TestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Checks what is compiled from specs against the interpreter.",
    discussion: """
      Runs each norm forward and backward at awkward sizes through the JIT and the system's C \
      compiler, and its derived gradient against finite differences; with --threads also larger \
      calls on that many threads against one thread. Prints a table, then the worst errors of f32, \
      bf16 and f16 against float64, on ordinary and adversarial inputs: in units of the last place \
      of numbers of at least an eighth of the largest, and in units of the largest.
      """)

  @OptionGroup var arguments: SpecArguments

  @Option(
    name: .customLong("type"), help: "A type of tensors to test; without it f32 and f64.")
  var types: [Options.Scalar] = []

  @Option(
    name: .customLong("size"),
    help: ArgumentHelp("The sizes of axes in all cases.", valueName: "axis=n,..."))
  var sizes: [SizesArgument] = []

  @Option(help: "How many threads to try, or all for one a processor.")
  var threads = ThreadsArgument()

  func run() throws {
    let progress = Progress()
    let specs = try loadSpecs(arguments.specs, warn: writeMessage)
    let tested = types.isEmpty ? [.float32, .float64] : types
    var report = SelfTestReport()
    var accuracies = AccuracyReport()
    for norm in specs.norms {
      report.append(
        try selfTest(
          norm, types: tested, sizes: sizes.byName, threads: threads.count,
          observe: progress.begin))
      accuracies.append(
        try accuracy(of: norm, types: tested, sizes: sizes.byName, observe: progress.begin))
    }
    try writeOutput(report.table)
    if !accuracies.rows.isEmpty { try writeOutput("\n" + accuracies.table) }
    if !report.holds { throw ExitCode(Exit.wrongInput.rawValue) }
  }
}
