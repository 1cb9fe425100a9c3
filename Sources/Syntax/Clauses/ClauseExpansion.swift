import Basics

/// Returns `norm` with its clauses written as equations:
///
///     reduce N, S            mean = mean[N, S](x)          (and var, mean_square, if used)
///     center                 centered = x - mean
///     divide by std      ->  std = sqrt(var + eps)
///     affine C               y = centered / std * weight + bias
///
/// - Returns: `nil` where clauses break a rule that leaves nothing to check.
func expanded(
  _ norm: NormTree, of source: SourceFile, into log: inout DiagnosticLog
) -> NormTree? {
  let clauses = ClauseList(of: norm, into: &log)
  guard let index = clauses.firstIndex else { return norm }
  guard clauses.isSound, let reduce = clauses.reduce else { return nil }
  var expansion = ClauseExpansion(norm: norm, clauses: clauses, axes: reduce.axes, at: reduce.span)
  expansion.condition = reduce.condition
  var result = norm
  result.clashes = expansion.report(in: source, into: &log)
  result.statements = norm.statements[..<index].filter { !$0.isClause }
  result.statements += expansion.statements()
  result.statements += norm.statements[index...].filter { !$0.isClause }
  return result
}

/// A statistic that clauses may use.
enum Statistic: String, CaseIterable {
  case mean
  case variance = "var"
  case meanSquare = "mean_square"

  /// The state that follows it.
  var runningName: String { "running_\(rawValue)" }
}

/// The equations of the clauses of one norm.
struct ClauseExpansion {
  let norm: NormTree
  let clauses: ClauseList
  let axes: [AxisTree]
  var condition: Expression?
  /// The place of `reduce`.
  let span: SourceSpan
  /// The tensor that is normalized.
  let tensor: String
  /// What the user's expressions and outputs read, with the first place.
  private var reads: [String: SourceSpan] = [:]
  /// What the user defines.
  private let definitions: [Identifier]

  init(norm: NormTree, clauses: ClauseList, axes: [AxisTree], at span: SourceSpan) {
    self.norm = norm
    self.clauses = clauses
    self.axes = axes
    self.span = span
    tensor = norm.tensors[0].name.text
    definitions = norm.tensors.map(\.name) + norm.statements.flatMap(\.definedNames)
    let inGradients = norm.statements.flatMap(\.gradientNames)
    for name in norm.expressions.flatMap(\.names) + norm.outputs.map(\.name) + inGradients
    where reads[name.text] == nil {
      reads[name.text] = name.span
    }
  }

  /// The output that has no equation of its own, and is therefore the result of the clauses.
  private var implicitOutput: String? {
    let name = norm.outputs[0].name.text
    if definitions.contains(where: { $0.text == name }) || clauseNames[name] != nil { return nil }
    return name
  }

  /// `true` iff `normalized` is to be defined: it is read, or nothing else uses the clauses.
  private var definesNormalized: Bool {
    if reads["normalized"] != nil { return true }
    let shapes = clauses.center != nil || clauses.divide != nil || clauses.scale != nil
    return implicitOutput == nil && shapes
  }

  private var usesResult: Bool { definesNormalized || implicitOutput != nil }

  private var definesCentered: Bool {
    reads["centered"] != nil || (usesResult && clauses.center != nil)
  }

  private func isUsed(_ statistic: Statistic) -> Bool {
    if reads[statistic.rawValue] != nil { return true }
    return switch statistic {
    case .mean: definesCentered && clauses.center != nil
    case .variance: reads["std"] != nil
    case .meanSquare: reads["rms"] != nil
    }
  }

  private var usedStatistics: [Statistic] { Statistic.allCases.filter(isUsed) }

  /// The names that the clauses define, with the place of the clause.
  private var clauseNames: [String: SourceSpan] {
    var names: [String: SourceSpan] = [:]
    for name in ["mean", "var", "std", "mean_square", "rms"] { names[name] = span }
    names["centered"] = clauses.center ?? span
    names["normalized"] = clauses.divide?.span ?? clauses.center ?? span
    if let track = clauses.track {
      for statistic in Statistic.allCases { names[statistic.runningName] = track.span }
    }
    if let scale = clauses.scale {
      names["weight"] = scale.span
      if scale.hasBias { names["bias"] = scale.span }
    }
    return names
  }
}

