import Basics

extension NormChecker {
  /// Resolves a number; `nil` after a mistake, which is reported.
  mutating func resolveNumber(
    _ expression: Expression, in context: ExpressionContext
  ) -> Resolved? {
    guard let resolved = resolve(expression, in: context) else { return nil }
    if resolved.term.isCondition {
      log.report(.conditionNotNumber(shown(expression), at: expression.span))
      return nil
    }
    return resolved
  }

  /// Resolves a condition; `nil` after a mistake, which is reported.
  mutating func resolveCondition(
    _ expression: Expression, in context: ExpressionContext
  ) -> Resolved? {
    guard let resolved = resolve(expression, in: context) else { return nil }
    if !resolved.term.isCondition {
      log.report(.numberNotCondition(shown(expression), at: expression.span))
      return nil
    }
    return resolved
  }

  /// Resolves a number or a condition; `nil` after a mistake, which is reported.
  mutating func resolve(_ expression: Expression, in context: ExpressionContext) -> Resolved? {
    guard let resolved = resolveForm(of: expression, in: context) else { return nil }
    guard resolved.count <= Resolved.limit else {
      log.report(.expressionTooLarge(at: expression.span))
      return nil
    }
    return resolved
  }

  /// The text of `expression` as messages quote it.
  func shown(_ expression: Expression) -> String { source.quotation(of: expression.span) }

  private mutating func resolveForm(
    of expression: Expression, in context: ExpressionContext
  ) -> Resolved? {
    switch expression.form {
    case .number(let value, _): return .number(value)
    case .infinity: return .number(.infinity)
    case .truth(let truth):
      return Resolved(Term(.truth(truth), axes: [], isCondition: true), plain: true)
    case .name(let name):
      return resolve(Identifier(text: name, span: expression.span), in: context)
    case .parenthesized(let inner):
      return resolve(inner, in: context)
    case .lookUp(let value, let index):
      return resolveLookUp(of: value, by: index, at: expression.span, in: context)
    case .reduction(let reduction):
      return resolve(reduction, at: expression.span, in: context)
    case .call(let word, let arguments):
      return resolveCall(word, arguments, at: expression.span, in: context)
    case .negate(let operand):
      return resolveNumber(operand, in: context).map { .unary(.negate, $0) }
    case .arithmetic(let operation, let a, let b):
      return resolve(operation, a, b, whole: expression, in: context)
    case .compare(let comparison, let a, let b):
      let (a, b) = (resolveNumber(a, in: context), resolveNumber(b, in: context))
      guard let a, let b else { return nil }
      let x = aligned([a, b])
      return Resolved(.compare(comparison, x[0].term, x[1].term), over: x, as: .condition)
    case .not(let x):
      guard let x = resolveCondition(x, in: context) else { return nil }
      return Resolved(.not(x.term), over: [x], as: .condition)
    case .logic(let connective, let a, let b):
      let (a, b) = (resolveCondition(a, in: context), resolveCondition(b, in: context))
      guard let a, let b else { return nil }
      let x = aligned([a, b])
      return Resolved(.logic(connective, x[0].term, x[1].term), over: x, as: .condition)
    case .conditional(let condition, let a, let b):
      return resolveConditional(condition, a, b, in: context)
    }
  }

  private mutating func resolve(
    _ operation: Arithmetic, _ a: Expression, _ b: Expression, whole: Expression,
    in context: ExpressionContext
  ) -> Resolved? {
    if let axis = whole.asAxis, axes.entries[axis.text] != nil {
      log.report(.axisNotNumber(axis.text, at: whole.span))
      return nil
    }
    let (a, b) = (resolveNumber(a, in: context), resolveNumber(b, in: context))
    guard let a, let b else { return nil }
    let function: BinaryFunction =
      switch operation {
      case .add: .add
      case .subtract: .subtract
      case .multiply: .multiply
      case .divide: .divide
      case .modulo: .modulo
      case .power: .power
      }
    let operands = aligned([a, b])
    return .binary(function, operands[0], operands[1])
  }

  private mutating func resolveConditional(
    _ condition: Expression, _ a: Expression, _ b: Expression, in context: ExpressionContext
  ) -> Resolved? {
    let condition = resolveCondition(condition, in: context)
    let first = resolve(a, in: context)
    let second: Resolved? =
      switch first?.term.isCondition {
      case true: resolveCondition(b, in: context)
      case false: resolveNumber(b, in: context)
      case nil: resolve(b, in: context)
      }
    guard let condition, let first, let second else { return nil }
    let x = aligned([condition, first, second])
    return Resolved(
      .select(x[0].term, x[1].term, x[2].term), over: x,
      as: first.term.isCondition ? .condition : .number)
  }

  /// Resolves a name that stands for a value.
  mutating func resolve(
    _ name: Identifier, in context: ExpressionContext
  ) -> Resolved? {
    guard let id = context.locals[name.text] ?? scope[name.text] else {
      if axes.entries[name.text] != nil {
        log.report(.axisNotNumber(name.text, at: name.span))
      } else if !brokenNames.contains(name.text), !axes.broken.contains(name.text) {
        reportUnknownName(name, locals: context.locals)
      }
      return nil
    }
    let record = values[id.index]
    if case .initial = context {
      if case .scalar(let standard?) = record.value.kind {
        values[id.index].isRead = true
        return Resolved(standard, plain: true)
      }
      if !record.isBroken { log.report(.notInitial(name.text, at: name.span)) }
      return nil
    }
    guard !record.isBroken else { return nil }
    let term = Term(
      .value(id), axes: record.value.axes.sorted(), isCondition: record.value.isCondition)
    return Resolved(term, plain: record.isPlain)
  }

  /// Reports a name that nothing defines, once.
  mutating func reportUnknownName(_ name: Identifier, locals: [String: ValueID]) {
    guard brokenNames.insert(name.text).inserted, !log.isFull else { return }
    let known = scope.keys.sorted() + locals.keys.sorted()
    let block = gradients.first { $0.locals[name.text] != nil }?.name.text
    log.report(
      .unknownName(
        name.text, nearest: nearest(to: name.text, among: known), block: block, at: name.span))
  }
}
