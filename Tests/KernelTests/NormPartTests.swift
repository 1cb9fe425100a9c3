import LoopIR
import Testing

@testable import NormGen

/// Which functions are compiled together in memory, when one of them is first called.
@Suite struct NormPartTests {
  @Test func phasesAndFormsOfCallsAreApart() throws {
    let norm = try compile(TestNorm.ofSpec("batch_norm").checked, Options())
    let part = { (symbol: String, sizes: [String: Int]) in norm.part(of: symbol) { sizes[$0] } }
    let ordinary = part("batch_norm_forward", ["N": 4, "C": 3, "S": 49])
    #expect(ordinary == .calls(.train, unit: nil))
    #expect(part("batch_norm_backward", ["N": 1, "C": 1, "S": 2]) == ordinary)
    #expect(part("batch_norm_backward", ["S": 1]) == .calls(.train, unit: "S"))
    #expect(part("batch_norm_forward_eval", ["S": 2]) == .calls(.eval, unit: nil))
    #expect(part("batch_norm_backward_eval", ["S": 1]) == .calls(.eval, unit: "S"))
  }

  @Test func aPartHoldsItsFunctionsAlone() throws {
    let norm = try compile(TestNorm.ofSpec("batch_norm").checked, Options())
    let evaluation = norm.restricted(to: .calls(.eval, unit: "S"))
    #expect(
      evaluation.interface.functions.map(\.symbol)
        == ["batch_norm_forward_eval", "batch_norm_backward_eval"])
    #expect(evaluation.jitSource.contains("batch_norm_forward_eval("))
    #expect(!evaluation.jitSource.contains("batch_norm_forward("))
    // Where S is 1 alone, nothing asks whether it is.
    #expect(norm.jitSource.contains("if (S == 1)"))
    #expect(!evaluation.jitSource.contains("if (S == 1)"))
  }

  @Test func statusesHaveTheSameNumbersInAllParts() throws {
    let norm = try compile(TestNorm.ofSpec("group_norm").checked, Options())
    let statuses = norm.jitSource.prefix { $0 != "}" }
    for unit in [nil, "S"] {
      let part = norm.restricted(to: .calls(.train, unit: unit))
      #expect(part.jitSource.prefix { $0 != "}" } == statuses)
    }
  }
}
