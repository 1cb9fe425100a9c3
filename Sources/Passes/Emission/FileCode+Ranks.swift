import CCode
import LoopIR

/// The prototypes of functions that several processes compute together.
extension FileCode {
  var rankPrototypes: [CItem] {
    if interface.ranked.isEmpty { return [] }
    let steps = functions.filter { $0.step != nil }
    return [.comment(Self.guide)]
      + interface.ranked.flatMap { ranked -> [CItem] in
        ranked.steps.enumerated().flatMap { place, signature -> [CItem] in
          let function = steps.first { "\(interface.prefix)_\($0.name)" == signature.symbol }
          let own = function.map { [CItem.prototype(prototype(of: $0, signature))] } ?? []
          return place < ranked.cuts.count ? own + between(ranked.cuts[place], signature) : own
        }
      }
  }

  private static let guide =
    "What several processes compute together, each on elements and sizes of its own; parameters "
    + "and scalars are the same in all. In steps: each process calls the first; all partial "
    + "results are gathered in every process, one behind the other, in the order of ranks "
    + "(MPI_Allgather of so many MPI_BYTE); each process merges them, and goes on with the next "
    + "step. What is merged has the same bits in all processes. The functions above are for a "
    + "process that computes alone."

  private func prototype(
    of function: CompiledFunction, _ signature: KernelFunction
  ) -> CFunction {
    CFunction(
      comment: Banner.purpose(of: function), result: .named(interface.prefix + "_status"),
      name: signature.symbol,
      parameters: signature.arguments.map { $0.parameter(type) })
  }

  private func between(_ cut: KernelCut, _ step: KernelFunction) -> [CItem] {
    [
      .prototype(
        CFunction(
          comment: "The bytes of the partial results of \(step.symbol), and of what they are "
            + "merged to; SIZE_MAX if the sizes are bad. All processes have as many.",
          result: .size, name: cut.byteCountSymbol,
          parameters: calls.sizes)),
      .prototype(
        CFunction(
          comment: "Merges partial results in the order of ranks. Those of other specs, options, "
            + "steps or sizes are refused. They are aligned as a double is.",
          result: .named(interface.prefix + "_status"), name: cut.mergeSymbol,
          parameters: CallCode.mergeParameters)),
    ]
  }
}
