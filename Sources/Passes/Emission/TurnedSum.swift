import CCode
import LoopIR

/// Writes one reduction over the elements of rows that lie in lanes.
struct TurnedSum {
  private let accumulator: Accumulator
  private let kernel: LoopKernel
  private let length: CExpression
  /// What the loop over the elements writes: the slots, or the extreme so far.
  private let terms: String
  private let squares: String
  private let blockMean: String
  private let deviation: String
  private let deviations: String
  private let count: String

  init(
    _ accumulator: Accumulator, _ kernel: LoopKernel, length: CExpression, scope: inout NameSet
  ) {
    self.accumulator = accumulator
    self.kernel = kernel
    self.length = length
    terms = scope.unique(accumulator.name + (Self.isExtreme(accumulator) ? "_best" : "_terms"))
    let isMoments = accumulator.isMoments
    squares = isMoments ? scope.unique(accumulator.name + "_squares") : ""
    blockMean = isMoments ? scope.unique(accumulator.name + "_of_block") : ""
    deviation = isMoments ? scope.unique("deviation") : ""
    deviations = isMoments ? scope.unique(accumulator.name + "_deviations") : ""
    count = isMoments ? scope.unique(accumulator.name + "_count") : ""
  }

  private static func isExtreme(_ accumulator: Accumulator) -> Bool {
    switch accumulator.kind {
    case .maximum, .minimum: true
    case .total, .moments: false
    }
  }

  private let slots = CType.array(of: .named("lanes"), count: .name("MOST_TURNED"))

  private func at(_ array: String) -> CExpression { .index(.name(array), .name("j")) }

  /// Before the loop over the elements.
  var declaration: CStatement {
    Self.isExtreme(accumulator)
      ? .declare(.named("lanes"), terms, .call("v_splat", accumulator.nothing))
      : .declare(slots, terms)
  }

  /// What the loop does with an element.
  func use(_ code: ProgramCode) -> [CStatement] {
    let value = code[accumulator.value]
    let best = CExpression.name(terms)
    let (target, new, old): (CExpression, CExpression, CExpression) =
      switch accumulator.kind {
      case .maximum: (best, .call("v_max", best, value), best)
      case .minimum: (best, .call("v_min", best, value), best)
      case .total, .moments:
        (
          at(terms), accumulator.factor.map { .call("v_mul", value, code[$0]) } ?? value,
          .call("v_zero")
        )
      }
    let chosen = accumulator.condition.map { CExpression.call("v_select", code[$0], new, old) }
    return [.set(target, chosen ?? new)]
  }

  /// After the loop; `each` writes a further loop over the elements.
  func closing(_ each: ((ProgramCode) -> [CStatement]) -> CStatement) -> [CStatement] {
    switch accumulator.kind {
    case .total(let id):
      let sum = CExpression.call("w_widen", sum(terms))
      return [.constant(.named("wide"), kernel.scalars[id.index].name, sum)]
    case .maximum(let id), .minimum(let id):
      return [
        .constant(
          .named("lanes"), kernel.scalars[id.index].name,
          .call("v_add", .name(terms), .call("v_zero")))
      ]
    case .moments(let mean, let squares): return moments(mean, squares, each)
    }
  }

  private func sum(_ terms: String) -> CExpression {
    .callVariant("sum_rows", [.name(terms), length])
  }

  private func moments(
    _ mean: ScalarID?, _ squaresID: ScalarID?,
    _ each: ((ProgramCode) -> [CStatement]) -> CStatement
  ) -> [CStatement] {
    let loop = each { code in
      let d = CExpression.name(deviation)
      return [
        .constant(
          .named("lanes"), deviation,
          .call("v_sub", code[accumulator.value], .name(blockMean))),
        .set(at(terms), d), .set(at(squares), .call("v_mul", d, d)),
      ]
    }
    let blocks = MomentsInLanes(
      kernel, mean: mean, squares: squaresID, count: count, deviations: deviations)
    return [
      .constant(.named("lanes"), blockMean, blocks.mean(ofSum: sum(terms), length)),
      .declare(slots, squares), loop,
    ]
      + blocks.statements(
        mean: .name(blockMean), deviations: sum(terms), squares: sum(squares), length)
  }
}

extension Accumulator {
  /// What it makes, for the comment in C.
  func title(in kernel: LoopKernel) -> String {
    switch kind {
    case .total(let id), .maximum(let id), .minimum(let id): kernel.scalars[id.index].name
    case .moments: "mean and squared deviations"
    }
  }
}
