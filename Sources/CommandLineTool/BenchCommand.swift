import ArgumentParser
import Benchmark
import LoopIR
import NormGen

/// `normgen bench SPEC --size AXIS=N,...`
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures how fast a norm runs.",
    discussion: """
      The engines and memcpy run in turn on random data. Prints for each the median of the time \
      of a call, the distance of its quartiles, the bandwidth over inputs and outputs, each \
      counted once, and how many times longer it takes than memcpy that moves as many bytes. With \
      --verify, the results are compared with those of the interpreter before, and it fails where \
      they deviate by more than rounding explains.
      """)

  @Argument(help: "A file in the norm language.", completion: .file(extensions: ["norm"]))
  var spec: String

  @Option(help: "The norm of the file to measure; without it, the last.")
  var norm: String?

  @Option(help: "Training or evaluation.")
  var phase: CallPhase = .train

  @Flag(help: "Measure the backward, too.")
  var backward = false

  @Option(help: "The event to measure instead of a phase; its numbers are given with --set.")
  var event: String?

  @Flag(help: "Compare the results with the interpreter's first, which takes long for large sizes.")
  var verify = false

  @Option(help: "What computes; without it, both.")
  var engine: MeasuredEngine?

  @Option(help: "How many threads share a call, or all for one a processor.")
  var threads = ThreadsArgument()

  @Option(help: ArgumentHelp("How long each direction is measured.", valueName: "s"))
  var seconds = 1.0

  @Flag(help: "Print the results as JSON on the standard output.")
  var json = false

  @Option(
    help: ArgumentHelp("Also compare with the results in a file of --json.", valueName: "file.json")
  )
  var against: String?

  @OptionGroup var arguments: NormArguments

  func validate() throws {
    guard event == nil || (!backward && phase == .train) else {
      throw ValidationError("--event is measured without --phase and --backward")
    }
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds must lie above 0 and at 3600 at most")
    }
  }

  func run() throws {
    let progress = Progress()
    progress.begin("reading \(spec)")
    warnOfDebugBuild()
    let earlier = try against.map { try loadRecords($0) }
    let specs = try loadSpecs([spec], warn: writeMessage)
    var norm = NormCase(try specs.norm(named: norm), options: arguments.options)
    norm.phase = phase
    norm.event = event
    norm.directions = backward ? [.forward, .backward] : [.forward]
    var engines = engine.map { [$0.engine] } ?? MeasuredEngine.allCases.map(\.engine)
    for index in engines.indices { engines[index].threads = threads.count }
    let records = try benchmark(
      norm, on: engines, verification: verify ? .interpreter : .none, seconds: seconds,
      observe: progress.begin)
    try writeOutput(json ? Benchmark.json(records) : table(records))
    if let earlier {
      let text = comparison(of: records, to: earlier)
      if json { writeMessage(text) } else { try writeOutput("\n" + text) }
    }
    try failOnDeviations(records, limit: arguments.options.type.deviationLimit)
  }

  /// Ends the command with a message if results are not what they should be.
  private func failOnDeviations(_ records: [BenchmarkRecord], limit: Double) throws {
    var messages = ""
    for record in records {
      guard let deviation = record.deviation, !(deviation <= limit) else { continue }
      messages += """
        error: \(record.name), \(record.engine): differs from the interpreter by \(deviation) of \
        the largest number; rounding explains \(limit)

        """
    }
    guard !messages.isEmpty else { return }
    writeMessage(messages)
    throw ExitCode(Exit.wrongInput.rawValue)
  }
}

/// An engine whose speed is of interest.
enum MeasuredEngine: String, CaseIterable, ExpressibleByArgument {
  case jit, cc

  var engine: BenchmarkEngine {
    switch self {
    case .jit: .jit
    case .cc: .cc
    }
  }
}

/// What is not kernels is measured as unoptimised code then.
func warnOfDebugBuild() {
  #if DEBUG
    writeMessage(
      "warning: normgen is a debug build; for short calls measure with a release build\n")
  #endif
}
