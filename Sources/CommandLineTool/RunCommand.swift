import ArgumentParser
import LoopIR
import NormGen

/// `normgen run SPEC --input NAME=FILE.npy...`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Runs a norm on arrays in NumPy's format.",
    discussion: """
      Takes tensors, parameters, masks, states and counters by their names in the spec; what is \
      not given takes its initial value. Writes NAME.npy for each output, state and counter, and \
      with --backward d_NAME.npy for each tensor and parameter: all of them or, on an error, none.
      """)

  @Argument(help: "A file in the norm language.", completion: .file(extensions: ["norm"]))
  var spec: String

  @Option(
    name: .customLong("input"),
    help: ArgumentHelp("An array; with --backward also d_NAME.", valueName: "name=file.npy"))
  var inputs: [FileArgument] = []

  @Option(help: "The directory for results; - writes the arrays one after the other to stdout.")
  var output = "."

  @Option(help: "The norm of the file to run; without it, the last.")
  var norm: String?

  @Option(help: "Training or evaluation.")
  var phase: CallPhase = .train

  @Option(help: "The event to run instead of a phase; its numbers are given with --set.")
  var event: String?

  @Flag(help: "Go backward from d_NAME of each output.")
  var backward = false

  @Option(help: "What computes.")
  var engine: RunEngine = .jit

  @Option(help: "How many threads divide the work, or all for one a processor.")
  var threads = ThreadsArgument()

  @OptionGroup var arguments: NormArguments

  func validate() throws {
    guard threads.count == 1 || engine != .interpreter else {
      throw ValidationError("--threads is for --engine jit and cc; the interpreter has one")
    }
  }

  func run() throws {
    let progress = Progress()
    progress.begin("reading \(spec)")
    let specs = try loadSpecs([spec], warn: writeMessage)
    var request = RunRequest(try specs.norm(named: norm), options: arguments.options)
    request.phase = phase
    request.event = event
    request.gradients = backward ? .all : .none
    request.engine = engine
    request.threads = threads.count
    request.inputs = try loadArrays(inputs.map { ($0.name, $0.path) })
    let results = try NormGen.run(request, observe: progress.begin)
    progress.begin("writing")
    try writeArrays(results, to: output)
  }
}
