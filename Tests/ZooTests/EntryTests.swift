import LoopIR
import MachineCode
import Testing

@testable import NormGen

/// Public functions of the zoo are machine code but for a few.
@Suite struct EntryTests {
  @Test func onlyWhatReadsIndicesOrIsForRanksStaysC() throws {
    for norm in Zoo.shared.norms {
      let compiled = try compile(norm.checked, Options())
      for instructionSet in Target.InstructionSet.allCases {
        for (symbol, reason) in compiled.entriesInC(for: instructionSet) {
          let text = reason.description
          let isExpected =
            text == "the function take_places" || text.hasSuffix("_WORDS")
            || text.hasSuffix("_bytes_packed") || text.hasSuffix("_merge_packed")
          #expect(isExpected, "\(norm.name) \(symbol): \(text)")
        }
      }
    }
  }
}
