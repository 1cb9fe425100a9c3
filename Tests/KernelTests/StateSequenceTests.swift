import Testing

@testable import NormGen

/// What a forward commits does not reach the backward of an earlier one.
@Suite struct StateSequenceTests {
  /// Its backward reads a state and a counter of its forward.
  private static let stateful = """
    norm stateful(x[N, C]) -> y {
      scalar  eps = 1e-3
      state   power[C] = 1
      counter step
      next power = ema(power, mean[N](x^2), momentum: 0.25)
      y = x / sqrt(power + eps) * step
    }
    """

  static let norms: [Result<TestNorm, any Error>] =
    TestNorm.names.map { name in Result { try TestNorm.ofSpec(name) } }
    + [Result { try TestNorm(text: stateful) }]

  @Test(arguments: norms.indices, Options.Scalar.wide)
  func twoForwardsThenTwoBackwardsAreTheirPairs(_ index: Int, _ type: Options.Scalar) throws {
    let norm = try Self.norms[index].get()
    guard norm.hasStates else { return }
    let kernel = try kernel(norm, type, .jit)
    for phase in norm.phases {
      let sizes = norm.sizes { [4, 7, 3][$0 % 3] }
      let calls = try (1...2).map { seed in
        try TestCall(norm, type, phase, sizes: sizes, seed: UInt64(seed))
      }
      var pairs = Training(calls[0], kernel)
      let first = try (pairs.forward(calls[0]), pairs.backward(calls[0]))
      let second = try (pairs.forward(calls[1]), pairs.backward(calls[1]))
      var both = Training(calls[0], kernel)
      let forwards = try (both.forward(calls[0], 0), both.forward(calls[1], 1))
      let backwards = try (both.backward(calls[0], 0), both.backward(calls[1], 1))
      #expect(forwards.0 == first.0 && forwards.1 == second.0, "\(calls[0])")
      #expect(backwards.0 == first.1 && backwards.1 == second.1, "\(calls[0])")
      #expect(both.states == pairs.states && both.counters == pairs.counters)
      // Otherwise nothing has been committed that could reach a backward.
      #expect(
        phase == .eval || pairs.states != calls[0].numbers.filter { pairs.states[$0.key] != nil })
    }
  }

  /// The states of a norm as calls commit them.
  private struct Training {
    let kernel: Kernel
    var states: [String: [Double]] = [:]
    var counters: [String: Int]
    private var saved: [Int: [String: KernelArray]] = [:]

    init(_ call: TestCall, _ kernel: Kernel) {
      self.kernel = kernel
      counters = call.counters
      for value in call.norm.checked.values {
        if case .state = value.kind { states[value.name] = call.numbers[value.name] }
      }
    }

    mutating func forward(_ call: TestCall, _ slot: Int = 0) throws -> [String: KernelArray] {
      let written = try now(call).run(.forward, kernel, saved: [:])
      saved[slot] = written
      take(written)
      return written
    }

    mutating func backward(_ call: TestCall, _ slot: Int = 0) throws -> [String: KernelArray] {
      let written = try now(call).run(.backward, kernel, saved: saved[slot] ?? [:])
      take(written)
      return written
    }

    /// The call with the states as they are now.
    private func now(_ call: TestCall) -> TestCall {
      var call = call
      call.numbers.merge(states) { $1 }
      call.counters = counters
      return call
    }

    private mutating func take(_ written: [String: KernelArray]) {
      for name in states.keys { states[name] = written["next_" + name]?.numbers ?? states[name] }
      for name in counters.keys {
        if let count = written["next_" + name]?.numbers.first { counters[name] = Int(count) }
      }
    }
  }

  @Test(arguments: TestedEngine.allCases)
  func aStateWhoseStatisticIsEmptyKeepsItsBits(_ engine: TestedEngine) throws {
    for (name, type) in [
      ("batch_norm", Options.Scalar.float32), ("batch_norm", .float64),
      ("power_norm", .float32), ("power_norm", .float64),
    ] {
      let norm = try TestNorm.ofSpec(name)
      let kernel = try SpecKernels.shared[name, type, engine]
      let empty = norm.sizes { $0 == 0 ? 0 : 5 }
      try expectKept(TestCall(norm, type, .train, sizes: empty), kernel)
      // Elements, but all of them masked out.
      var masked = try TestCall(norm, type, .train, sizes: norm.sizes { _ in 5 })
      guard let valid = masked.numbers["valid"] else { continue }
      masked.numbers["valid"] = valid.map { _ in 0 }
      try expectKept(masked, kernel)
    }
  }

  /// Expects that the forward writes each new state as the old one is, odd numbers included.
  private func expectKept(_ call: TestCall, _ kernel: Kernel) throws {
    var call = call
    let odd = [-0.0, .infinity, call.type.rounded(0.1), call.type.rounded(1e-41), -3]
    for value in call.norm.checked.values {
      if case .state = value.kind { call.numbers[value.name] = odd }
    }
    let written = try call.run(.forward, kernel, saved: [:])
    let states = written.filter { $0.key.hasPrefix("next_") && $0.value.count == odd.count }
    #expect(!states.isEmpty)
    for (name, state) in states {
      #expect(firstDifference(state.numbers, odd) == nil, "\(name), \(call)")
    }
  }
}
