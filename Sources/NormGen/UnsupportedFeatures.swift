import Passes
import Syntax
import TensorIR

extension CheckedNorm {
  /// - Throws: `InputError` if the norm uses a part of the language that is not compiled yet; the
  ///   interpreter runs it.
  func checkIsCompiled() throws(InputError) {
    guard let feature = uncompiledFeature else { return }
    throw InputError("\(name): \(feature) is not supported yet by the compiler")
  }

  private var uncompiledFeature: String? {
    let replaces = !(train.gradients + eval.gradients).isEmpty
    return replaces && !windowedAxes.isEmpty ? "a window beside a gradient block" : nil
  }
}

extension Graph {
  /// - Throws: `InputError` if a derivative asks which process has the first of equal elements.
  func checkPlaces(of norm: CheckedNorm) throws(InputError) {
    let needed = reachable(from: results.map(\.node))
    let asks = needed.contains { node in
      if case .index(let axes) = self[node] { !axes.isDisjoint(with: ranks) } else { false }
    }
    if asks {
      throw InputError(
        "\(norm.name): the gradient of a maximum or minimum over 'ranks' is not supported yet by "
          + "the compiler; 'stop_gradient(…)' gives it none")
    }
  }
}
