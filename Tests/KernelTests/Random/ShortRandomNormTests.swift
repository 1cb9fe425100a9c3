import LoopIR
import Syntax
import Testing

@testable import NormGen

/// Random norms that store numbers of 16 bits: their results are those of float32, rounded once.
@Suite struct ShortRandomNormTests {
  @Test(arguments: 0..<4, Options.Scalar.short)
  func resultsAreThoseOfFloat32Rounded(_ share: Int, _ type: Options.Scalar) throws {
    for seed in UInt64(1)...40 where seed % 4 == UInt64(share) {
      var generator = SpecGenerator(seed: seed)
      let spec = generator.spec()
      let norm = try TestNorm(text: spec.text)
      let single = try kernel(norm, .float32, .jit)
      var kernels = [try kernel(norm, type, .jit)]
      if seed % 20 == 7 { kernels.append(try kernel(norm, type, .cc(flags: ["-O1"]))) }
      var random = RandomCall(seed: seed)
      for phase in CallPhase.allCases {
        let sizes = try random.sizes(of: norm.checked, phase == .train ? .awkward : .small)
        let call = try random.call(of: norm.checked, sizes, phase, type)
        let expected = stored(try single.evaluate(call), norm, call)
        for kernel in kernels {
          let found = try kernel.evaluate(call)
          #expect(found.counters == expected.counters)
          for (name, numbers) in expected.numbers {
            let difference = firstDifference(found.numbers[name] ?? [], numbers)
            #expect(difference == nil, "seed \(seed), \(name), \(call.summary)\n\(spec.text)")
          }
        }
      }
    }
  }

  /// The results as the arrays of the call hold them.
  private func stored(_ result: CallResult, _ norm: TestNorm, _ call: BoundCall) -> CallResult {
    var result = result
    for value in norm.checked.values {
      let storage = call.storage(of: value)
      for name in [value.name, "d_" + value.name] where !norm.isReadAgain(name) {
        result.numbers[name] = result.numbers[name]?.map { storage.rounded($0) }
      }
    }
    return result
  }
}
