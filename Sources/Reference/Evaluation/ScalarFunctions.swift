import LoopIR
import TensorIR

/// The function of one number: IEEE arithmetic, or the lane program of an elementary function.
///
/// - Parameters:
///   - type: how lane programs call a `Real`: a number, or wide.
///   - compute: what a number is.
func scalarFunction<Real: CanonicalReal>(
  _ function: Unary, in real: Real.Type, _ type: LaneType, beside compute: ComputeType
) -> (Real) -> Real {
  switch function {
  case .negate: return { -$0 }
  case .absolute: return { $0.magnitude }
  case .sign: return { $0 > 0 ? 1 : ($0 < 0 ? -1 : $0) }
  case .squareRoot: return { $0.squareRoot() }
  case .reciprocalSquareRoot: return { 1 / $0.squareRoot() }
  case .floor: return { $0.rounded(.down) }
  case .exponential: return elementary(.exponential, type, compute)
  case .logarithm: return elementary(.logarithm, type, compute)
  case .hyperbolicTangent: return elementary(.hyperbolicTangent, type, compute)
  case .sigmoid: return elementary(.sigmoid, type, compute)
  case .errorFunction: return elementary(.errorFunction, type, compute)
  }
}

/// The function of two numbers.
func scalarFunction<Real: CanonicalReal>(
  _ function: Binary, in real: Real.Type, _ type: LaneType, beside compute: ComputeType
) -> (Real, Real) -> Real {
  switch function {
  case .add: return { $0 + $1 }
  case .subtract: return { $0 - $1 }
  case .multiply: return { $0 * $1 }
  case .divide: return { $0 / $1 }
  case .maximum: return { $0 > $1 || $0.isNaN ? $0 : $1 }
  case .minimum: return { $0 < $1 || $0.isNaN ? $0 : $1 }
  case .power:
    let program = LaneFunction.program(.power, in: type, compute: compute)
    return { run(program, [$0, $1], compute) }
  }
}

/// a * b + c with the signs of `form`, rounded once.
func multiplyAdd<Real: CanonicalReal>(
  _ form: TensorIR.FusedForm, _ a: Real, _ b: Real, _ c: Real
) -> Real {
  switch form {
  case .productPlus: c.addingProduct(a, b)
  case .minusProduct: c.addingProduct(-a, b)
  case .productMinus: (-c).addingProduct(a, b)
  }
}

private func elementary<Real: CanonicalReal>(
  _ function: ElementaryFunction, _ type: LaneType, _ compute: ComputeType
) -> (Real) -> Real {
  let program = LaneFunction.program(function, in: type, compute: compute)
  return { run(program, [$0], compute) }
}

/// The last value of `program`.
private func run<Real: CanonicalReal>(
  _ program: LaneProgram, _ arguments: [Real], _ compute: ComputeType
) -> Real {
  let values = program.evaluated(arguments.map(\.laneScalar), in: compute)
  return values.last.flatMap(\.number).map { Real($0) } ?? .nan
}
