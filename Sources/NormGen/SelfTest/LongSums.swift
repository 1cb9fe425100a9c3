import Basics
import Glibc
import LoopIR
import Syntax

/// Calls in which one axis is very long, compared with those of the kernel in float64.
struct LongSums {
  private let norm: CheckedNorm
  private let options: Options
  private let kernel: Kernel
  private let fixed: [String: Int]
  private let longest: Int

  init(
    _ norm: CheckedNorm, _ options: Options, _ kernel: Kernel, fixed: [String: Int], longest: Int
  ) {
    self.norm = norm
    self.options = options
    self.kernel = kernel
    self.fixed = fixed
    self.longest = longest
  }

  /// The errors over all axes that may be long; `nil` if there is none.
  func row() throws -> AccuracyReport.Row? {
    let given = fixed.values.reduce(1) { $0 * max($1, 1) }
    let cases = try norm.longSizeCases(
      fixed: fixed, length: max(longest / given, 1), others: 1)
    guard !cases.isEmpty else { return nil }
    var exact = options
    exact.type = .float64
    let judge = try Kernel(try compile(norm, exact), defaults: Defaults(of: norm))
    var row = AccuracyReport.Row(
      norm: norm.name, type: options.type.rawValue, inputs: "sums of \(longest)")
    for sizes in cases {
      let expected = try results(of: judge, sizes)
      try compare(try results(of: kernel, sizes), expected, in: &row)
    }
    return row
  }

  /// What forward and backward give, by the names in C.
  private func results(
    of kernel: Kernel, _ sizes: CallSizes
  ) throws -> [String: KernelArray] {
    let sizes = kernel.open(sizes.byName)
    var arrays: [String: KernelArray] = [:]
    for direction in Kernel.Direction.standard {
      let function = try kernel.function(direction, .train)
      var values: [String: KernelValue] = [:]
      for (index, argument) in function.arguments.enumerated() {
        if argument.role == .counter { values[argument.name] = .count(3) }
        guard argument.isRead(by: direction), arrays[argument.name] == nil,
          let layout = try kernel.layout(of: argument, sizes: sizes)
        else { continue }
        arrays[argument.name] = array(for: argument, layout, seed: UInt64(index))
      }
      for value in norm.values {
        guard case .scalar(nil) = value.kind else { continue }
        for argument in function.arguments where argument.subject == value.name {
          values[argument.name] = argument.type == .bool ? .condition(true) : .number(1)
        }
      }
      let written = try kernel.run(
        direction, .train, sizes: sizes, arrays: arrays, values: values)
      arrays.merge(written) { $1 }
    }
    return arrays
  }

  /// Numbers that both kernels are given, rounded to the type that is tested: a thousand and some,
  /// over and over.
  private func array(
    for argument: KernelArgument, _ layout: ArrayLayout, seed: UInt64
  ) -> KernelArray? {
    var random = SplitMix64(seed: seed)
    let count = min(layout.count, 1021)
    var numbers = (0..<count).map { _ in Double.random(in: 0..<1, using: &random) }
    switch argument.role {
    case .tensor: numbers = numbers.map { options.type.rounded(4 * $0 - 2) }
    // A sum of these does not cancel.
    case .outputGradient: numbers = numbers.map { options.type.rounded(4 * $0 - 1) }
    case .parameter, .state: numbers = numbers.map { options.parameterType.rounded($0 + 0.5) }
    case .mask: numbers = numbers.map { $0 < 0.7 ? 1 : 0 }
    // Places in an axis: the first.
    case .index: numbers = [0]
    case .size, .nextState, .counter, .nextCounter, .scalar, .eventArgument, .output, .gradient,
      .tangent, .gradientAdjoint, .outputTangent, .outputGradientAdjoint, .saved, .partials,
      .merged, .workspace, .executor:
      return nil
    }
    guard var array = KernelArray(zeros: layout.count, of: layout.storage) else { return nil }
    KernelArray(numbers, as: layout.storage)?.withBytes { pattern in
      array.withMutableBytes { bytes in repeating(pattern, in: bytes) }
    }
    return array
  }

  private func compare(
    _ found: [String: KernelArray], _ expected: [String: KernelArray],
    in row: inout AccuracyReport.Row
  ) throws {
    for direction in Kernel.Direction.standard {
      for argument in try kernel.function(direction, .train).arguments {
        guard let x = found[argument.name], let y = expected[argument.name] else { continue }
        // What one statistic spoils, it spoils everywhere: some of many elements show it.
        let step = x.count / 10_000 + 1
        let (some, others) = (x.numbers(every: step), y.numbers(every: step))
        switch argument.role {
        case .output: row.outputs.note(some, others, as: options.type, floor: 0)
        case .nextState: row.states.note(some, others, as: options.parameterType, floor: 1)
        case .gradient:
          let isTensor = norm.values.contains { value in
            if case .tensor = value.kind { value.name == argument.subject } else { false }
          }
          row.gradients.note(
            some, others, as: isTensor ? options.type : options.parameterType, floor: 1)
        case .size, .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index,
          .parameter, .state, .counter, .nextCounter, .scalar, .eventArgument, .outputTangent,
          .outputGradientAdjoint, .saved, .partials, .merged, .workspace, .executor:
          break
        }
      }
    }
  }
}

extension KernelArray {
  /// Every so-many-th element as a number.
  fileprivate func numbers(every step: Int) -> [Double] {
    let places = stride(from: 0, to: count, by: step)
    return switch self {
    case .float32(let elements): places.map { Double(elements[$0]) }
    case .float64(let elements): places.map { elements[$0] }
    case .float16(let elements): places.map { Double(elements[$0]) }
    case .bfloat16(let elements): places.map { Double(Float(elements[$0])) }
    case .mask(let elements): places.map { elements[$0] ? 1 : 0 }
    case .int64(let elements): places.map { Double(elements[$0]) }
    }
  }
}

/// Copies a pattern into memory until it is full.
private func repeating(_ pattern: UnsafeRawBufferPointer, in bytes: UnsafeMutableRawBufferPointer) {
  guard let source = pattern.baseAddress, let target = bytes.baseAddress, !pattern.isEmpty else {
    return
  }
  var place = 0
  while place < bytes.count {
    let count = min(pattern.count, bytes.count - place)
    memcpy(target + place, source, count)
    place += count
  }
}
