import Basics
import LoopIR
import Syntax

extension BoundCall {
  /// A call with random inputs, the same for the same seed.
  ///
  /// Parameters and states lie in 0.5 ..< 1.5, where a variance is one; tensors and adjoints in
  /// -2 ..< 2; seven of ten places of a mask are true.
  init(
    random norm: CheckedNorm, _ sizes: CallSizes, _ phase: CallPhase, type: Options.Scalar,
    parameterType: Options.Scalar? = nil, seed: UInt64
  ) throws(KernelError) {
    self.init(
      norm, sizes, phase: phase, type: type, parameterType: parameterType, gradients: .all)
    var random = SplitMix64(seed: seed)
    func fill(_ name: String, _ value: Value, _ range: Range<Double>) {
      let count = sizes.count(of: value)
      numbers[name] = rounded(
        (0..<count).map { _ in .random(in: range, using: &random) }, as: value)
    }
    for value in norm.values {
      switch value.kind {
      case .tensor: fill(value.name, value, -2..<2)
      case .parameter, .state: fill(value.name, value, 0.5..<1.5)
      case .mask:
        let count = sizes.count(of: value)
        numbers[value.name] = (0..<count).map { _ in
          Double.random(in: 0..<1, using: &random) < 0.7 ? 1 : 0
        }
      case .index(of: let axes):
        numbers[value.name] = (0..<sizes.count(of: value)).map { _ in
          Double(Int.random(in: 0..<max(1, sizes.extent(axes)), using: &random))
        }
      case .scalar(let standard) where standard == nil: scalars[value.name] = 1
      case .counter: counters[value.name] = 3
      case .scalar, .equation, .adjoint, .eventArgument: break
      }
    }
    for id in norm.outputs {
      let value = norm.values[id.index]
      fill("d_" + value.name, value, -2..<2)
    }
    try fillInitialValues()
  }
}
