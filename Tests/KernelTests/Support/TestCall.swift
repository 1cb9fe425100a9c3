import Basics
import LoopIR
import Reference
import Syntax
import Testing

@testable import NormGen
@testable import Passes

/// One forward and backward of a norm with all that they are given.
struct TestCall: Sendable, CustomStringConvertible {
  let norm: TestNorm
  let type: Options.Scalar
  /// The type of parameters and states.
  let parameterType: Options.Scalar
  let phase: Kernel.Phase
  let sizes: [String: Int]
  /// Tensors, parameters, masks and states by name, adjoints as `d_NAME`, in the order of memory.
  var numbers: [String: [Double]]
  var scalars: [String: Double]
  var counters: [String: Int]
  let description: String

  /// A call with random numbers of the kind `data`, the same for the same seed. Sizes that the
  /// norm does not have are left out.
  init(
    _ norm: TestNorm, _ type: Options.Scalar, _ phase: Kernel.Phase, sizes: [String: Int],
    parameters: Options.Scalar? = nil, data: TestData = .ordinary, seed: UInt64 = 1
  ) throws {
    let ordered = norm.checked.sizes.map { sizes[$0.name] ?? $0.standard ?? 1 }
    let extents = try CallSizes(norm.checked, extents: ordered)
    let call = try BoundCall(
      random: norm.checked, extents, phase == .train ? .train : .eval, type: type,
      parameterType: parameters, seed: seed)
    self.norm = norm
    self.type = type
    parameterType = call.parameterType
    self.phase = phase
    self.sizes = extents.byName
    numbers = call.numbers
    scalars = call.scalars
    counters = call.counters
    let text = extents.byName.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    description =
      "\(norm.name) \(type.rawValue) \(phase.rawValue) \(text.joined(separator: " ")), "
      + "\(data.rawValue) data, seed \(seed)"
    var random = SplitMix64(seed: seed &+ 77)
    for value in norm.checked.values {
      guard case .tensor = value.kind else { continue }
      numbers[value.name] = numbers[value.name]?.map { data.number(near: $0, type, &random) }
    }
  }

  /// What the interpreter, the compiler's own harness and self-test call it.
  func bound() throws -> BoundCall {
    let ordered = norm.checked.sizes.map { sizes[$0.name] ?? 1 }
    var call = BoundCall(
      norm.checked, try CallSizes(norm.checked, extents: ordered),
      phase: phase == .train ? .train : .eval, type: type, parameterType: parameterType,
      gradients: .all)
    call.numbers = numbers
    call.scalars = scalars
    call.counters = counters
    return call
  }
}

/// What the tensors of a call hold.
enum TestData: String, CaseIterable, Sendable {
  /// Numbers in -2 ..< 2.
  case ordinary
  /// A mean of a thousand times the deviation.
  case shifted
  /// Zeros of both signs, denormals, huge numbers, infinities and NaN among ordinary numbers.
  case special

  fileprivate func number(
    near ordinary: Double, _ type: Options.Scalar, _ random: inout SplitMix64
  ) -> Double {
    switch self {
    case .ordinary: return ordinary
    case .shifted: return type.rounded(ordinary + 1500)
    case .special:
      let (huge, denormal) = type.extremes
      switch Int.random(in: 0..<200, using: &random) {
      case 0..<20: return 0
      case 20..<40: return -0.0
      case 40..<60: return type.rounded(denormal * ordinary)
      case 60: return type.rounded(huge)
      case 61: return .infinity
      case 62: return -.infinity
      case 63: return .nan
      default: return ordinary
      }
    }
  }
}

extension Options.Scalar {
  /// The types that are computed in.
  static let wide: [Self] = [.float32, .float64]
  /// The types that are stored in only.
  static let short: [Self] = [.bfloat16, .float16]

  /// A number near the largest, and a denormal.
  fileprivate var extremes: (huge: Double, denormal: Double) {
    switch self {
    case .float32, .bfloat16: (3e38, 1e-40)
    case .float64: (1.7e308, Double.leastNormalMagnitude / 1e3)
    case .float16: (6e4, 1e-6)
    }
  }

  /// The distance from 1 to the next number.
  var epsilon: Double {
    switch self {
    case .float32: Double(Float.ulpOfOne)
    case .float64: .ulpOfOne
    case .bfloat16: 0x1p-7
    case .float16: 0x1p-10
    }
  }
}

/// What the two functions of a call wrote, by their names in C: `y`, `next_phi`, `rstd`, `d_x`.
struct Outcome: Sendable {
  var forward: [String: [Double]] = [:]
  var backward: [String: [Double]] = [:]

  var all: [(name: String, numbers: [Double])] {
    (forward.map { ("forward: " + $0.key, $0.value) }
      + backward.map { ("backward: " + $0.key, $0.value) }).sorted { $0.0 < $1.0 }
  }
}

