import CCode
import LoopIR

/// Writes mean and squared deviations of LANES places, each of one block.
struct MomentsInLanes {
  private let kernel: LoopKernel
  private let meanID: ScalarID?
  private let squaresID: ScalarID?
  /// Names of local variables.
  private let count: String
  private let deviations: String

  init(
    _ kernel: LoopKernel, mean: ScalarID?, squares: ScalarID?, count: String, deviations: String
  ) {
    self.kernel = kernel
    (meanID, squaresID) = (mean, squares)
    (self.count, self.deviations) = (count, deviations)
  }

  /// The mean from which deviations are taken.
  func mean(ofSum sum: CExpression, _ length: CExpression) -> CExpression {
    .call("v_div", sum, .call("v_splat", .cast(.float, length)))
  }

  /// The deviations from a rounded mean correct it, as in `block_moments`.
  ///
  /// - Parameters:
  ///   - mean: the mean from which deviations were taken.
  ///   - deviations: the sum of the deviations.
  ///   - squares: the sum of their squares.
  func statements(
    mean: CExpression, deviations sum: CExpression, squares: CExpression, _ length: CExpression
  ) -> [CStatement] {
    let (n, r) = (CExpression.name(count), CExpression.name(deviations))
    var code = [
      wide(count, .call("w_splat", .cast(.double, length))), wide(deviations, widened(sum)),
    ]
    if let meanID {
      let corrected = CExpression.call("w_add", widened(mean), .call("w_div", r, n))
      code.append(wide(kernel.scalars[meanID.index].name, corrected))
    }
    if let squaresID {
      let excess = CExpression.call("w_div", .call("w_mul", r, r), n)
      code.append(
        wide(kernel.scalars[squaresID.index].name, .call("w_sub", widened(squares), excess)))
    }
    return code
  }

  private func widened(_ value: CExpression) -> CExpression { .call("w_widen", value) }

  private func wide(_ name: String, _ value: CExpression) -> CStatement {
    .constant(.named("wide"), name, value)
  }
}
