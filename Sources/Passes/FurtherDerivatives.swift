import TensorIR

/// Appends `derivatives` of a norm, of which `joint` is the forward with its gradients.
///
/// Both are derivatives of the gradients, by the rules that these came from. For a direction
/// `t_x`, the sum of `t_x * d_x` is linear in `d_y`, and its derivative by `d_y` is the tangent of
/// y: forward mode is the transpose of reverse mode. With adjoints `dd_x` of the gradients in the
/// place of directions, the derivatives by all that gradients read are those of second order.
///
///     %d_x = d_y * weight               %t_y = t_x * weight + t_weight * %x
///     %d_weight = sum[N](d_y * %x)  ->
///                                       %dd_y = dd_x * weight + dd_weight * %x
///                                       %d_x  = d_y * dd_weight
///
/// - Requires: no gradient block: what it gives need not be the derivative of anything.
package func derived(_ joint: Joint, _ derivatives: Set<Derivative>) -> Joint {
  var result = joint
  for derivative in Derivative.allCases where derivatives.contains(derivative) {
    switch derivative {
    case .vjp: break
    case .jvp: result.graph = withTangents(result.graph, of: joint)
    case .vjp2: result.graph = withSecondGradients(result.graph, of: joint)
    }
  }
  return result
}

/// `graph` with the tangents of the outputs.
private func withTangents(_ graph: Graph, of joint: Joint) -> Graph {
  var pass = Differentiation(graph, by: [.outputGradient]) { "t_" + subject(ofAdjoint: $0) }
  for gradient in joint.graph.results where gradient.kind == .gradient {
    pass.seed(gradient, named: "t_" + gradient.name, .tangent)
  }
  pass.sweep()
  pass.appendAdjoints(of: [.outputGradient], as: .tangent)
  return pass.graph
}

/// `graph` with the derivatives of the gradients.
private func withSecondGradients(_ graph: Graph, of joint: Joint) -> Graph {
  let inputs = Set(graph.inputs.map(\.name))
  var pass = Differentiation(graph, by: [.outputGradient, .tensor, .parameter]) { name in
    if name.hasPrefix("d_") { return "d" + name }
    return (inputs.contains(name) ? "d_" : "d2_") + name
  }
  for gradient in joint.graph.results where gradient.kind == .gradient {
    pass.seed(gradient, named: "dd_" + gradient.name, .gradientAdjoint)
  }
  pass.sweep()
  pass.appendAdjoints(of: [.outputGradient], as: .outputGradientAdjoint)
  pass.appendAdjoints(of: [.tensor, .parameter], as: .secondGradient)
  return pass.graph
}

extension Differentiation {
  /// Appends the adjoints of the inputs of some kinds to the results.
  fileprivate mutating func appendAdjoints(
    of kinds: Set<GraphInput.Kind>, as kind: GraphResult.Kind
  ) {
    for input in original.inputs where kinds.contains(input.kind) {
      guard var result = adjoint(of: input, as: kind) else { continue }
      result.name = subject(ofAdjoint: input.name)
      graph.results.append(result)
    }
  }
}

/// The name of what `name` is the adjoint of: `x` for `d_x`; else `name` itself.
func subject(ofAdjoint name: String) -> String {
  name.hasPrefix("d_") ? String(name.dropFirst(2)) : name
}
