import Syntax

extension Interpreter {
  /// The derivative of the sum of outputs times `outputGradients` by each element of the tensor
  /// or parameter `name`, by central differences around the call that gave `result`.
  ///
  /// States, and the arguments of `stop_gradient`, are held as they were there. The step is
  /// `step`, times the element's magnitude where that is over 1. It does not know of gradient
  /// blocks. Throws what `forward` throws for `binding`, which must be that of `result`.
  package func finiteDifferences(
    around result: ForwardResult, _ binding: Binding, outputGradients: [String: [Double]],
    withRespectTo name: String, step: Double = 1e-5
  ) throws(InterpreterError) -> [Double] {
    guard let value = norm.value(named: name) else { throw .unknownName(name) }
    var evaluator = result.evaluator
    let elements = evaluator.elements(of: value)
    var derivatives: [Double] = []
    for place in elements.indices {
      let element = elements[place]
      let distance = step * max(1, abs(element))
      var sums: [Double] = []
      for shifted in [element + distance, element - distance] {
        var moved = binding
        moved.inputs[name] = elements
        moved.inputs[name]?[place] = shifted
        let outputs = try forward(
          phase: result.mode, moved, replaying: result.evaluator.stopped
        ).outputs
        sums.append(weighted(outputs, by: outputGradients))
      }
      derivatives.append((sums[0] - sums[1]) / ((element + distance) - (element - distance)))
    }
    return derivatives
  }

  /// The sum of all output elements times their weights, in the order of the head.
  private func weighted(_ outputs: [String: [Double]], by weights: [String: [Double]]) -> Double {
    norm.outputs.reduce(0) { sum, output in
      let name = norm[output].name
      guard let elements = outputs[name], let weights = weights[name] else { return sum }
      return zip(elements, weights).reduce(sum) { $0 + $1.0 * $1.1 }
    }
  }
}
