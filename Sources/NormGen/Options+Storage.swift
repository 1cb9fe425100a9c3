import LoopIR
import Passes
import Syntax

extension Options {
  /// What a kernel is compiled for whose sizes and scalars are given at each call.
  package var ofCalls: Options {
    var options = self
    options.sizes = [:]
    options.settings = [:]
    return options
  }

  /// The type of parameters and states.
  var parameterType: Scalar { parameters ?? type.computed }
}

extension Options.Scalar {
  /// The type that is computed in.
  var computed: Self {
    switch self {
    case .float32, .bfloat16, .float16: .float32
    case .float64: .float64
    }
  }

  /// `true` iff arrays hold what is computed, not what it is rounded to.
  package var isExact: Bool { element == .number }

  /// The elements of an array in memory.
  fileprivate var element: Buffer.Element {
    switch self {
    case .float32, .float64: .number
    case .bfloat16: .short(.bfloat16)
    case .float16: .short(.float16)
    }
  }

  fileprivate var computeType: ComputeType {
    switch self {
    case .float32, .bfloat16, .float16: .float32
    case .float64: .float64
    }
  }

  /// The number that this type holds for `number`: the nearest, of two the even one.
  package func rounded(_ number: Double) -> Double {
    switch self {
    case .float32: Double(Float(number))
    case .float64: number
    case .bfloat16: Double(Float(BFloat16(number)))
    case .float16: Double(Float16(number))
    }
  }
}

extension StorageTypes {
  init(_ norm: CheckedNorm, _ options: Options, _ parts: [Functions]) {
    let parameters = norm.values.filter { value in
      if case .parameter = value.kind { true } else { false }
    }
    self.init(
      compute: options.type.computeType, data: options.type.element,
      parameters: options.parameterType.element, parameterNames: Set(parameters.map(\.name)),
      of: parts)
  }
}
