import LoopIR
import MachineCode
import NormGen
import Testing

/// Regions as machine code.
@Suite struct MachineRegionTests {
  @Test(arguments: TestNorm.names, [Options.Scalar.float32, .float64])
  func noRegionOfASpecStaysC(_ name: String, _ type: Options.Scalar) throws {
    let norm = try TestNorm.ofSpec(name)
    var options = Options()
    options.type = type
    let compiled = try compile(norm.checked, options)
    for instructionSet in Target.InstructionSet.allCases {
      let reasons = compiled.regionsInC(for: instructionSet)
      #expect(reasons.isEmpty, "\(instructionSet): \(reasons)")
    }
  }
}
