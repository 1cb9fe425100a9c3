import Passes
import Syntax

/// `norm` with the dimensions of the named values in another order: in memory, not in meaning.
///
/// An output that is not named lies as the first tensor with the same axes does.
///
/// - Throws: `InputError` if a name is no tensor of the head, or its axes are not those named.
package func laidOut(
  _ norm: CheckedNorm, _ layouts: [String: [String]]
) throws(InputError) -> CheckedNorm {
  for (name, order) in layouts.sorted(by: { $0.key < $1.key }) {
    guard let index = norm.values.indices.first(where: { norm.isInHead($0, name) }) else {
      throw InputError("\(norm.name) has no tensor named '\(name)' to lay out")
    }
    let dimensions = norm.values[index].dimensions
    let ordered = order.compactMap { name in dimensions.first { $0.name == name } }
    guard ordered.count == dimensions.count, order.count == dimensions.count,
      Set(order).count == order.count
    else {
      throw InputError(
        "--layout \(name)=\(order.joined(separator: ",")) does not name each axis of"
          + " \(norm.values[index].signature) once")
    }
  }
  let layout = MemoryLayout(norm, layouts)
  var result = norm
  for index in norm.values.indices {
    result.values[index].dimensions = layout.dimensions(of: ValueID(index))
  }
  // What a gradient block is given lies as the value does whose adjoint it is.
  for block in norm.train.gradients + norm.eval.gradients {
    result.values[block.adjoint.index].dimensions = result.values[block.value.index].dimensions
  }
  return result
}

extension CheckedNorm {
  /// `true` iff the value at `index` is a tensor or an output named `name`.
  fileprivate func isInHead(_ index: Int, _ name: String) -> Bool {
    guard values[index].name == name else { return false }
    if case .tensor = values[index].kind { return true }
    return outputs.contains(ValueID(index))
  }
}
