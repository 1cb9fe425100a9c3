import Passes
import Syntax

extension CheckedNorm {
  /// - Throws: `InputError` if the norm uses a part of the language that is not compiled yet; the
  ///   interpreter runs it.
  func checkIsCompiled() throws(InputError) {
    guard let feature = uncompiledFeature else { return }
    throw InputError("\(name): \(feature) is not supported yet by the compiler")
  }

  private var uncompiledFeature: String? {
    for axis in axes {
      if case .share = axis.extent { return "'group … as'" }
    }
    let replaces = !(train.gradients + eval.gradients).isEmpty
    return replaces && !windowedAxes.isEmpty ? "a window beside a gradient block" : nil
  }
}
