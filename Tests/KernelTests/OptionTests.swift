import LoopIR
import Testing

@testable import NormGen

/// Sizes and scalars that are fixed, and other orders of memory, change no answer.
@Suite struct OptionTests {
  private static let engines: [TestedEngine] = [.jit, .clang]

  @Test(arguments: TestNorm.names, Options.Scalar.wide)
  func fixedSizesGiveTheBitsOfGenericOnes(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    let sizes = norm.sizes { [3, 70, 9][$0 % 3] }
    // All of them, and each alone.
    let choices = [sizes] + sizes.sorted { $0.key < $1.key }.map { [$0.key: $0.value] }
    for (index, fixed) in choices.enumerated() {
      var options = Options()
      options.type = type
      options.sizes = fixed
      let compiled = try compile(norm.checked, options)
      for engine in index == 0 ? Self.engines : [.jit] {
        let kernel = try Kernel(compiled, engine: engine.engine())
        #expect(Set(kernel.sizeNames).isDisjoint(with: fixed.keys))
        for phase in norm.phases {
          let call = try TestCall(norm, type, phase, sizes: sizes, data: .special)
          let generic = try call.outcome(of: SpecKernels.shared[name, type, .jit])
          let found = try call.outcome(of: kernel)
          expectSameBits(found, generic, "\(engine.rawValue), \(fixed) fixed, \(call)")
        }
      }
    }
  }

  /// An axis of one place is left out where lanes then lie along the next one, but the order of
  /// sums goes by names: without C, the N of x[N, C] would be a run.
  @Test(arguments: [
    "norm columns(x[N, C]) -> y { y = sum[N](x) }",
    "norm batch(x[N, C]) -> y { y = (x - mean[N](x)) / sqrt(var[N](x) + 0.1) }",
    "norm channels(x[N, C, S...]) -> y { y = x / sqrt(mean[C](x^2) + 0.1) }",
    "norm layers(x[N, C, S...]) -> y { y = x / sqrt(mean[C, S](x^2) + 0.1) }",
    "norm sums(z[N, S], x[S, N, C]) -> y { y = z * sum[N](sum[C](x)) }",
  ])
  func anAxisOfOnePlaceChangesNoBit(text: String) throws {
    let norm = try TestNorm(text: text)
    for sizes in [["N": 65, "C": 1, "S": 1], ["N": 3, "C": 100, "S": 1]] {
      let sizes = sizes.filter { norm.sizes { _ in 1 }.keys.contains($0.key) }
      let call = try TestCall(norm, .float32, .train, sizes: sizes)
      let ones = sizes.filter { $0.value == 1 && $0.key != "S" }
      for fixed in ones.isEmpty ? [[:]] : [[:], ones] {
        var options = Options()
        options.sizes = fixed
        let kernel = try Kernel(compile(norm.checked, options))
        expectSameBits(
          try call.outcome(of: kernel), try call.reference(), "\(fixed) fixed, \(call)")
      }
    }
  }

  @Test(arguments: TestNorm.names)
  func bakedScalarsGiveTheSameAnswer(_ name: String) throws {
    let norm = try TestNorm.ofSpec(name)
    let scalars = norm.checked.values.filter { if case .scalar = $0.kind { true } else { false } }
    let sizes = norm.sizes { [5, 33, 3][$0 % 3] }
    for phase in norm.phases {
      var call = try TestCall(norm, .float64, phase, sizes: sizes)
      for scalar in scalars { call.scalars[scalar.name] = scalar.name == "warmup" ? 2 : 0.125 }
      var options = Options()
      options.type = .float64
      options.settings = call.scalars
      let kernel = try Kernel(compile(norm.checked, options))
      let arguments = kernel.interface.functions.flatMap(\.arguments)
      #expect(!arguments.contains { $0.role == .scalar })
      let generic = try call.outcome(of: SpecKernels.shared[name, .float64, .jit])
      // Constants fold, so that products and their roundings may differ.
      try expectClose(call.outcome(of: kernel), generic, within: 1e-13, "\(call)")
    }
  }

