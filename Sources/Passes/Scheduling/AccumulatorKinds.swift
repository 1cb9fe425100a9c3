import Basics
import LoopIR
import TensorIR

extension Accumulator.Kind {
  /// What takes the elements of a reduction into the scalar `id`.
  init(_ kind: Reduction.Kind, _ id: ScalarID) {
    switch kind {
    case .total: self = .total(id)
    case .momentMean: self = .moments(mean: id, squares: nil)
    case .momentSquares: self = .moments(mean: nil, squares: id)
    case .maximum: self = .maximum(id)
    case .minimum: self = .minimum(id)
    case .sum, .mean, .variance, .count:
      unreachable("scheduling: \(kind.rawValue) is left over from before precision")
    }
  }

  /// One accumulator for the mean and the squares of the same elements.
  func merged(with other: Self) -> Self {
    guard case .moments(let mean, let squares) = self,
      case .moments(let otherMean, let otherSquares) = other
    else { return self }
    return .moments(mean: mean ?? otherMean, squares: squares ?? otherSquares)
  }
}
