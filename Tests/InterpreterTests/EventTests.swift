import Basics
import Syntax
import Testing

@testable import Interpreter

@Suite struct EventTests {
  private static let epochs = """
    norm epochs(x[N, S, C]) -> y {
      scalar  eps = 1e-3
      param   weight[C] = 1
      state   total[S, C] = 0, spread[S, C] = 2
      mask    valid[N]
      counter steps
      mean = mean[N](x where valid)
      train { m = mean   next total = total + mean }
      eval { m = total }
      y = (x - m) * weight + eps
      event start { next total = 0   next steps = 0 }
      event finish {
        bessel      = size(N) / (size(N) - 1)
        next total  = total / steps * bessel
        next spread = mean
      }
      event scale(by, from) {
        shift       = mean[S](mean)
        next weight = weight * by + from * shift
        next steps  = steps * by
      }
    }
    """

  private func binding() -> Binding {
    var generator = SplitMix64(seed: 5)
    return Binding(
      sizes: ["N": 3, "S": 2, "C": 2],
      inputs: [
        "x": generator.numbers(12, in: -2...2), "valid": [1, 0, 1],
        "total": generator.numbers(4, in: -2...2), "weight": [3, 4],
      ], counters: ["steps": 5])
  }

  /// `weight * by + factor * (sum over the valid N and all S of x)`, for each of 2 channels.
  private func scaled(
    _ weight: [Double], by: Double, _ x: [Double], factor: Double
  ) -> [Double] {
    weight.indices.map { channel in
      let sum = [0, 2, 8, 10].reduce(0.0) { $0 + x[$1 + channel] }
      return weight[channel] * by + factor * sum
    }
  }

  @Test func anEventForgets() throws {
    let interpreter = Interpreter(try checkedNorm(Self.epochs))
    let result = try interpreter.event(
      "start", Binding(sizes: ["S": 2, "C": 2], counters: ["steps": 5]))
    #expect(result.arrays == ["total": [0, 0, 0, 0]])
    #expect(result.counters == ["steps": 0])
  }

  @Test func anEventReadsStatesCountersSizesAndStatistics() throws {
    let interpreter = Interpreter(try checkedNorm(Self.epochs))
    let binding = binding()
    let result = try interpreter.event("finish", binding)
    let (x, total) = (try #require(binding.inputs["x"]), try #require(binding.inputs["total"]))
    #expect(agree(try #require(result.arrays["total"]), total.map { $0 / 5 * 1.5 }))
    let means = (0..<4).map { (x[$0] + x[$0 + 8]) / 2 }
    #expect(agree(try #require(result.arrays["spread"]), means))
    #expect(Set(result.arrays.keys) == ["total", "spread"])
    #expect(result.counters == [:])
  }

  @Test func anEventSetsParametersByItsArguments() throws {
    let interpreter = Interpreter(try checkedNorm(Self.epochs))
    let binding = binding()
    let x = try #require(binding.inputs["x"])
    let result = try interpreter.event("scale", binding, arguments: ["by": 0.5, "from": 2])
    let expected = scaled([3, 4], by: 0.5, x, factor: 2.0 / 4)
    #expect(agree(try #require(result.arrays["weight"]), expected))
    // 2.5 is as near to 2 as to 3; the even one is taken.
    #expect(result.counters == ["steps": 2])
  }

  @Test(arguments: [(-1.0, 7), (.nan, 7), (1e300, 7), (3.4, 24), (0, 0)])
  func aCounterThatHasNoCountStays(factor: Double, expected: Int) throws {
    let interpreter = Interpreter(try checkedNorm(Self.epochs))
    var binding = binding()
    binding.counters["steps"] = 7
    let result = try interpreter.event("scale", binding, arguments: ["by": factor, "from": 0])
    #expect(result.counters == ["steps": expected])
  }

  @Test func aStateStaysWhereItsNewValueIsEmpty() throws {
    let interpreter = Interpreter(try checkedNorm(Self.epochs))
    var binding = binding()
    binding.inputs["valid"] = [0, 0, 0]
    let result = try interpreter.event("finish", binding)
    #expect(result.arrays["spread"] == [2, 2, 2, 2])
  }

  @Test func whatAnEventLacksIsSaid() throws {
    let interpreter = Interpreter(try checkedNorm(Self.epochs))
    #expect(throws: InterpreterError.unknownEvent("stop")) {
      try interpreter.event("stop", binding())
    }
    #expect(throws: InterpreterError.missingValue("from")) {
      try interpreter.event("scale", binding(), arguments: ["by": 1])
    }
    #expect(throws: InterpreterError.unknownName("k")) {
      try interpreter.event("start", binding(), arguments: ["k": 1])
    }
    #expect(throws: InterpreterError.missingSize("N")) {
      try interpreter.event("finish", Binding(sizes: ["S": 2, "C": 2]))
    }
    #expect(throws: InterpreterError.missingValue("x")) {
      try interpreter.event("finish", Binding(sizes: ["N": 3, "S": 2, "C": 2]))
    }
  }

  @Test func theEventsOfACalledNormComeAlong() throws {
    let text = Self.epochs + "\nnorm f(x[N, S, D]) -> u { u = epochs(2 * x, C: D) }"
    let interpreter = Interpreter(try #require(try checkedNorms(text).last))
    var binding = binding()
    binding.sizes = ["N": 3, "S": 2, "D": 2]
    binding.inputs = [
      "x": try #require(binding.inputs["x"]), "u_valid": [1, 0, 1], "u_weight": [3, 4],
    ]
    binding.counters = [:]
    let x = try #require(binding.inputs["x"])
    let result = try interpreter.event("u_scale", binding, arguments: ["u_by": 0.5, "u_from": 2])
    let expected = scaled([3, 4], by: 0.5, x, factor: 2.0 / 2)
    #expect(agree(try #require(result.arrays["u_weight"]), expected))
  }
}