  @Test(arguments: TestNorm.names, Options.Scalar.wide)
  func layoutsGiveTheSameAnswer(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    for rotation in 1..<3 {
      var options = Options()
      options.type = type
      for value in norm.checked.values {
        guard case .tensor = value.kind, value.dimensions.count > rotation else { continue }
        let names = value.dimensions.map(\.name)
        options.layouts[value.name] = Array(names[rotation...] + names[..<rotation])
      }
      if options.layouts.isEmpty { continue }
      let other = TestNorm(norm.checked, options)
      let compiled = try compile(norm.checked, options)
      for engine in Self.engines {
        let kernel = try Kernel(compiled, engine: engine.engine())
        for phase in norm.phases {
          let sizes = norm.sizes { [6, 70, 19][($0 + rotation) % 3] }
          let what = "\(engine.rawValue), rotated by \(rotation)"
          let call = try TestCall(other, type, phase, sizes: sizes)
          let found = try call.outcome(of: kernel)
          expectSameBits(found, try call.reference(), "\(what), \(call)")
          let plain = Transposition(call, options.layouts)
          let straight = try plain.call(norm).outcome(
            of: SpecKernels.shared[name, type, engine])
          try expectClose(
            plain.straightened(found), straight, within: 2000 * type.epsilon, "\(what), \(call)")
        }
      }
    }
  }
}

/// Expects numbers that agree within `tolerance` times the largest of their array, at least 1.
private func expectClose(
  _ found: Outcome, _ expected: Outcome, within tolerance: Double, _ what: String
) throws {
  let others = Dictionary(uniqueKeysWithValues: found.all.map { ($0.name, $0.numbers) })
  for (name, numbers) in expected.all {
    guard let other = others[name] else { continue }
    let scale = max(1, numbers.map(abs).max() ?? 1)
    let worst = zip(numbers, other).map { abs($0 - $1) }.max() ?? 0
    #expect(worst <= tolerance * scale, "\(what): \(name) is off by \(worst)")
  }
}

/// Brings arrays of other orders of memory to the order of the source.
private struct Transposition {
  let given: TestCall
  private var orders: [String: [Int]] = [:]

  /// - Parameter layouts: the names of dimensions in the order of memory, by tensor.
  init(_ call: TestCall, _ layouts: [String: [String]]) {
    given = call
    let values = call.norm.checked.values
    for value in values {
      let layout =
        layouts[value.name]
        ?? layouts.first { Set($0.value) == Set(value.dimensions.map(\.name)) }?.value
      guard let layout, value.dimensions.count == layout.count else { continue }
      let isOutput = call.norm.checked.outputs.contains { values[$0.index].name == value.name }
      guard layouts[value.name] != nil || isOutput else { continue }
      let order = places(value.dimensions.map(\.name), layout)
      orders[value.name] = order
      orders["d_" + value.name] = order
    }
  }

  /// For each element in the order of the source, its place in memory.
  private func places(_ source: [String], _ layout: [String]) -> [Int] {
    let extents = source.map { given.sizes[$0] ?? 1 }
    var strides: [String: Int] = [:]
    var stride = 1
    for name in layout.reversed() {
      strides[name] = stride
      stride *= given.sizes[name] ?? 1
    }
    var places = [0]
    for (name, extent) in zip(source, extents) {
      let step = strides[name] ?? 0
      places = places.flatMap { place in (0..<extent).map { place + $0 * step } }
    }
    return places
  }

  private func straightened(_ numbers: [String: [Double]]) -> [String: [Double]] {
    var result = numbers
    for (name, order) in orders {
      if let array = numbers[name] { result[name] = order.map { array[$0] } }
    }
    return result
  }

  func straightened(_ outcome: Outcome) -> Outcome {
    Outcome(
      forward: straightened(outcome.forward), backward: straightened(outcome.backward))
  }

  /// The call on arrays in the order of the source.
  func call(_ norm: TestNorm) throws -> TestCall {
    var call = try TestCall(norm, given.type, given.phase, sizes: given.sizes)
    call.numbers = straightened(given.numbers)
    call.scalars = given.scalars
    call.counters = given.counters
    return call
  }
}
