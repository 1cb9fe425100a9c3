import Basics
import LoopIR
import NormGen

/// The arrays of some functions of a norm, filled with numbers that are the same in every run, and
/// the values that are passed along.
///
/// All engines work on the same arrays: none has the luckier addresses.
struct CallArrays {
  private(set) var buffers = KernelBuffers()
  private(set) var values: [String: KernelValue] = [:]
  /// What `buffers` points to, by name.
  private var arrays: [String: (memory: ArrayMemory, layout: ArrayLayout)] = [:]

  /// - Parameters:
  ///   - others: kernels of the same norm that are called with the arrays, too. Which functions are
  ///     compiled together tells how large a workspace is; it is large enough for each kernel.
  ///   - settings: scalars and the numbers of events, by name; a condition is 0 or 1. Other scalars
  ///     have their standard values.
  /// - Throws: `KernelError` where the sizes do not fit, `OutOfMemory`.
  init(
    of kernel: Kernel, beside others: [Kernel] = [], _ functions: [KernelFunction],
    sizes: [String: Int], settings: [String: Double]
  ) throws {
    var random = SplitMix64(seed: 1)
    for function in functions {
      for argument in function.arguments {
        take(argument, setting: settings[argument.subject])
        guard buffers[argument.name] == nil,
          var layout = try kernel.layout(of: argument, sizes: sizes)
        else { continue }
        for other in others where argument.role == .workspace {
          let byteCount = try other.workspaceByteCount(sizes: other.open(sizes))
          layout.count = max(layout.count, byteCount)
        }
        let array = try ArrayMemory(byteCount: layout.byteCount, order: arrays.count)
        array.fill(with: argument, layout, using: &random)
        arrays[argument.name] = (array, layout)
        buffers[argument.name] = KernelBuffer(
          writing: array.start, byteCount: layout.byteCount, of: layout.storage)
      }
    }
  }

  /// The elements of an array as they are now; `nil` if no function has an array of that name.
  func numbers(_ name: String) -> [Double]? {
    guard let (memory, layout) = arrays[name] else { return nil }
    return memory.numbers(of: layout)
  }

  /// Gives an argument its value, if it is passed by value.
  private mutating func take(_ argument: KernelArgument, setting: Double?) {
    switch argument.role {
    // Some training calls have been before this one.
    case .counter: values[argument.name] = .count(Self.callsBefore)
    case .scalar, .eventArgument:
      guard let setting else { return }
      values[argument.name] =
        argument.type == .bool ? .condition(setting != 0) : .number(setting)
    case .size, .tensor, .outputGradient, .mask, .index, .parameter, .state, .nextState,
      .nextCounter, .output, .gradient, .tangent, .gradientAdjoint, .outputTangent,
      .outputGradientAdjoint, .saved, .partials, .merged, .workspace, .executor:
      break
    }
  }

  /// What counters say.
  static let callsBefore: Int64 = 3
}

extension ArrayMemory {
  /// Fills the array of an argument that is read: parameters and states with numbers in 0.5 ..<
  /// 1.5, where a variance is one, tensors and adjoints in -2 ..< 2, masks with seven of ten true.
  fileprivate func fill(
    with argument: KernelArgument, _ layout: ArrayLayout, using random: inout SplitMix64
  ) {
    let pattern: [Double]
    switch argument.role {
    case .tensor, .outputGradient, .tangent, .gradientAdjoint:
      pattern = numbers(in: -2..<2, layout, using: &random)
    case .parameter, .state: pattern = numbers(in: 0.5..<1.5, layout, using: &random)
    // The first place of an axis, which every axis has.
    case .index: pattern = [0]
    case .mask: pattern = numbers(in: 0..<1, layout, using: &random).map { $0 < 0.7 ? 1 : 0 }
    case .size, .nextState, .counter, .nextCounter, .scalar, .eventArgument, .output, .gradient,
      .outputTangent, .outputGradientAdjoint, .saved, .partials, .merged, .workspace, .executor:
      return
    }
    KernelArray(pattern, as: layout.storage)?.withBytes { fill(with: $0) }
  }

  /// Random numbers, which large arrays repeat: a prime, so that no two rows are the same.
  private func numbers(
    in range: Range<Double>, _ layout: ArrayLayout, using random: inout SplitMix64
  ) -> [Double] {
    (0..<min(layout.count, 65_521)).map { _ in .random(in: range, using: &random) }
  }

  /// The elements of the array that the memory holds.
  fileprivate func numbers(of layout: ArrayLayout) -> [Double] {
    func elements<Element>(_ type: Element.Type) -> UnsafeBufferPointer<Element> {
      UnsafeBufferPointer(start: start.assumingMemoryBound(to: type), count: layout.count)
    }
    return switch layout.storage {
    case .float32: elements(Float.self).map(Double.init)
    case .float64: Array(elements(Double.self))
    case .float16: elements(Float16.self).map(Double.init)
    case .bfloat16: elements(BFloat16.self).map { Double(Float($0)) }
    case .mask, .bytes: elements(UInt8.self).map(Double.init)
    case .int64: elements(Int64.self).map(Double.init)
    }
  }
}
