import ArgumentParser
import Benchmark
import NormGen

/// `normgen latency SPEC...`
struct LatencyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "latency",
    abstract: "Measures how long norms take from their text to functions that have been called.",
    discussion: """
      Reads and compiles each norm in memory and calls its forward and backward of training, \
      many times in turn and every time anew. Prints the medians of the time of each part and of \
      the whole, and the distance of the quartiles of the whole. Machine code that a call needs \
      is made in the first such call, which counts as loading; other phases may need more of it, \
      and other sizes other kernels. Axes are 2 to 6 long unless --call-size says more; with \
      --size, the norm is compiled for these sizes alone.
      """)

  @OptionGroup var specs: SpecArguments

  @Option(help: ArgumentHelp("How long to measure in all; 25 times at least.", valueName: "s"))
  var seconds = 1.0

  @Option(
    name: .customLong("call-size"),
    help: ArgumentHelp("The sizes of axes in the calls.", valueName: "axis=n,..."))
  var callSizes: [SizesArgument] = []

  @OptionGroup var arguments: NormArguments

  func validate() throws {
    guard seconds > 0, seconds <= 3600 else {
      throw ValidationError("--seconds must lie above 0 and at 3600 at most")
    }
  }

  func run() throws {
    warnOfDebugBuild()
    let times = try measureCompilation(
      of: specs.specs, arguments.options, callSizes: callSizes.byName, seconds: seconds)
    try writeOutput(table(times))
  }
}
