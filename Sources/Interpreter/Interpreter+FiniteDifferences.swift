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
      var outputs: [[String: [Double]]] = []
      for shifted in [element + distance, element - distance] {
        var moved = binding
        moved.inputs[name] = elements
        moved.inputs[name]?[place] = shifted
        outputs.append(
          try forward(phase: result.mode, moved, replaying: result.evaluator.stopped).outputs)
      }
      let difference = weightedDifference(outputs[0], outputs[1], by: outputGradients)
      derivatives.append(difference / ((element + distance) - (element - distance)))
    }
    return derivatives
  }

  /// The sum of the differences of all output elements times their weights, in the order of the
  /// head. What stays the same adds nothing, be it infinite: a maximum of nothing.
  private func weightedDifference(
    _ a: [String: [Double]], _ b: [String: [Double]], by weights: [String: [Double]]
  ) -> Double {
    var sum = 0.0
    for name in norm.outputs.map({ norm[$0].name }) {
      guard let a = a[name], let b = b[name], let weights = weights[name] else { continue }
      for place in a.indices where a[place] != b[place] {
        sum += (a[place] - b[place]) * weights[place]
      }
    }
    return sum
  }
}
