import Basics

extension NormChecker {
  /// Resolves a call of a built-in function.
  mutating func resolveCall(
    _ word: Identifier, _ arguments: [Argument], at span: SourceSpan,
    in context: ExpressionContext
  ) -> Resolved? {
    guard let function = BuiltInFunction(rawValue: word.text) else {
      reportUnknownFunction(word, in: context)
      return nil
    }
    if let wanted = function.argumentCount, wanted != arguments.count {
      log.report(.argumentCount(word.text, wanted, at: span))
      return nil
    }
    switch function {
    case .size, .index:
      return resolveAxisCall(function, arguments, at: span, in: context)
    case .ema:
      return resolveAverage(arguments, at: span, in: context)
    case .abs, .sign, .sqrt, .rsqrt, .exp, .log, .tanh, .sigmoid, .erf, .relu, .gelu, .silu, .min,
      .max, .clamp, .stopGradient:
      break
    }
    var operands: [Resolved] = []
    for argument in arguments {
      if let label = argument.label {
        log.report(.unknownLabel(label.text, of: word.text, at: label.span))
      }
      if let operand = resolveNumber(argument.value, in: context) { operands.append(operand) }
    }
    guard operands.count == arguments.count else { return nil }
    return written(function, aligned(operands))
  }

  /// Reports a word before parentheses that is no function.
  mutating func reportUnknownFunction(_ word: Identifier, in context: ExpressionContext) {
    switch callees[word.text] {
    case .norm:
      switch context {
      case .block: log.report(.callInBlock(at: word.span))
      case .forward, .initial: log.report(.callInExpression(word.text, at: word.span))
      }
    case .broken: brokenNames.insert(word.text + "()")
    case .unknown, nil:
      guard brokenNames.insert(word.text + "()").inserted else { return }
      log.report(
        .unknownFunction(
          word.text, isReduction: ReductionKind.allCases.contains { $0.word == word.text },
          nearest: nearest(to: word.text, among: BuiltInFunction.allCases.map(\.rawValue)),
          at: word.span))
    }
  }

  /// `function` of `x` in the forms that terms have.
  private func written(_ function: BuiltInFunction, _ x: [Resolved]) -> Resolved? {
    switch function {
    case .abs: return .unary(.absolute, x[0])
    case .sign: return .unary(.sign, x[0])
    case .sqrt: return .unary(.squareRoot, x[0])
    case .rsqrt: return .unary(.reciprocalSquareRoot, x[0])
    case .exp: return .unary(.exponential, x[0])
    case .log: return .unary(.logarithm, x[0])
    case .tanh: return .unary(.hyperbolicTangent, x[0])
    case .sigmoid: return .unary(.sigmoid, x[0])
    case .erf: return .unary(.errorFunction, x[0])
    case .relu: return .binary(.maximum, .number(0), x[0])
    case .silu: return .binary(.multiply, x[0], .unary(.sigmoid, x[0]))
    case .gelu:
      let scaled = Resolved.binary(.multiply, x[0], .unary(.squareRoot, .number(0.5)))
      let sum = Resolved.binary(.add, .number(1), .unary(.errorFunction, scaled))
      return .binary(.multiply, .binary(.multiply, .number(0.5), x[0]), sum)
    case .max: return .binary(.maximum, x[0], x[1])
    case .min: return .binary(.minimum, x[0], x[1])
    case .clamp: return .binary(.minimum, .binary(.maximum, x[0], x[1]), x[2])
    case .stopGradient: return Resolved(.stopGradient(x[0].term), over: [x[0]], as: .number)
    case .ema, .size, .index: return nil
    }
  }

  /// `ema(old, new, momentum: m)` and `ema(old, new, decay: d)`.
  private mutating func resolveAverage(
    _ arguments: [Argument], at span: SourceSpan, in context: ExpressionContext
  ) -> Resolved? {
    let values = arguments.map { resolveNumber($0.value, in: context) }
    for argument in arguments[..<2] {
      if let label = argument.label {
        log.report(.unknownLabel(label.text, of: "ema", at: label.span))
      }
    }
    guard let rate = averageRate(arguments[2], at: span) else { return nil }
    guard values.allSatisfy({ $0 != nil }) else { return nil }
    let operands = aligned(values.compactMap(\.self))
    let (old, new, amount) = (operands[0], operands[1], operands[2])
    let difference = Resolved.binary(.subtract, new, old)
    let momentum: Resolved =
      switch rate {
      case .momentum: amount
      case .decay: .binary(.subtract, .number(1), amount)
      }
    return .binary(.add, old, .binary(.multiply, momentum, difference))
  }

  /// What the third argument of `ema` is by its label, or by its own name.
  private mutating func averageRate(_ argument: Argument, at span: SourceSpan) -> AverageRate? {
    if let label = argument.label {
      if let rate = AverageRate(rawValue: label.text) { return rate }
      log.report(.unknownLabel(label.text, of: "ema", at: label.span))
      return nil
    }
    if case .name(let name) = argument.value.form, let rate = AverageRate(rawValue: name) {
      return rate
    }
    log.report(.unlabelledRate(at: argument.value.span))
    return nil
  }

  /// `size(N, H)`, `index(T)`.
  private mutating func resolveAxisCall(
    _ function: BuiltInFunction, _ arguments: [Argument], at span: SourceSpan,
    in context: ExpressionContext
  ) -> Resolved? {
    var trees: [AxisTree] = []
    for argument in arguments {
      if let label = argument.label {
        log.report(.unknownLabel(label.text, of: function.rawValue, at: label.span))
        return nil
      }
      guard let axis = argument.value.asAxis else {
        log.report(
          .valueNotAxis(shown(argument.value), at: argument.value.span))
        return nil
      }
      trees.append(axis)
    }
    guard let dimensions = resolveAxes(trees, in: .reduction) else { return nil }
    let atoms = dimensions.flatMap(\.axes).sorted()
    if function == .size {
      return Resolved(Term(.size(atoms), axes: [], isCondition: false), plain: true)
    }
    if case .initial = context {
      log.report(.notInitial(source.quotation(of: span), at: span))
      return nil
    }
    return Resolved(Term(.index(atoms), axes: atoms, isCondition: false), plain: false)
  }
}

/// The two ways that frameworks say how fast an average moves.
private enum AverageRate: String {
  /// The weight of the new value.
  case momentum
  /// The weight of the old value.
  case decay
}
