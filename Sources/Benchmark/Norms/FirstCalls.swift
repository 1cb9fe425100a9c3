import LoopIR
import NormGen
import Syntax

/// A forward and a backward in training, on arrays that are there before.
struct FirstCalls {
  private let arrays: CallArrays
  private let sizes: [String: Int]
  private let directions: [Direction]

  /// - Parameters:
  ///   - kernel: has the functions, and is not called.
  ///   - given: sizes of the calls, by name; the others are small.
  /// - Throws: `InputError` where the sizes do not fit; what making the arrays throws.
  init(of kernel: Kernel, _ norm: CheckedNorm, given: [String: Int]) throws {
    let all = try CallSizes(norm, extents: norm.smallSizeCase(fixed: given)).byName
    sizes = kernel.open(all)
    let functions = Direction.allCases.compactMap { kernel.interface.function($0, .train) }
    var settings: [String: Double] = [:]
    for value in norm.values {
      if case .scalar(nil) = value.kind { settings[value.name] = 1 }
    }
    arrays = try CallArrays(of: kernel, functions, sizes: sizes, settings: settings)
    directions = functions.map(\.direction)
  }

  /// Makes the calls with a kernel like the given one.
  func make(with kernel: Kernel) throws {
    for direction in directions {
      try PreparedCall(
        kernel, direction.ofKernels, .train, sizes: sizes, values: arrays.values,
        buffers: arrays.buffers
      ).run()
    }
  }
}