// Rules.
extension ClauseExpansion {
  /// Reports names that clash with those of clauses, and statistics that miss something.
  ///
  /// - Returns: the names that clash.
  func report(in source: SourceFile, into log: inout DiagnosticLog) -> Set<String> {
    let names = clauseNames
    var clashes: Set<String> = []
    for name in definitions {
      guard let place = names[name.text] else { continue }
      clashes.insert(name.text)
      log.report(.definedByClause(name.text, line: source.line(at: place.lower), at: name.span))
    }
    if !definitions.contains(where: { $0.text == "eps" }) {
      for (name, statistic) in [("std", "var"), ("rms", "mean_square")] {
        guard let place = reads[name] else { continue }
        log.report(.missingEpsilon(name, of: statistic, at: place))
      }
    }
    guard let track = clauses.track else { return clashes }
    if usedStatistics.isEmpty {
      log.report(.nothingToTrack(at: track.span))
    } else if let unbiased = track.unbiased, !isUsed(.variance) {
      log.report(.unbiasedWithoutVariance(at: unbiased))
    }
    return clashes
  }
}

// Equations.
extension ClauseExpansion {
  /// What stands for the clauses.
  func statements() -> [Statement] {
    scaleDeclaration() + statistics() + roots() + result()
  }

  private func scaleDeclaration() -> [Statement] {
    guard let scale = clauses.scale else { return [] }
    var list = [initial("weight", scale.axes, 1, at: scale.span)]
    if scale.hasBias { list.append(initial("bias", scale.axes, 0, at: scale.span)) }
    return [Statement(form: .parameter(list), span: scale.span)]
  }

  private func initial(
    _ name: String, _ axes: [AxisTree], _ value: Int, at span: SourceSpan
  ) -> InitialTree {
    let tensor = TensorTree(
      name: Identifier(text: name, span: span), axes: axes.isEmpty ? nil : axes, span: span)
    return InitialTree(tensor: tensor, value: .number(value, at: span))
  }

  private var x: Expression { .name(tensor, at: span) }

  private func definition(of statistic: Statistic) -> Expression {
    switch statistic {
    case .mean: .reduction(.mean, axes, x, where: condition, at: span)
    case .variance: .reduction(.variance, axes, x, where: condition, at: span)
    case .meanSquare:
      .reduction(
        .mean, axes, .arithmetic(.power, x, .number(2, at: span)), where: condition, at: span)
    }
  }

  /// The statistics in use; with `track`, one way in training and another in evaluation.
  private func statistics() -> [Statement] {
    let used = usedStatistics
    let batch = used.map { Statement.equation($0.rawValue, definition(of: $0), at: span) }
    guard let track = clauses.track, !used.isEmpty else { return batch }
    let kept = keptAxes()
    let states = used.map {
      initial($0.runningName, kept, $0 == .mean ? 0 : 1, at: track.span)
    }
    let updates = used.map { statistic -> Statement in
      let isUnbiased = statistic == .variance && track.unbiased != nil
      let new =
        isUnbiased
        ? .reduction(.unbiasedVariance, axes, x, where: condition, at: span)
        : Expression.name(statistic.rawValue, at: track.span)
      let old = Expression.name(statistic.runningName, at: track.span)
      let average = Expression.call(
        .ema, [Argument(value: old), Argument(value: new), track.argument], at: track.span)
      return .next(statistic.runningName, average, at: track.span)
    }
    let frozen = used.map {
      Statement.equation($0.rawValue, .name($0.runningName, at: track.span), at: track.span)
    }
    return [
      Statement(form: .state(states), span: track.span),
      Statement(form: .phase(.train, batch + updates), span: track.span),
      Statement(form: .phase(.eval, frozen), span: track.span),
    ]
  }

