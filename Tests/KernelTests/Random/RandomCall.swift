import Basics
import Interpreter
import LoopIR
import Syntax

@testable import NormGen

/// Sizes and inputs of calls of random norms.
struct RandomCall {
  /// How large the tensors are.
  enum Scale {
    /// Each axis 0, 1 or a few places, and one now and then long.
    case awkward
    /// Two or three places an axis, none empty.
    case small
  }

  private var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  /// Random sizes, of which all groups divide.
  mutating func sizes(of norm: CheckedNorm, _ scale: Scale) throws -> CallSizes {
    var extents = norm.sizes.map { _ in 1 }
    var places = 1
    for axis in norm.axes {
      let length = length(scale, upTo: max(1, 700 / max(places, 1)))
      places *= max(length, 1)
      switch axis.extent {
      case .size(let id): extents[id.index] = max(length, isDivisor(id, of: norm) ? 1 : 0)
      case .quotient(let whole, _): extents[whole.index] = length
      case .share: break
      }
    }
    // So far a split axis has the length of its quotient.
    for axis in norm.axes {
      guard case .quotient(let whole, by: let part) = axis.extent else { continue }
      extents[whole.index] *= extents[part.index]
    }
    return try CallSizes(norm, extents: extents)
  }

  private func isDivisor(_ id: SizeID, of norm: CheckedNorm) -> Bool {
    norm.axes.contains { axis in
      if case .quotient(_, by: id) = axis.extent { true } else { false }
    }
  }

  private mutating func length(_ scale: Scale, upTo limit: Int) -> Int {
    switch scale {
    case .small: return Int.random(in: 2...3, using: &random)
    case .awkward:
      let lengths = [0, 1, 1, 2, 2, 3, 3, 4, 5, 5, 6, 7, 7, 8, 9, 15, 16, 17, 33, 64, 65, 130]
      return min(lengths.randomElement(using: &random) ?? 1, limit)
    }
  }

  /// A call with random inputs: tensors and adjoints in -2 ..< 2, parameters and states about 1.
  mutating func call(
    of norm: CheckedNorm, _ sizes: CallSizes, _ phase: CallPhase, _ type: Options.Scalar
  ) throws -> BoundCall {
    var call = BoundCall(norm, sizes, phase: phase, type: type, gradients: .all)
    func numbers(_ value: Value, in range: Range<Double>) -> [Double] {
      call.rounded(
        (0..<sizes.count(of: value)).map { _ in .random(in: range, using: &random) },
        as: value)
    }
    for value in norm.values {
      switch value.kind {
      case .tensor: call.numbers[value.name] = numbers(value, in: -2..<2)
      case .parameter, .state:
        // Otherwise the initial value.
        guard Bool.random(using: &random) || Bool.random(using: &random) else { continue }
        call.numbers[value.name] = numbers(value, in: 0.5..<1.5)
      case .index(of: let axes):
        call.numbers[value.name] = (0..<sizes.count(of: value)).map { _ in
          Double(Int.random(in: 0..<max(1, sizes.extent(axes)), using: &random))
        }
      case .mask: call.numbers[value.name] = mask(sizes.count(of: value))
      case .scalar where Bool.random(using: &random):
        call.scalars[value.name] = value.isCondition ? 1 : .random(in: 0.01..<0.9, using: &random)
      case .counter: call.counters[value.name] = Int.random(in: 0...20, using: &random)
      case .scalar, .equation, .adjoint, .eventArgument: continue
      }
    }
    for id in norm.outputs {
      let value = norm.values[id.index]
      call.numbers["d_" + value.name] = numbers(value, in: -2..<2)
    }
    try call.fillInitialValues()
    return call
  }

  /// Mostly true, mostly false, all or nothing.
  private mutating func mask(_ count: Int) -> [Double] {
    let shares: [Double] = [0, 0.3, 0.7, 0.7, 0.7, 1]
    let share = shares.randomElement(using: &random) ?? 1
    return (0..<count).map { _ in
      Double.random(in: 0..<1, using: &random) < share ? 1 : 0
    }
  }
}
