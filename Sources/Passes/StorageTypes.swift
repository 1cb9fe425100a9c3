import LoopIR
import TensorIR

/// How the arrays of a norm lie in memory, beside the type that is computed in.
///
/// Tensors, outputs, their gradients and tangents are data; parameters, states and the gradients of
/// parameters go by a type of their own. What forward saves for backward is never rounded: nor is
/// an output that serves as such, a statistic.
package struct StorageTypes: Hashable, Sendable {
  package var compute: ComputeType
  package var data: Buffer.Element
  package var parameters: Buffer.Element
  /// The names of the parameters.
  private let parameterNames: Set<String>
  /// Outputs that the backward reads.
  private let statistics: Set<String>

  /// - Parameter parts: the functions of all phases.
  package init(
    compute: ComputeType, data: Buffer.Element, parameters: Buffer.Element,
    parameterNames: Set<String>, of parts: [Functions]
  ) {
    self.compute = compute
    self.data = data
    self.parameters = parameters
    self.parameterNames = parameterNames
    var statistics = Set<String>()
    for part in parts {
      let saved = part.derived.flatMap(\.formulas.inputs).filter { $0.kind == .saved }
        .map(\.name)
      let outputs = part.forward.results.filter { $0.kind == .output }.map(\.name)
      statistics.formUnion(Set(saved).intersection(outputs))
    }
    self.statistics = statistics
  }

  /// The elements of what a function reads.
  func element(of input: GraphInput) -> Buffer.Element {
    // Read at neighbours, an array is what it is.
    let name = input.source ?? input.name
    return switch input.kind {
    case .tensor: data
    case .outputGradient: output(String(name.dropFirst(2)))
    case .tangent: gradient(String(name.dropFirst(2)))
    case .gradientAdjoint: gradient(String(name.dropFirst(3)))
    case .parameter, .state: parameters
    case .mask: .mask
    case .index, .saved, .scalar, .flag, .counter, .savedCounter, .placeholder: .number
    case .merged: .wide
    }
  }

  /// The elements of what a function writes.
  func element(of result: GraphResult) -> Buffer.Element {
    switch result.kind {
    case .output, .tangent, .outputGradientAdjoint: output(result.name)
    case .nextState: parameters
    case .nextCounter: .count
    case .gradient, .secondGradient: gradient(result.name)
    case .saved, .savedCounter: .number
    case .partial: .wide
    }
  }

  /// The elements of a gradient or tangent of a tensor or parameter.
  private func gradient(_ name: String) -> Buffer.Element {
    parameterNames.contains(name) ? parameters : data
  }

  private func output(_ name: String) -> Buffer.Element {
    statistics.contains(name) ? .number : data
  }
}