extension TestCall {
  /// What a kernel makes of it; the backward is given what the forward saved.
  func outcome(of kernel: Kernel, threads: Kernel.Threads? = nil) throws -> Outcome {
    let forward = try run(.forward, kernel, saved: [:], threads: threads)
    let backward = try run(.backward, kernel, saved: forward, threads: threads)
    let named = try bySourceName(forward, kernel)
    return Outcome(forward: named.mapValues(\.numbers), backward: backward.mapValues(\.numbers))
  }

  /// The outputs by their names in the source, which C may not leave free.
  func bySourceName(
    _ arrays: [String: KernelArray], _ kernel: Kernel
  ) throws -> [String: KernelArray] {
    var named = arrays
    for argument in try kernel.function(.forward, phase).arguments where argument.role == .output {
      named[argument.name] = nil
      named[argument.subject] = arrays[argument.name]
    }
    return named
  }

  /// What one function of a kernel makes of it.
  func run(
    _ direction: Kernel.Direction, _ kernel: Kernel, saved: [String: KernelArray],
    threads: Kernel.Threads? = nil
  ) throws -> [String: KernelArray] {
    let function = try kernel.function(direction, phase)
    var arrays = saved
    var values: [String: KernelValue] = [:]
    for argument in function.arguments {
      if let array = array(for: argument, kernel) { arrays[argument.name] = array }
      values[argument.name] = value(for: argument)
    }
    let known = kernel.open(sizes)
    return try kernel.run(
      direction, phase, sizes: known, arrays: arrays, values: values, threads: threads)
  }

  /// The array that the caller gives for an argument.
  func array(for argument: KernelArgument, _ kernel: Kernel) -> KernelArray? {
    let given: [Double]?
    switch argument.role {
    case .tensor, .mask, .index, .parameter, .state: given = numbers[argument.subject]
    case .outputGradient: given = numbers["d_" + argument.subject]
    case .tangent: given = numbers["t_" + argument.subject]
    case .gradientAdjoint: given = numbers["dd_" + argument.subject]
    case .size, .nextState, .counter, .nextCounter, .scalar, .eventArgument, .output, .gradient,
      .outputTangent, .outputGradientAdjoint, .saved, .partials, .merged, .workspace, .executor:
      given = nil
    }
    guard let given, let storage = argument.storage(in: kernel.interface) else { return nil }
    return KernelArray(given, as: storage)
  }

  /// The value that the caller gives for an argument.
  func value(for argument: KernelArgument) -> KernelValue? {
    switch argument.role {
    case .counter: counters[argument.subject].map { .count(Int64($0)) }
    case .scalar:
      scalars[argument.subject].map { number in
        argument.type == .bool ? .condition(number != 0) : .number(number)
      }
    case .size, .tensor, .outputGradient, .mask, .index, .parameter, .state, .nextState,
      .nextCounter, .eventArgument, .output, .gradient, .tangent, .gradientAdjoint,
      .outputTangent, .outputGradientAdjoint, .saved, .partials, .merged, .workspace, .executor:
      nil
    }
  }

  /// What the graphs of its functions come to, evaluated value by value.
  func reference() throws -> Outcome {
    let forward = try reference(.forward, saved: [:])
    let backward = try reference(.backward, saved: forward)
    return Outcome(forward: stored(forward, .forward), backward: stored(backward, .backward))
  }

  /// The numbers as arrays hold them: outputs and gradients of tensors in the type of tensors, but
  /// for outputs that the backward reads again; states and gradients of parameters in theirs. What
  /// is saved is as it was computed.
  func stored(
    _ numbers: [String: [Double]], _ direction: Kernel.Direction
  ) -> [String: [Double]] {
    var numbers = numbers
    for result in norm.graph(direction, phase)?.results ?? [] {
      let storage: Options.Scalar? =
        switch result.kind {
        case .output, .tangent, .outputGradientAdjoint:
          norm.isReadAgain(result.name) ? nil : type
        case .gradient, .secondGradient: norm.isParameter(result.name) ? parameterType : type
        case .nextState: parameterType
        case .saved, .savedCounter, .nextCounter, .partial: nil
        }
      let name = argumentName(of: result)
      if let storage { numbers[name] = numbers[name]?.map { storage.rounded($0) } }
    }
    return numbers
  }

  func reference(
    _ direction: Kernel.Direction, saved: [String: [Double]]
  ) throws -> [String: [Double]] {
    let graph = try #require(norm.graph(direction, phase))
    var inputs = saved.merging(numbers) { $1 }
    inputs.merge(scalars.mapValues { [$0] }) { $1 }
    inputs.merge(counters.mapValues { [Double($0)] }) { $1 }
    let values =
      switch type {
      case .float32, .bfloat16, .float16:
        try evaluate(graph, sizes: sizes, inputs: inputs, in: Float.self)
      case .float64: try evaluate(graph, sizes: sizes, inputs: inputs, in: Double.self)
      }
    return Dictionary(uniqueKeysWithValues: zip(graph.results.map(argumentName(of:)), values))
  }
}
