import CCode
import LoopIR

/// Writes how what one reduction makes gets from the slots of rows into lanes.
struct GatheredSum {
  private let accumulator: Accumulator
  private let kernel: LoopKernel
  private let length: CExpression
  /// The arrays of what is left of the slots of each row: LANES numbers.
  private let sums: String
  private let squares: String
  /// What deviations are taken from, in a lane loop and in the array of all rows.
  let blockMean: String
  private let count: String
  private let deviations: String

  init(
    _ accumulator: Accumulator, _ kernel: LoopKernel, length: CExpression, scope: inout NameSet
  ) {
    self.accumulator = accumulator
    self.kernel = kernel
    self.length = length
    let isMoments = if case .moments = accumulator.kind { true } else { false }
    sums = scope.unique(accumulator.name + "_folded")
    squares = isMoments ? scope.unique(accumulator.name + "_squares_folded") : ""
    blockMean = accumulator.name + "_of_block"
    deviations = isMoments ? scope.unique(accumulator.name + "_deviations") : ""
    count = isMoments ? scope.unique(accumulator.name + "_count") : ""
  }

  /// The arrays, which lanes of rows that are not there read as well.
  var declarations: [CStatement] {
    [sums, squares].filter { !$0.isEmpty }.map { name in
      .declare(
        .array(of: .float, count: .multiply(.name("GATHERED"), .name("LANES"))), name,
        .initializer([CInitializer(.integer(0))]))
    }
  }

  /// Behind the first pass over row `number`.
  func put(_ number: CExpression) -> [CStatement] {
    [put(accumulator.name + "_slots", sums, number)]
  }

  /// Behind the pass over the deviations of row `number`.
  func putDeviations(_ number: CExpression) -> [CStatement] {
    put(number) + [put(accumulator.name + "_squares", squares, number)]
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

  /// Whether there is a pass over deviations.
  var hasDeviations: Bool { if case .moments = accumulator.kind { true } else { false } }

  /// The mean that the deviations of LANES rows from row `number` on are taken from.
  func mean(_ number: CExpression) -> CStatement {
    .constant(.named("lanes"), blockMean, moments.mean(ofSum: gathered(sums, number), length))
  }

  /// The results of LANES rows from row `number` on.
  func results(_ number: CExpression) -> [CStatement] {
    switch accumulator.kind {
    case .total(let id):
      [made(id, .named("wide"), .call("w_widen", gathered(sums, number)))]
    case .maximum(let id):
      [made(id, .named("lanes"), gathered(sums, number, by: "gather_max"))]
    case .minimum(let id):
      [made(id, .named("lanes"), gathered(sums, number, by: "gather_min"))]
    case .moments:
      moments.statements(
        mean: .name(blockMean), deviations: gathered(sums, number),
        squares: gathered(squares, number), length)
    }
  }

  private func made(_ id: ScalarID, _ type: CType, _ value: CExpression) -> CStatement {
    .constant(type, kernel.scalars[id.index].name, value)
  }

  private var moments: MomentsInLanes {
    var (mean, squares): (ScalarID?, ScalarID?)
    if case .moments(let ofMean, let ofSquares) = accumulator.kind {
      (mean, squares) = (ofMean, ofSquares)
    }
    return MomentsInLanes(
      kernel, mean: mean, squares: squares, count: count, deviations: deviations)
  }
}
