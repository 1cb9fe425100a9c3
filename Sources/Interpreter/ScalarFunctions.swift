import Foundation
import Syntax

// The values and derivatives of the functions of numbers. An adjoint is `nil` where nothing is
// passed on, not even a 0: a later infinite derivative could make a NaN of it.

extension UnaryFunction {
  /// The function at `x`.
  package func value(_ x: Double) -> Double {
    switch self {
    case .negate: -x
    case .absolute: abs(x)
    case .sign: x > 0 ? 1 : x < 0 ? -1 : x.isNaN ? x : 0
    case .squareRoot: x.squareRoot()
    case .reciprocalSquareRoot: 1 / x.squareRoot()
    case .exponential: exp(x)
    case .logarithm: log(x)
    case .hyperbolicTangent: tanh(x)
    case .sigmoid: logistic(x)
    case .errorFunction: erf(x)
    }
  }

  /// What `x` receives where the function's value `y` has the adjoint `g`.
  func adjoint(_ g: Double, _ x: Double, _ y: Double) -> Double? {
    switch self {
    case .negate: -g
    case .absolute: x == 0 ? 0 : x < 0 ? -g : x.isNaN ? x : g
    case .sign: nil
    case .squareRoot: x == 0 ? 0 : g * 0.5 / y
    case .reciprocalSquareRoot: -0.5 * g * y / x
    case .exponential: g * y
    case .logarithm: g / x
    // 1 - y^2 would cancel where y is near 1.
    case .hyperbolicTangent: g / (cosh(x) * cosh(x))
    case .sigmoid: g * logistic(x) * logistic(-x)
    case .errorFunction: g * (2 / Double.pi.squareRoot()) * exp(-x * x)
    }
  }
}

extension BinaryFunction {
  /// The function at `x` and `y`.
  package func value(_ x: Double, _ y: Double) -> Double {
    switch self {
    case .add: x + y
    case .subtract: x - y
    case .multiply: x * y
    case .divide: x / y
    case .power: pow(x, y)
    case .modulo: x - y * floor(x / y)
    case .maximum: x > y || x.isNaN ? x : y
    case .minimum: x < y || x.isNaN ? x : y
    }
  }

  /// What `x` receives where the value at `x` and `y` has the adjoint `g`.
  func adjointOfFirst(_ g: Double, _ x: Double, _ y: Double) -> Double? {
    switch self {
    case .add, .subtract, .modulo: g
    case .multiply: g * y
    case .divide: g / y
    case .power: g * powerDerivative(x, y)
    case .maximum: x >= y || x.isNaN ? g : nil
    case .minimum: x <= y || x.isNaN ? g : nil
    }
  }

  /// What `y` receives where the value at `x` and `y` has the adjoint `g`.
  func adjointOfSecond(_ g: Double, _ x: Double, _ y: Double) -> Double? {
    switch self {
    case .add: g
    case .subtract: -g
    case .multiply: g * x
    case .divide: -g * (x / y) / y
    case .power: x == 0 ? 0 : g * pow(x, y) * log(x)
    case .modulo: -g * floor(x / y)
    case .maximum: x >= y || x.isNaN ? nil : g
    case .minimum: x <= y || x.isNaN ? nil : g
    }
  }
}

extension Comparison {
  /// `true` iff the comparison holds; of NaN only `notEqual` does.
  package func holds(_ x: Double, _ y: Double) -> Bool {
    switch self {
    case .less: x < y
    case .lessOrEqual: x <= y
    case .equal: x == y
    case .notEqual: x != y
    case .greaterOrEqual: x >= y
    case .greater: x > y
    }
  }
}

extension Connective {
  func holds(_ x: Bool, _ y: Bool) -> Bool {
    switch self {
    case .and: x && y
    case .or: x || y
    }
  }
}

/// `1 / (1 + e^-x)`, without an overflow on either side.
private func logistic(_ x: Double) -> Double {
  guard x < 0 else { return 1 / (1 + exp(-x)) }
  return exp(x) / (1 + exp(x))
}

/// The derivative of `x^p` by `x`: `p x^(p-1)`.
private func powerDerivative(_ x: Double, _ p: Double) -> Double {
  if p == 0 { return 0 }
  // A root has no finite derivative at 0; a p-norm there has the derivative 0, as `sqrt` has.
  if x == 0, p > 0, p < 1 { return 0 }
  return p * pow(x, p - 1)
}
