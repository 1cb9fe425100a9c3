/// A function that every norm may call.
enum BuiltInFunction: String, CaseIterable {
  case abs, sign, sqrt, rsqrt, exp, log, tanh, sigmoid, erf, relu, gelu, silu
  case min, max, clamp, ema, size, index
  case stopGradient = "stop_gradient"

  /// How many arguments it takes; `nil` for one or more.
  var argumentCount: Int? {
    switch self {
    case .abs, .sign, .sqrt, .rsqrt, .exp, .log, .tanh, .sigmoid, .erf, .relu, .gelu, .silu,
      .stopGradient, .index:
      1
    case .min, .max: 2
    case .clamp, .ema: 3
    case .size: nil
    }
  }
}

extension ReductionKind {
  /// The word that users write for it.
  package var word: String {
    switch self {
    case .sum: "sum"
    case .mean: "mean"
    case .maximum: "max"
    case .minimum: "min"
    case .variance: "var"
    case .unbiasedVariance: "unbiased_var"
    case .count: "count"
    }
  }
}
