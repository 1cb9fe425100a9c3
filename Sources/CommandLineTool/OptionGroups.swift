import ArgumentParser
import LoopIR
import NormGen

extension Options.Scalar: ExpressibleByArgument {}
extension RunEngine: ExpressibleByArgument {}
extension CallPhase: ExpressibleByArgument {}
extension Stage: ExpressibleByArgument {}

/// The specs that a command reads.
struct SpecArguments: ParsableArguments {
  @Argument(help: "Files in the norm language.", completion: .file(extensions: ["norm"]))
  var specs: [String]
}

/// What `compile` and `explain` derive.
struct DerivationArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The functions to derive: vjp (the backward), jvp (forward mode), vjp2 (the backward of the "
        + "backward).", valueName: "vjp,jvp,vjp2"))
  var derive = DerivativesArgument()

  var derivatives: Set<Options.Derivative> { derive.derivatives }
}

/// What commands are told about a norm.
struct NormArguments: ParsableArguments {
  @Option(help: "The type of tensors and outputs; bf16 and f16 are computed in f32.")
  var type: Options.Scalar = .float32

  @Option(help: "The type of parameters and states; without it f64 beside f64, else f32.")
  var parameters: Options.Scalar?

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("A scalar; a condition is true or false.", valueName: "name=value"))
  var settings: [SettingArgument] = []

  @Option(
    name: .customLong("size"),
    help: ArgumentHelp("The sizes of axes.", valueName: "axis=n,..."))
  var sizes: [SizesArgument] = []

  @Option(
    name: .customLong("layout"),
    help: ArgumentHelp(
      "The order in memory of a tensor's axes, slowest first.", valueName: "x=N,S,C"))
  var layouts: [LayoutArgument] = []

  /// The same as one value; of two arguments for one name, the last counts.
  var options: Options {
    var options = Options()
    options.type = type
    options.parameters = parameters
    for setting in settings { options.settings[setting.name] = setting.value }
    options.sizes = sizes.byName
    for layout in layouts { options.layouts[layout.tensor] = layout.axes }
    return options
  }
}
