import LoopIR
import MachineCode
import Testing

@testable import NormGen

/// Loops that count places have one lane; the others of their norm have all.
@Suite struct LoneLaneTests {
  @Test(arguments: ["mabn", "split_batch_norm", "batch_group_norm"])
  func onlyTheLoopsThatCountPlacesStayC(_ name: String) throws {
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

  @Test func rowsThatAClassSelectsHaveAllLanes() throws {
    let norm = try #require(Zoo.shared.norm("conditional_batch_norm")).checked
    let compiled = try compile(norm, Options())
    for instructionSet in Target.InstructionSet.allCases {
      #expect(compiled.kernelsInC(for: instructionSet).isEmpty)
    }
  }
}
