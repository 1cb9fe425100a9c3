import NormGen
import Syntax
import Testing

@testable import Passes

/// Arguments have no name that generated C defines itself: it would be hidden, or hide.
@Suite struct NamesInCTests {
  @Test(arguments: ["layer_norm", "batch_norm", "group_norm", "power_norm", "softmax"])
  func whatAFileDefinesIsReserved(name: String) throws {
    let source = try compile(Goldens.shipped(name), Options()).source
    let definitions = [
      /^(?:INLINE|SHARED|HELPER|KERNEL|static)\b[^;{(=]*?\b(?:NAME\()?([a-z]\w*)\)?\(/,
      /^typedef [^;{]*?(\w+);/, /^\} (\w+);/,
    ].map { $0.anchorsMatchLineEndings() }
    let names = definitions.flatMap { source.matches(of: $0).map { String($0.1) } }
    #expect(names.count > 50)
    let open = Set(names).filter {
      !reservedNames.contains($0) && !isFormedInC($0, of: []) && !$0.hasPrefix(name)
    }
    #expect(open == [])
  }

  @Test func aNameIsFormedOfOthers() {
    for name in ["forward", "backward_1", "part_sum", "x_slots", "x_count", "d_x_i", "places_2"] {
      #expect(isFormedInC(name, of: ["x"]), "\(name)")
    }
    for name in [
      "x", "weight", "token_count", "x_1", "running_mean", "n_groups", "d_model", "_", "",
    ] {
      #expect(!isFormedInC(name, of: ["x"]), "\(name)")
    }
  }

  @Test func sizesAreNoVariablesOfLoops() {
    #expect(
      ["N", "C", "n", "i", "class", "t"].map(sizeNameInC) == ["N", "C", "n_", "i_", "class_", "t"])
  }
}
