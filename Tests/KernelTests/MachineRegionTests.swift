import Foundation
import LoopIR
import MachineCode
import NormGen
import Synchronization
import Testing

/// Regions as machine code.
@Suite struct MachineRegionTests {
  @Test(arguments: TestNorm.names, Options.Scalar.allCases)
  func noRegionOfASpecStaysC(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    var options = Options()
    options.type = type
    let compiled = try compile(norm.checked, options)
    #expect(!compiled.source.contains("/* for all processors */"), "it computes one lane at a time")
    for instructionSet in Target.InstructionSet.allCases {
      let reasons = compiled.kernelsInC(for: instructionSet)
      #expect(reasons.isEmpty, "\(instructionSet): \(reasons)")
    }
  }

  @Test(arguments: ["layer_norm", "group_norm", "add_rms_norm"], Options.Scalar.short)
  func allVectorsGiveTheSameShorts(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    let kernels = try [Engine.Vectors.avx512, .avx2].map { vectors in
      try kernel(norm, type, .inMemory(vectors))
    }
    let plain = try kernel(norm, type, .inMemory(.none))
    for lengths in [[3, 5, 17], [70, 4, 8], [2, 130, 2]] {
      let sizes = norm.sizes { lengths[$0 % 3] }
      let call = try TestCall(norm, type, .train, sizes: sizes, data: .special, seed: 5)
      let expected = try call.outcome(of: plain)
      for kernel in kernels { expectSameBits(try call.outcome(of: kernel), expected, "\(call)") }
    }
  }

  @Test func threadsCompileAtOnce() throws {
    let norm = try TestNorm.ofSpec("layer_norm")
    let call = try TestCall(
      norm, .float32, .train, sizes: norm.sizes { $0 == 0 ? 5 : 70 }, data: .special, seed: 3)
    let expected = try call.reference()
    let outcomes = Mutex<[Result<Outcome, any Error>]>([])
    DispatchQueue.concurrentPerform(iterations: 16) { place in
      let vectors = Engine.Vectors.allCases[place % Engine.Vectors.allCases.count]
      let outcome = Result {
        try call.outcome(of: kernel(norm, .float32, .inMemory(vectors)))
      }
      outcomes.withLock { $0.append(outcome) }
    }
    for outcome in outcomes.withLock({ $0 }) {
      expectSameBits(try outcome.get(), expected, "\(call)")
    }
  }
}