  /// `std` and `rms`, where they are read.
  private func roots() -> [Statement] {
    [("std", "var"), ("rms", "mean_square")].compactMap { name, statistic in
      guard reads[name] != nil else { return nil }
      var radicand = Expression.name(statistic, at: span)
      if definitions.contains(where: { $0.text == "eps" }) {
        radicand = .arithmetic(.add, radicand, .name("eps", at: span))
      }
      return .equation(name, .call(.sqrt, [Argument(value: radicand)], at: span), at: span)
    }
  }

  /// `centered`, `normalized` and the output, where they are wanted.
  private func result() -> [Statement] {
    var statements: [Statement] = []
    var value = x
    if definesCentered {
      let place = clauses.center ?? span
      if clauses.center != nil {
        value = .arithmetic(.subtract, .name(tensor, at: place), .name("mean", at: place))
      }
      statements.append(.equation("centered", value, at: place))
      value = .name("centered", at: place)
    }
    if let divide = clauses.divide { value = .arithmetic(.divide, value, divide.divisor) }
    if let scale = clauses.scale {
      value = .arithmetic(.multiply, value, .name("weight", at: scale.span))
      if scale.hasBias { value = .arithmetic(.add, value, .name("bias", at: scale.span)) }
    }
    let place = clauses.divide?.span ?? clauses.center ?? span
    if definesNormalized {
      statements.append(.equation("normalized", value, at: place))
      value = .name("normalized", at: place)
    }
    if let output = implicitOutput { statements.append(.equation(output, value, at: place)) }
    return statements
  }

  /// The axes of the tensor that `reduce` leaves; of a split axis, the part that is left.
  private func keptAxes() -> [AxisTree] {
    let reduced = Set(axes.map(\.text))
    let joined = norm.joinedAxes.filter { join in
      reduced.contains(join.name) || join.atoms.contains { reduced.contains($0.text) }
    }
    return (norm.tensors[0].axes ?? []).flatMap { axis -> [AxisTree] in
      var axis = axis
      if let join = joined.first(where: { $0.parts.contains(axis.text) }) {
        guard join.parts[0] == axis.text, !reduced.contains(join.name) else { return [] }
        return join.atoms.filter { !reduced.contains($0.text) }
      }
      if case .run = axis.suffix {
        axis.suffix = .none
        axis.span = axis.name.span
      }
      guard !reduced.contains(axis.text) else { return [] }
      let parts = norm.parts(of: axis)
      let left = parts.filter { !reduced.contains($0.text) }
      return left.count == parts.count ? [axis] : left
    }
  }
}

extension NormTree {
  /// The axes that `group … as` joins: their names, that of the joined axis, and its atoms.
  fileprivate var joinedAxes: [(parts: [String], name: String, atoms: [AxisTree])] {
    statements.compactMap { statement in
      guard case .group(let group) = statement.form, let joined = group.joined else { return nil }
      let name = group.size.name
      let named = AxisTree(name: name, suffix: .none, span: name.span)
      let rest = AxisTree(name: joined, suffix: .quotient(by: name), span: joined.span)
      return (
        group.axes.map(\.text), joined.text,
        group.direction == .into ? [named, rest] : [rest, named]
      )
    }
  }

  /// The two axes that a `group` makes of `axis`, slowest first; `axis` alone if there is none.
  fileprivate func parts(of axis: AxisTree) -> [AxisTree] {
    for statement in statements {
      guard case .group(let group) = statement.form, group.axes.count == 1,
        group.axes[0].text == axis.text
      else { continue }
      let name = group.size.name
      let named = AxisTree(name: name, suffix: .none, span: name.span)
      let rest = AxisTree(name: axis.name, suffix: .quotient(by: name), span: axis.span)
      return group.direction == .into ? [named, rest] : [rest, named]
    }
    return [axis]
  }
}

extension Statement {
  fileprivate var isClause: Bool {
    if case .clause = form { return true }
    return false
  }
}
