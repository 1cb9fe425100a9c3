import CCode
import LoopIR

/// Writes how what one reduction makes gets from the slots of rows into lanes.
struct GatheredSum {
  private let accumulator: Accumulator
  private let kernel: LoopKernel
  private let length: CExpression
  /// The array of what is left of the slots of each row: LANES numbers.
  private let folded: String
  private let moments: Moments?

  /// What moments have beside.
  private struct Moments {
    /// The array of what is left of the slots of squares.
    let squares: String
    let code: MomentsInLanes
  }

  init(
    _ accumulator: Accumulator, _ kernel: LoopKernel, length: CExpression, scope: inout NameSet
  ) {
    self.accumulator = accumulator
    self.kernel = kernel
    self.length = length
    let name = accumulator.name
    folded = scope.unique(name + "_folded")
    guard case .moments(let mean, let squares) = accumulator.kind else {
      moments = nil
      return
    }
    moments = Moments(
      squares: scope.unique(accumulator.squares + "_folded"),
      code: MomentsInLanes(
        kernel, mean: mean, squares: squares, count: scope.unique(name + "_count"),
        deviations: scope.unique(name + "_deviations")))
  }

  /// The arrays, which lanes of rows that are not there read as well.
  var declarations: [CStatement] {
    [folded, moments?.squares].compactMap(\.self).map { name in
      .declare(
        .array(of: .float, count: .multiply(.name("GATHERED"), .name("LANES"))), name,
        .initializer([CInitializer(.integer(0))]))
    }
  }

  /// Behind the first pass over row `number`.
  func put(_ number: CExpression) -> [CStatement] { [put(accumulator.slots, folded, number)] }

  /// Behind the pass over the deviations of row `number`.
  func putDeviations(_ number: CExpression) -> [CStatement] {
    put(number) + (moments.map { [put(accumulator.squares, $0.squares, number)] } ?? [])
  }

  private func put(_ slots: String, _ rows: String, _ number: CExpression) -> CStatement {
    .call(
      "v_store", row(rows, number), .callVariant(fold, [.name(slots)]), .name("LANES"))
  }

  private var fold: String {
    switch accumulator.kind {
    case .total, .moments: "fold_vectors"
    case .maximum: "fold_max_vectors"
    case .minimum: "fold_min_vectors"
    }
  }

  private func row(_ rows: String, _ number: CExpression) -> CExpression {
    .add(.name(rows), .multiply(number, .name("LANES")))
  }

  private func gathered(
    _ rows: String, _ number: CExpression, by function: String = "gather"
  ) -> CExpression {
    .callVariant(function, [row(rows, number)])
  }

  /// The name of what deviations are taken from, for LANES rows or one; `nil` if none are.
  var blockMean: String? { moments.map { _ in accumulator.blockMean } }

  /// What the deviations of LANES rows from row `number` on are taken from.
  func mean(_ number: CExpression) -> [CStatement] {
    guard let moments else { return [] }
    let mean = moments.code.mean(ofSum: gathered(folded, number), length)
    return [.constant(.named("lanes"), accumulator.blockMean, mean)]
  }

  /// The results of LANES rows from row `number` on.
  func results(_ number: CExpression) -> [CStatement] {
    switch accumulator.kind {
    case .total(let id):
      [made(id, .named("wide"), .call("w_widen", gathered(folded, number)))]
    case .maximum(let id):
      [made(id, .named("lanes"), gathered(folded, number, by: "gather_max"))]
    case .minimum(let id):
      [made(id, .named("lanes"), gathered(folded, number, by: "gather_min"))]
    case .moments:
      moments.map {
        $0.code.statements(
          mean: .name(accumulator.blockMean), deviations: gathered(folded, number),
          squares: gathered($0.squares, number), length)
      } ?? []
    }
  }

  private func made(_ id: ScalarID, _ type: CType, _ value: CExpression) -> CStatement {
    .constant(type, kernel.scalars[id.index].name, value)
  }
}
