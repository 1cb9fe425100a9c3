import LoopIR
import NormGen
import Testing

@testable import Benchmark

/// Measurements of whole norms, at sizes that take no time. Nothing here asserts a speed.
@Suite struct NormBenchmarkTests {
  private static let source = """
    norm shift(x[N..., C]) -> y {
      scalar k
      scalar adds = true
      param  bias[C] = 0
      mask   valid[N]
      state  total[C] = 1
      counter step
      mean = mean[N](x where valid)
      next total = total + mean / step
      y = if adds then k * (x - mean) + bias else x
    }
    """

  private func norm(_ sizes: [String: Int], _ settings: [String: Double] = [:]) throws -> NormCase {
    var options = Options()
    options.sizes = sizes
    options.settings = settings
    var norm = NormCase(try Norm.parse(Self.source)[0].checked, options: options)
    norm.directions = [.forward, .backward]
    return norm
  }

  @Test(arguments: [["N": 3, "C": 5], ["N": 0, "C": 5], ["N": 1, "C": 0]])
  func everyEngineIsMeasuredForwardAndBackward(sizes: [String: Int]) throws {
    let norm = try norm(sizes, ["k": 2, "adds": 0])
    let records = try benchmark(norm, on: [.jit, .cc], seconds: 0.001)
    #expect(records.map(\.engine) == ["jit", "cc", "jit", "cc"])
    let text = "f32 N=\(sizes["N"] ?? -1),C=\(sizes["C"] ?? -1)"
    #expect(
      records.map(\.name)
        == ["forward", "forward", "backward", "backward"].map {
          "shift \($0) \(text)"
        })
    for record in records { #expect(record.median > 0 && record.threads == 1) }
  }

  /// Functions compiled together have one workspace; those that are compiled as they are called
  /// need less, here none.
  @Test func theArraysAreLargeEnoughForEachEngine() throws {
    let source = """
      norm batch(x[N, C, S...]) -> y {
        scalar eps = 1e-5, momentum = 0.1
        reduce N, S
        center
        divide by std
        track ema(momentum)
        affine C
      }
      """
    var options = Options()
    options.sizes = ["N": 2, "C": 3, "S": 5]
    var norm = NormCase(try Norm.parse(source)[0].checked, options: options)
    norm.directions = [.forward, .backward]
    let records = try benchmark(norm, on: [.jit, .cc], seconds: 0.001)
    #expect(records.map(\.engine) == ["jit", "cc", "jit", "cc"])
  }

  @Test func eachInputAndOutputIsCountedOnce() throws {
    let source = """
      norm s(x[N, C]) -> y {
        param b[C] = 0
        mask valid[N]
        state t[C] = 1
        next t = t + 1
        y = if valid then x + b else x
      }
      """
    var options = Options()
    options.sizes = ["N": 3, "C": 5]
    let norm = NormCase(try Norm.parse(source)[0].checked, options: options)
    var store = KernelStore()
    let prepared = try PreparedCase(norm, [.jit], &store)
    // x and y, b, t before and after; valid. Then d_y, d_x, d_b; valid.
    #expect(try prepared.byteCount(.forward) == 4 * (2 * 15 + 3 * 5) + 3)
    #expect(try prepared.byteCount(.backward) == 4 * (2 * 15 + 5) + 3)
  }

  @Test func anotherSourceMayStandInForTheGeneratedOne() throws {
    let source = twice(forward: "2 * x[i]", backward: "2 * d_y[i]")
    let plain = BenchmarkEngine("plain", .cc(command: "gcc", flags: ["-O3"]), source: source)
    let records = try benchmark(try doubling(), on: [plain], seconds: 0.001)
    #expect(records.map(\.engine) == ["plain", "plain"])
    #expect(records.map(\.bytes) == [32, 32])
  }

  private static let events = """
    norm sums(x[N, C]) -> y {
      scalar scale = 2
      param  weight[C] = 1
      state  total[C] = 0, last[C] = 0
      counter steps
      mask   valid[N]
      mean = mean[N](x where valid)
      train { next total = total + mean }
      y = x * weight * scale
      event finish(by) {
        next total  = total / steps * by
        next weight = weight + mean
        next steps  = steps * 2
      }
    }
    """

