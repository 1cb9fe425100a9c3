import Basics
import LoopIR
import Syntax

@testable import NormGen

// What further derivatives are given and write.
extension TestCall {
  /// The same call with random tangents (`t_x`) and adjoints of gradients (`dd_x`).
  func withDirections(seed: UInt64) -> TestCall {
    var call = self
    var random = SplitMix64(seed: seed)
    for value in norm.checked.values {
      let storage: Options.Scalar
      switch value.kind {
      case .tensor: storage = type
      case .parameter: storage = parameterType
      case .state, .mask, .index, .scalar, .counter, .equation, .adjoint, .eventArgument: continue
      }
      for prefix in ["t_", "dd_"] {
        call.numbers[prefix + value.name] = numbers[value.name]?.map { _ in
          storage.rounded(.random(in: -2..<2, using: &random))
        }
      }
    }
    return call
  }

  /// What a kernel writes, by function and by the names in C: `jvp: t_y`.
  func derivatives(
    of kernel: Kernel, threads: Kernel.Threads? = nil
  ) throws -> [String: [Double]] {
    let saved = try run(.forward, kernel, saved: [:], threads: threads)
    return try collected { direction in
      try run(direction, kernel, saved: saved, threads: threads).mapValues(\.numbers)
    }
  }

  /// What the graphs of its functions come to, evaluated value by value.
  func referenceOfDerivatives() throws -> [String: [Double]] {
    let saved = try reference(.forward, saved: [:])
    return try collected { direction in
      stored(try reference(direction, saved: saved), direction)
    }
  }

  private func collected(
    _ results: (Kernel.Direction) throws -> [String: [Double]]
  ) rethrows -> [String: [Double]] {
    var all: [String: [Double]] = [:]
    for direction in [Kernel.Direction.jvp, .vjp2] {
      for (name, numbers) in try results(direction) {
        all["\(direction.rawValue): \(name)"] = numbers
      }
    }
    return all
  }
}
