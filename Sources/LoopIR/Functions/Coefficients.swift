/// The polynomials of the elementary functions, lowest power first, and their bounds.
///
/// Tests/References/polynomials.py derives the coefficients.
extension ComputeType {
  /// (e^r - 1 - r) / r^2 in r, for |r| <= ln 2 / 2.
  var exponentialCoefficients: [Double] {
    switch self {
    case .float32:
      [
        0x1p-1, 0x1.555494p-3, 0x1.555468p-5, 0x1.12380ep-7, 0x1.6dadc6p-10,
      ]
    case .float64:
      [
        0x1p-1, 0x1.555555555555ap-3, 0x1.555555555555cp-5, 0x1.111111110f012p-7,
        0x1.6c16c16c13bf6p-10, 0x1.a01a01b24e7bcp-13, 0x1.a01a01b2e38dfp-16, 0x1.71ddf2a9c9bc7p-19,
        0x1.27e4c19b0b9bdp-22, 0x1.af6809857cc9cp-26, 0x1.1f9ae0aee0462p-29,
      ]
    }
  }

  /// (2 atanh(s) / s - 2) / s^2 in s^2, where (1 + s) / (1 - s) is from 2^(-1/2) to 2^(1/2).
  var logarithmCoefficients: [Double] {
    switch self {
    case .float32:
      [
        0x1.555554p-1, 0x1.999c26p-2, 0x1.23d3e6p-2, 0x1.f13c06p-3,
      ]
    case .float64:
      [
        0x1.5555555555593p-1, 0x1.999999997f9f1p-2, 0x1.249249422ab47p-2, 0x1.c71c51d899e4ep-3,
        0x1.74664847e2908p-3, 0x1.39a0f3794d809p-3, 0x1.2f0ac37da58bap-3,
      ]
    }
  }

  /// ln(erfc(a)) / a in a from the first power on, from 0 to `errorFunctionLimit`.
  var errorFunctionCoefficients: [Double] {
    switch self {
    case .float32:
      [
        -0x1.45f308p-1, -0x1.a4f402p-4, 0x1.394686p-6, 0x1.fd5176p-13, -0x1.d2bf2ep-10,
        0x1.796e34p-11, -0x1.422156p-13, 0x1.0a84p-16, -0x1.d0fb3p-26, -0x1.bbdd44p-24,
      ]
    case .float64:
      [
        -0x1.45f306dc9c89p-1, -0x1.a4f4e2a1b296ap-4, 0x1.39668594010bdp-6, 0x1.b6b68b15f7868p-13,
        -0x1.bca67b1c1f38bp-10, 0x1.356549223c41bp-11, -0x1.b22918a10002fp-16,
        -0x1.0e813dd2e0b47p-14, 0x1.f2bc0daea9b45p-16, -0x1.c9dfcd6197d69p-19,
        -0x1.7be1ba0a8f53ap-19, 0x1.d24ec348608fcp-20, -0x1.65aa599205f89p-22,
        -0x1.2ac53930aae9ep-23, 0x1.32703d76a2949p-23, -0x1.1be0be6c659acp-24,
        0x1.6a10d6ff91a36p-26, -0x1.5957788e35e8ap-28, 0x1.f63b5f792b536p-31,
        -0x1.1440f9dc8f4a3p-33, 0x1.beb426bd0754ap-37, -0x1.f5902e4692f3bp-41,
        0x1.5d81656797838p-45, -0x1.c7538466a7c74p-51,
      ]
    }
  }

  /// -2 / sqrt(pi), the value of ln(erfc(a)) / a at 0, as a sum of two numbers of the format.
  var errorFunctionSlope: (high: Double, low: Double) {
    switch self {
    case .float32: (-0x1.20dd76p0, 0x1.f7ac92p-25)
    case .float64: (-0x1.20dd750429b6dp0, -0x1.1ae3a914fed8p-56)
    }
  }

  /// Where e^x is 0 and infinite, after rounding; powers of two in between are in reach.
  var exponentialLimits: (lowest: Double, highest: Double) {
    switch self {
    case .float32: (-104, 89)
    case .float64: (-746, 710)
    }
  }

  /// Where 2^x is 0 and infinite, after rounding.
  var powerLimits: (lowest: Double, highest: Double) {
    switch self {
    case .float32: (-152, 129)
    case .float64: (-1077, 1025)
    }
  }

  /// Where tanh is 1, after rounding.
  var hyperbolicTangentLimit: Double {
    switch self {
    case .float32: 10
    case .float64: 22
    }
  }

  /// Where erf is 1, after rounding.
  var errorFunctionLimit: Double {
    switch self {
    case .float32: 4
    case .float64: 6
    }
  }

  /// ln 2 as a sum of two numbers of the format.
  var logarithmOfTwo: (high: Double, low: Double) {
    switch self {
    case .float32: (0x1.62e43p-1, -0x1.05c61p-29)
    case .float64: (0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56)
    }
  }

  /// A number that rounds what is added to it to an integer, whose bits are the last of the sum.
  var shifter: Double {
    switch self {
    case .float32: 0x1.8p23
    case .float64: 0x1.8p52
    }
  }

  /// The least number that is not denormal.
  var leastNormal: Double {
    switch self {
    case .float32: 0x1p-126
    case .float64: 0x1p-1022
    }
  }

  /// A power of two that makes denormals normal, and its exponent.
  var denormalScale: (factor: Double, exponent: Double) {
    switch self {
    case .float32: (0x1p25, 25)
    case .float64: (0x1p54, 54)
    }
  }

  /// The square root of 1/2.
  var rootOfHalf: Double {
    switch self {
    case .float32: 0x1.6a09e6p-1
    case .float64: 0x1.6a09e667f3bcdp-1
    }
  }
}

/// The constants of pow, in float64.
enum PowerCoefficients {
  /// log2((1 + s) / (1 - s)) / s in s^2, to 2^-44.
  static let binaryLogarithm: [Double] = [
    0x1.71547652b825p1, 0x1.ec709dc53ea5ap-1, 0x1.2776c29096bb8p-1, 0x1.a61a30ee6bdd1p-2,
    0x1.4794fc8ab019ap-2, 0x1.21b605a5fd96ap-2,
  ]

  /// (atanh(s) / s - 1 - s^2 / 3) / s^4 in s^2.
  static let tail: [Double] = [
    0x1.9999999999b31p-3, 0x1.2492492457b42p-3, 0x1.c71c722d9a896p-4, 0x1.745ce9cff4eb2p-4,
    0x1.3b1eefc93e52bp-4, 0x1.0f7f8d27cb2cep-4, 0x1.0e4632f457679p-4,
  ]

  /// 1 / 3 as a sum of two numbers.
  static let third = (high: 0x1.5555555555555p-2, low: 0x1.5555555555555p-56)

  /// 2 / ln 2 as a sum of two numbers.
  static let twiceBinaryE = (high: 0x1.71547652b82fep1, low: 0x1.777d0ffda0d24p-55)
}

extension Double {
  /// 1 / ln 2.
  static let log2e = 0x1.71547652b82fep0

  /// ln 2.
  static let ln2 = 0x1.62e42fefa39efp-1
}