  @Test func anEventIsMeasuredAlone() throws {
    var options = Options()
    options.sizes = ["N": 3, "C": 5]
    options.settings = ["by": 1.5]
    var norm = NormCase(try Norm.parse(Self.events)[0].checked, options: options)
    norm.event = "finish"
    norm.directions = [.forward, .backward]
    let records = try benchmark(
      norm, on: [.jit, .cc], verification: .interpreter, seconds: 0.001)
    #expect(records.map(\.name) == Array(repeating: "sums event finish f32 N=3,C=5", count: 2))
    // x, and weight and total before and after, the new count; valid.
    #expect(records.map(\.bytes) == Array(repeating: 4 * (15 + 4 * 5) + 8 + 3, count: 2))
    for record in records { #expect(try #require(record.deviation) < 1e-6) }
    norm.event = "begin"
    #expect(throws: InputError.self) { try benchmark(norm, on: [.jit], seconds: 0.001) }
    norm.event = "finish"
    norm.options.settings = [:]
    #expect(throws: InputError.self) { try benchmark(norm, on: [.jit], seconds: 0.001) }
  }

  @Test(arguments: [["N": 7, "C": 5], ["N": 0, "C": 5]])
  func resultsAreComparedWithTheInterpreters(sizes: [String: Int]) throws {
    let norm = try norm(sizes, ["k": 2])
    let records = try benchmark(
      norm, on: [.jit, .cc], verification: .interpreter, seconds: 0.001)
    for record in records { #expect(try #require(record.deviation) < 1e-6, "\(record.name)") }
    let unverified = try benchmark(norm, on: [.jit], seconds: 0.001)
    #expect(unverified.allSatisfy { $0.deviation == nil })
  }

  /// What an engine computes wrong shows in the function that computes it.
  @Test(arguments: [("2 * x[i]", [0, 0.5]), ("NAN", [.infinity, 0.5])])
  func wrongResultsAreFound(forward: String, deviations: [Double]) throws {
    let source = twice(forward: forward, backward: "d_y[i]")
    let plain = BenchmarkEngine("plain", .cc(command: "gcc", flags: ["-O1"]), source: source)
    let records = try benchmark(
      try doubling(), on: [plain], verification: .interpreter, seconds: 0.001)
    #expect(records.map(\.deviation) == deviations)
  }

  @Test func whatDoesNotFitIsTheCallersMistake() throws {
    for (sizes, settings) in [
      (["N": 3], ["k": 1.0]), (["N": 3, "C": 5, "D": 1], ["k": 1]), (["N": -1, "C": 5], ["k": 1]),
      (["N": 3, "C": 5], [:]), (["N": 3, "C": 5], ["k": 1, "z": 1]),
      (["N": 1 << 40, "C": 1 << 40], ["k": 1]), (["N": 1 << 29, "C": 1 << 29], ["k": 1]),
    ] {
      let norm = try norm(sizes, settings)
      #expect(throws: InputError.self, "\(sizes) \(settings)") {
        try benchmark(norm, on: [.jit], seconds: 0.001)
      }
    }
  }
}

/// Twice four numbers.
private func doubling() throws -> NormCase {
  var options = Options()
  options.sizes = ["N": 4]
  var norm = NormCase(
    try Norm.parse("norm twice(x[N]) -> y { y = 2 * x }")[0].checked, options: options)
  norm.directions = [.forward, .backward]
  return norm
}

/// What stands in for the generated C of `doubling`, with an element of each result.
private func twice(forward: String, backward: String) -> String {
  """
  #include <math.h>
  #include "twice.h"
  twice_status twice_forward(size_t N, const float *x, float *y, void *workspace,
                             const normgen_executor *executor) {
    (void)workspace, (void)executor, (void)x;
    for (size_t i = 0; i < N; i++) y[i] = \(forward);
    return TWICE_OK;
  }
  twice_status twice_backward(size_t N, const float *d_y, float *d_x, void *workspace,
                              const normgen_executor *executor) {
    (void)workspace, (void)executor;
    for (size_t i = 0; i < N; i++) d_x[i] = \(backward);
    return TWICE_OK;
  }
  size_t twice_workspace(size_t N) { return 0 * N; }
  const char *twice_status_text(twice_status status) { return status ? "?" : "done"; }
  """
}
