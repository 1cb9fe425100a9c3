/// Something of the language that random norms are to reach.
enum Feature: String, CaseIterable {
  // Declarations.
  case oneAxis, twoAxes, threeAxes, fourAxes, run, severalTensors, severalOutputs, outputAxes
  case parameter, parameterWithoutAxes, state, stateWithoutAxes, mask, maskLacksAxes
  case scalar, conditionScalar, counter, declaredAxis, groupInto, groupOf, initialFromSizes
  // Clauses.
  case reduceClause, reduceWhere, center, divideBy, divideByStd, divideByRms, trackMomentum
  case trackDecay, trackUnbiased, trackCumulative, affine, weight, epilogue, statisticOutput
  // Expressions.
  case add, subtract, multiply, divide, modulo, power, negate
  case abs, sign, sqrt, rsqrt, exp, log, tanh, sigmoid, erf, relu, gelu, silu, min, max, clamp
  case ema, size, index
  case stopGradient = "stop_gradient"
  case select, truth
  case less, lessOrEqual, equal, notEqual, greaterOrEqual, greater, and, or, not
  case sumOf, meanOf, maxOf, minOf, varOf, unbiasedVarOf, countOf
  case sumWhere, meanWhere, maxWhere, minWhere, varWhere, unbiasedVarWhere, countWhere
  case nestedReductions, reducedAxisThatIsMissing, partOfGroupReduced, wholeGroupReduced
  // Phases and states.
  case train, eval, valueOfEachPhase, nextEma, nextOther, nextInEval, nextInBoth
  case gradientBlock, gradientBlockInPhase, backwardState, gradientOfEquation
}
