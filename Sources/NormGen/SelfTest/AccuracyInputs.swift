import Syntax

/// Kinds of tensors on which kernels lose digits.
enum AccuracyInputs: String, CaseIterable, Sendable {
  case ordinary
  /// Far from 0, in units of the standard deviation.
  case far = "mean/std 1e3"
  case veryFar = "mean/std 1e6"
  /// Rows without a deviation.
  case constant
  case denormal
  /// As large as sums of squares over some thousand elements allow.
  case large = "near overflow"

  /// What becomes of numbers in -2 ..< 2, whose standard deviation is about 1.
  func numbers(_ ordinary: [Double], _ type: Options.Scalar) -> [Double] {
    switch self {
    case .ordinary: ordinary
    case .far: ordinary.map { 1e3 + $0 }
    case .veryFar: ordinary.map { (1e6 + $0) * min(1, type.largest / 4e6) }
    case .constant: ordinary.map { _ in 3.7 }
    case .denormal: ordinary.map { $0 / 8 * type.smallestNormal }
    case .large: ordinary.map { $0 / 2 * largest(type) }
    }
  }

  /// The deviation of the numbers, by which gradients are divided; at least 1.
  func deviation(_ type: Options.Scalar) -> Double {
    switch self {
    case .ordinary, .far, .veryFar, .constant, .denormal: 1
    case .large: largest(type)
    }
  }

  /// The least number that counts as the largest of an output: where the deviation is lost, all of
  /// it may be rounding.
  var floorOfOutputs: Double {
    switch self {
    case .ordinary, .denormal, .large: 0
    case .far, .veryFar, .constant: 1
    }
  }

  private func largest(_ type: Options.Scalar) -> Double {
    let computed = (type.computed.largest / 4096).squareRoot()
    return min(computed, type.largest / 4)
  }
}

extension Options.Scalar {
  /// The distance of 1 and the next number.
  var epsilon: Double {
    switch self {
    case .float32: Double(Float.ulpOfOne)
    case .float64: Double.ulpOfOne
    case .bfloat16: 0x1p-7
    case .float16: 0x1p-10
    }
  }

  /// Smaller numbers have fewer digits.
  var smallestNormal: Double {
    switch self {
    case .float32, .bfloat16: Double(Float.leastNormalMagnitude)
    case .float64: Double.leastNormalMagnitude
    case .float16: 0x1p-14
    }
  }

  fileprivate var largest: Double {
    switch self {
    case .float32: Double(Float.greatestFiniteMagnitude)
    case .float64: Double.greatestFiniteMagnitude
    case .bfloat16: 0x1.fep127
    case .float16: 65504
    }
  }
}
