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
    // With the axis of processes.
    if axes.count + windowedAxes.count >= AxisSet.capacity {
      return "a norm of more than \(AxisSet.capacity - 1) axes, splits and windows counted,"
    }
    let replaces = !(train.gradients + eval.gradients).isEmpty
    return replaces && !windowedAxes.isEmpty ? "a window beside a gradient block" : nil
  }
}

/// How many operations may lead from the inputs of a norm to an output: passes descend as deep, on
/// the stack of whoever compiles. The norms that people write have some dozens.
private let mostStepsToOutputs = 500

extension Graph {
  /// - Throws: `InputError` if values are computed one from another in more steps than passes can
  ///   follow.
  func checkDepth(of norm: CheckedNorm) throws(InputError) {
    var depths: [Int] = []
    for node in nodes {
      var depth = 0
      self[node].forEachOperand { depth = max(depth, depths[$0.index] + 1) }
      depths.append(depth)
    }
    guard let deepest = depths.max(), deepest > mostStepsToOutputs else { return }
    throw InputError(
      "\(norm.name): \(deepest) operations follow one from another; at most \(mostStepsToOutputs) "
        + "can be compiled")
  }

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
