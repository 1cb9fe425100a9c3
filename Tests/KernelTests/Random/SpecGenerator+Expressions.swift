import Foundation

/// Numbers.
extension SpecGenerator {
  /// A random expression, at most `depth` operations deep.
  mutating func number(_ depth: Int) -> Draft {
    if depth <= 0 || chance(0.1) { return leaf() }
    let draft: Draft
    switch integer(0...11) {
    case 0, 1, 2: draft = arithmetic(depth)
    case 3, 4: draft = function(depth)
    case 5, 6, 7: draft = reduction(depth)
    case 8: draft = selection(depth)
    case 9: draft = chance(0.5) ? power(depth) : modulo(depth)
    case 10: draft = extremum(depth)
    default: draft = chance(0.5) ? stopped(depth) : quotient(depth)
    }
    return tamed(draft)
  }

  /// `draft`, or something made of it that is not too large.
  mutating func tamed(_ draft: Draft) -> Draft {
    guard draft.magnitude > 40, !chance(0.03) else { return draft }
    let e = draft.piece
    switch integer(0...3) {
    case 0: return Draft("tanh(\(e))", draft.axes, [-1, 1])
    case 1: return Draft("sigmoid(\(e))", draft.axes, [0, 1])
    case 2: return Draft("clamp(\(e), -4, 5)", draft.axes, [-4, 5])
    default: return Draft("(3 * \(e) / (1 + abs(\(e))))", draft.axes, [-3, 3])
    }
  }

  mutating func leaf() -> Draft {
    let numbers = visible.filter { !$0.isCondition }
    if chance(0.1) { return literal() }
    if chance(0.08) { return place() }
    if chance(0.6),
      let tensor = numbers.filter({ $0.kind == .tensor }).randomElement(using: &random)
    {
      return read(tensor)
    }
    return read(pick(numbers))
  }

  func read(_ value: SpecValue) -> Draft {
    Draft(Piece(text: value.name), value.axes, [value.low, value.high])
  }

  mutating func literal() -> Draft {
    let (text, number) = pick([
      ("1", 1.0), ("2", 2), ("0.5", 0.5), ("0", 0), ("3", 3), ("1e-1", 0.1), ("1.25", 1.25),
    ])
    return Draft(Piece(text: text), [], [number])
  }

  /// A size or a place.
  private mutating func place() -> Draft {
    let axis = pick(axes)
    if chance(0.5) {
      features.insert(.size)
      let name = chance(0.5) ? axis.name : pick(axis.atoms)
      return Draft("(1 / (1 + size(\(name))))", [], [0, 1])
    }
    features.insert(.index)
    let isWhole = chance(0.5)
    let name = isWhole ? axis.name : pick(axis.atoms)
    return Draft("(index(\(name)) / 8)", isWhole ? Set(axis.atoms) : [name], [0, 9])
  }

