import Foundation
import Syntax

extension CheckedNorm {
  /// The number of a scalar that the caller does not give (a condition is 0 or 1), or the number
  /// that fills a parameter or state at the beginning; `nil` for all other values.
  package func initialNumber(of value: Value, _ sizes: CallSizes) -> Double? {
    let constants = Constants(norm: self, sizes: sizes)
    switch value.kind {
    case .parameter(let initial), .state(let initial): return constants.number(initial)
    case .scalar(let standard): return standard.flatMap { constants.number($0) }
    case .tensor, .mask, .counter, .equation, .adjoint: return nil
    }
  }
}

/// Evaluates terms of numbers, defaults of scalars and sizes, all that initial values may use.
private struct Constants {
  var norm: CheckedNorm
  var sizes: CallSizes

  /// The value of `term`, a condition as 0 or 1; `nil` if it is no constant.
  func number(_ term: Term) -> Double? {
    switch term.form {
    case .number(let number): return number
    case .truth(let isTrue): return isTrue ? 1 : 0
    case .value(let id):
      let value = norm.values[id.index]
      guard case .scalar(let standard) = value.kind else { return nil }
      return standard.flatMap { number($0) }
    case .size(let axes): return Double(sizes.extent(axes))
    case .unary(let function, let x): return number(x).map { apply(function, $0) }
    case .binary(let function, let x, let y):
      return both(x, y).map { apply(function, $0, $1) }
    case .compare(let comparison, let x, let y):
      return both(x, y).map { apply(comparison, $0, $1) ? 1 : 0 }
    case .not(let x): return number(x).map { 1 - $0 }
    case .logic(let connective, let x, let y):
      return both(x, y).map { x, y in
        switch connective {
        case .and: min(x, y)
        case .or: max(x, y)
        }
      }
    case .select(let condition, let x, let y):
      return number(condition).flatMap { number($0 != 0 ? x : y) }
    case .stopGradient(let x): return number(x)
    case .index, .reduce: return nil
    }
  }

  private func both(_ x: Term, _ y: Term) -> (Double, Double)? {
    guard let x = number(x), let y = number(y) else { return nil }
    return (x, y)
  }
}

private func apply(_ function: UnaryFunction, _ x: Double) -> Double {
  switch function {
  case .negate: -x
  case .absolute: abs(x)
  case .sign: x > 0 ? 1 : x < 0 ? -1 : x
  case .squareRoot: x.squareRoot()
  case .reciprocalSquareRoot: 1 / x.squareRoot()
  case .exponential: exp(x)
  case .logarithm: log(x)
  case .hyperbolicTangent: tanh(x)
  case .sigmoid: 1 / (1 + exp(-x))
  case .errorFunction: erf(x)
  }
}

private func apply(_ function: BinaryFunction, _ x: Double, _ y: Double) -> Double {
  switch function {
  case .add: x + y
  case .subtract: x - y
  case .multiply: x * y
  case .divide: x / y
  case .power: pow(x, y)
  case .modulo: x - y * (x / y).rounded(.down)
  case .maximum: x.isNaN || y.isNaN ? .nan : max(x, y)
  case .minimum: x.isNaN || y.isNaN ? .nan : min(x, y)
  }
}

private func apply(_ comparison: Comparison, _ x: Double, _ y: Double) -> Bool {
  switch comparison {
  case .less: x < y
  case .lessOrEqual: x <= y
  case .equal: x == y
  case .notEqual: x != y
  case .greaterOrEqual: x >= y
  case .greater: x > y
  }
}
