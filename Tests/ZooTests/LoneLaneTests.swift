import MachineCode
import Testing

@testable import NormGen

/// Loops that ask for places have all lanes; few of those that compute with places have one.
@Suite struct LoneLaneTests {
  @Test(arguments: ["ghost_batch_norm_contiguous", "batch_group_norm"])
  func onlyTheLoopsThatComputeWithPlacesStayC(_ name: String) throws {
    let compiled = try compile(try #require(Zoo.shared.norm(name)).checked, Options())
    for instructionSet in Target.InstructionSet.allCases {
      let kernels = try #require(compiled.machineKernels(for: instructionSet))
      let reasons = compiled.kernelsInC(for: instructionSet)
      #expect(!reasons.isEmpty && reasons.count < kernels.kernelNames.count)
      #expect(reasons.values.allSatisfy { $0.description.contains("one lane at a time") })
    }
    let tables = compiled.source.split(separator: "static const kernels NAME(kernels) =")
    #expect(tables.count == 2)
    #expect(tables[1].contains("_plain,") && tables[1].contains("NAME("))
  }

  @Test(arguments: [
    "conditional_batch_norm", "domain_batch_norm", "local_response_norm", "partial_rms_norm",
    "poly_norm", "switchable_norm",
  ])
  func rangesOfPlacesHaveAllLanes(_ name: String) throws {
    let compiled = try compile(try #require(Zoo.shared.norm(name)).checked, Options())
    for instructionSet in Target.InstructionSet.allCases {
      #expect(compiled.kernelsInC(for: instructionSet).isEmpty)
    }
  }
}
