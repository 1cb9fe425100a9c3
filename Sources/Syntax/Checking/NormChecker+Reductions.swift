import Basics

extension NormChecker {
  /// Resolves `word[axes](operand where condition)`.
  mutating func resolve(
    _ reduction: ReductionTree, at span: SourceSpan, in context: ExpressionContext
  ) -> Resolved? {
    if case .initial = context {
      log.report(.notInitial(source.quotation(of: span), at: span))
      return nil
    }
    let kind = reductionKind(reduction.word)
    guard let isOverRanks = isOverRanks(reduction) else { return nil }
    var reduction = reduction
    reduction.axes.removeAll { $0.axis.text == "ranks" }
    let dimensions = resolveAxes(reduction.axes.map(\.axis), in: .reduction)
    let operand =
      kind == .count
      ? resolve(reduction.operand, in: context) : resolveNumber(reduction.operand, in: context)
    let condition = reduction.condition.map { resolveCondition($0, in: context) }
    guard let kind, let dimensions, let operand else { return nil }
    // A condition that is there but has a mistake is `.some(nil)`.
    if let condition, condition == nil { return nil }
    guard let windows = windows(of: reduction, along: dimensions) else { return nil }
    let named = dimensions.flatMap(\.axes)
    let parts = aligned(
      aligned([operand] + ((condition ?? nil).map { [$0] } ?? []), to: named))
    let whole = zip(dimensions, reduction.axes).filter { $1.window == nil }.flatMap(\.0.axes)
    if kind == .sum { warnMissingAxes(dimensions, of: reduction, parts) }
    var result = reduced(
      kind, whole.sorted(), parts[0], where: parts.count > 1 ? parts[1] : nil)
    guard case .reduce(var term) = result.term.form else { return result }
    term.windows = windows
    term.isOverRanks = isOverRanks
    result.term.form = .reduce(term)
    result.term.axes = Set(result.term.axes + windows.flatMap(\.axes)).sorted()
    return result
  }

  /// Whether the reduction names `ranks`; `nil` after a mistake, which is reported.
  private mutating func isOverRanks(_ reduction: ReductionTree) -> Bool? {
    let named = reduction.axes.filter { $0.axis.text == "ranks" }
    if let window = named.first(where: { $0.window != nil }) {
      log.report(.windowAlongRanks(at: window.axis.span))
      return nil
    }
    if named.count > 1 {
      log.report(.axisTwice("ranks", at: named[1].axis.span))
      return nil
    }
    return !named.isEmpty
  }

  /// The windows of a reduction; `nil` after a mistake, which is reported.
  private mutating func windows(
    of reduction: ReductionTree, along dimensions: [Dimension]
  ) -> [Term.Window]? {
    var windows: [Term.Window] = []
    for (tree, dimension) in zip(reduction.axes, dimensions) {
      guard let window = tree.window else { continue }
      let span = tree.axis.span
      guard window.low <= window.high else {
        log.report(.emptyWindow(window.low, window.high, at: span))
        return nil
      }
      guard !dimension.isRun else {
        log.report(.windowAlongRun(dimension.name, at: span))
        return nil
      }
      windows.append(.init(axes: dimension.axes, low: window.low, high: window.high))
    }
    return windows
  }

  private mutating func reductionKind(_ word: Identifier) -> ReductionKind? {
    if let kind = ReductionKind.allCases.first(where: { $0.word == word.text }) { return kind }
    let words = ReductionKind.allCases.map(\.word)
    let known = ["avg": "mean", "average": "mean", "variance": "var"][word.text]
    log.report(
      .unknownReduction(
        word.text, nearest: known ?? nearest(to: word.text, among: words), at: word.span))
    return nil
  }

  /// The term of a reduction, which varies along what is left of the axes of its parts.
  private func reduced(
    _ kind: ReductionKind, _ atoms: [AxisID], _ operand: Resolved, where condition: Resolved?
  ) -> Resolved {
    var operand = operand
    var condition = condition
    if kind == .count {
      // Only conditions are counted: of a number, those places that the condition selects.
      let always = Resolved(Term(.truth(true), axes: [], isCondition: true), plain: true)
      if !operand.term.isCondition {
        operand = condition ?? always
      } else if let condition {
        operand = Resolved(
          .logic(.and, operand.term, condition.term), over: [operand, condition], as: .condition)
      }
      condition = nil
    }
    let reduction = Term.Reduction(
      kind: kind, axes: atoms, operand: operand.term, condition: condition?.term)
    var result = Resolved(
      .reduce(reduction), over: [operand] + (condition.map { [$0] } ?? []), as: .number)
    result.term.axes.removeAll { atoms.contains($0) }
    result.isPlain = false
    return result
  }

  /// A sum over an axis that nothing in it has is most likely a mistake.
  private mutating func warnMissingAxes(
    _ dimensions: [Dimension], of tree: ReductionTree, _ operands: [Resolved]
  ) {
    let present = Set(operands.flatMap(\.term.axes))
    for (dimension, axis) in zip(dimensions, tree.axes)
    where axis.window == nil && present.isDisjoint(with: dimension.axes) {
      log.report(
        .sumWithoutAxis(shown(tree.operand), dimension.name, at: axis.axis.span))
    }
  }
}