  private mutating func arithmetic(_ depth: Int) -> Draft {
    let (a, b) = (number(depth - 1), number(depth - 1))
    let axes = a.axes.union(b.axes)
    switch integer(0...5) {
    case 0, 1:
      features.insert(.add)
      return Draft("(\(a.piece) + \(b.piece))", axes, [a.low + b.low, a.high + b.high])
    case 2, 3:
      features.insert(.subtract)
      return Draft("(\(a.piece) - \(b.piece))", axes, [a.low - b.high, a.high - b.low])
    case 4:
      features.insert(.negate)
      return Draft("(-\(a.piece))", a.axes, [-a.low, -a.high])
    default:
      features.insert(.multiply)
      let corners = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high]
      return Draft("(\(a.piece) * \(b.piece))", axes, corners)
    }
  }

  private mutating func quotient(_ depth: Int) -> Draft {
    features.insert(.divide)
    let a = number(depth - 1)
    let b = positive(number(depth - 1))
    return Draft(
      "(\(a.piece) / \(b.piece))", a.axes.union(b.axes),
      [a.low / b.low, a.high / b.low, a.low / b.high, a.high / b.high])
  }

  /// Something made of `draft` that is at least 0.05.
  mutating func positive(_ draft: Draft) -> Draft {
    if draft.low >= 0.05 { return draft }
    let (e, axes, size) = (draft.piece, draft.axes, draft.magnitude)
    switch integer(0...5) {
    case 0: return Draft("(abs(\(e)) + 0.25)", axes, [0.25, size + 0.25])
    case 1: return Draft("(\(e)^2 + 0.5)", axes, [0.5, size * size + 0.5])
    case 2: return Draft("sqrt(\(e)^2 + 0.1)", axes, [0.3, size + 0.4])
    case 3: return Draft("max(\(e), 0.5)", axes, [0.5, max(draft.high, 0.5)])
    case 4: return Draft("(sigmoid(\(e)) + 0.2)", axes, [0.2, 1.2])
    default:
      return Draft(
        "(if \(e) >= 0 then \(e) + 0.25 else 0.5 - \(e))", axes, [0.25, size + 0.5])
    }
  }

  private mutating func power(_ depth: Int) -> Draft {
    features.insert(.power)
    let a = number(depth - 1)
    let e = a.piece
    switch integer(0...5) {
    case 0, 1: return Draft("(\(e)^2)", a.axes, [0, a.magnitude * a.magnitude])
    case 2: return Draft("(\(e)^3)", a.axes, [pow(a.low, 3), pow(a.high, 3)])
    case 3:
      let base = positive(a)
      let exponent = pick(["0.5", "-1", "1.5", "-0.5", "0", "1", "2.5"])
      let bounds = [base.low, base.high].map { pow($0, Double(exponent) ?? 1) }
      return Draft("(\(base.piece)^\(exponent))", a.axes, bounds)
    case 4: return Draft("(-\(e)^2)", a.axes, [0, -a.magnitude * a.magnitude])
    default:
      let base = positive(a)
      let b = number(depth - 1)
      let corners = [base.low, base.high].flatMap { x in
        [pow(x, max(b.low, -2)), pow(x, min(b.high, 3))]
      }
      return Draft(
        "(\(base.piece)^clamp(\(b.piece), -2, 3))", a.axes.union(b.axes), corners + [0, 1])
    }
  }

  private mutating func modulo(_ depth: Int) -> Draft {
    features.insert(.modulo)
    let a = number(depth - 1)
    let divisor = pick(["2", "3", "0.75", "1"])
    return Draft(
      "(\(a.piece) mod \(divisor))", a.axes, [0, Double(divisor) ?? 1])
  }

  private mutating func extremum(_ depth: Int) -> Draft {
    let (a, b) = (number(depth - 1), number(depth - 1))
    let axes = a.axes.union(b.axes)
    switch integer(0...3) {
    case 0:
      features.insert(.min)
      return Draft("min(\(a.piece), \(b.piece))", axes, [min(a.low, b.low), min(a.high, b.high)])
    case 1:
      features.insert(.max)
      return Draft("max(\(a.piece), \(b.piece))", axes, [max(a.low, b.low), max(a.high, b.high)])
    case 2:
      features.insert(.clamp)
      return Draft("clamp(\(a.piece), -0.5, 1.5)", a.axes, [-0.5, 1.5])
    default: return average(a, b)
    }
  }

  /// An exponential moving average of two values.
  mutating func average(_ old: Draft, _ new: Draft) -> Draft {
    features.insert(.ema)
    let rate = pick([Piece("momentum: 0.1"), "decay: 0.75", "momentum: 1 / 3", "decay: 0.9"])
    return Draft(
      "ema(\(old.piece), \(new.piece), \(rate))", old.axes.union(new.axes),
      [min(old.low, new.low), max(old.high, new.high)])
  }

  private mutating func stopped(_ depth: Int) -> Draft {
    features.insert(.stopGradient)
    let a = number(depth - 1)
    return Draft("stop_gradient(\(a.piece))", a.axes, [a.low, a.high])
  }

  private mutating func selection(_ depth: Int) -> Draft {
    features.insert(.select)
    let c = condition(depth - 1)
    let (a, b) = (number(depth - 1), number(depth - 1))
    return Draft(
      "(if \(c.piece) then \(a.piece) else \(b.piece))", c.axes.union(a.axes).union(b.axes),
      [min(a.low, b.low), max(a.high, b.high)])
  }
}

/// Functions of one number.
extension SpecGenerator {
  mutating func function(_ depth: Int) -> Draft {
    let a = number(depth - 1)
    let (e, axes) = (a.piece, a.axes)
    let feature: Feature = pick([
      .abs, .sign, .sqrt, .rsqrt, .exp, .log, .tanh, .sigmoid, .erf, .relu, .gelu, .silu,
    ])
    features.insert(feature)
    let call = Piece("\(feature.rawValue)(\(e))")
    switch feature {
    case .abs: return Draft(call, axes, [0, a.magnitude])
    case .sign, .tanh, .erf: return Draft(call, axes, [-1, 1])
    case .sigmoid: return Draft(call, axes, [0, 1])
    case .relu: return Draft(call, axes, [max(0, a.low), max(0, a.high)])
    case .gelu, .silu: return Draft(call, axes, [-0.3, max(0, a.high)])
    case .exp:
      if a.high <= 3.5 {
        return Draft(call, axes, [Foundation.exp(a.low), Foundation.exp(a.high)])
      }
      return Draft("exp(-abs(\(e)))", axes, [0, 1])
    case .log:
      let base = positive(a)
      return Draft(
        "log(\(base.piece))", axes, [Foundation.log(base.low), Foundation.log(base.high)])
    case .sqrt:
      if chance(0.04) { return Draft("sqrt(abs(\(e)))", axes, [0, a.magnitude]) }
      let base = positive(a)
      return Draft("sqrt(\(base.piece))", axes, [base.low.squareRoot(), base.high.squareRoot()])
    default:
      let base = positive(a)
      return Draft(
        "rsqrt(\(base.piece))", axes, [1 / base.low.squareRoot(), 1 / base.high.squareRoot()])
    }
  }
}
