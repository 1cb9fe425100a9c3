import Basics
import Testing

@testable import Syntax

/// Where called norms are found, and what comes along with them.
@Suite struct CallTests {
  private static let row = """
    norm row(x[N..., C]) -> y {
      scalar eps = 1
      param  weight[C] = 1
      y = x * weight + eps
    }
    """

  private func checked(
    _ text: String, files: [String: String]
  ) -> (norms: [CheckedNorm], messages: String) {
    var diagnostics = DiagnosticSet()
    let norms = check(SourceFile(name: "main.norm", text: text), into: &diagnostics) { name in
      files[name].map { SourceFile(name: name + ".norm", text: $0) }
    }
    return (norms, diagnostics.description)
  }

  @Test func aNormIsFoundInItsFolder() throws {
    let (norms, messages) = checked(
      "norm f(x[N, C]) -> y { y = row(x) }", files: ["row": Self.row])
    #expect(messages == "")
    let norm = try #require(norms.first)
    #expect(norms.count == 1)
    #expect(norm.values.map(\.name) == ["x", "y_eps", "y_weight", "y"])
    #expect(norm.values[2].dimensions.map(\.name) == ["C"])
    #expect(norm.calledSources.count == 1)
  }

  @Test func aNormOfTheSameFileComesFirst() throws {
    let own = "norm row(x[N, C]) -> y { y = 2 * x }\n"
    let (norms, messages) = checked(
      own + "norm f(x[N, C]) -> y { y = row(x) }", files: ["row": Self.row])
    #expect(messages == "")
    #expect(norms.last?.values.map(\.name) == ["x", "y"])
  }

  @Test func mistakesInACalledFileAreShownThere() {
    let (norms, messages) = checked(
      "norm f(x[N, C]) -> y { y = row(x) }", files: ["row": "norm row(x[C]) -> y { y = z }"])
    #expect(norms.isEmpty)
    #expect(messages.contains("main.norm:1:28: error: row.norm has errors"))
    #expect(messages.contains("row.norm:1:27: error: no value named 'z'"))
  }

  @Test func callsOverFilesMayNotGoRound() {
    let (norms, messages) = checked(
      "norm f(x[C]) -> y { y = g(x) }",
      files: ["g": "norm g(x[C]) -> y { y = f(x) }", "f": "norm f(x[C]) -> y { y = g(x) }"])
    #expect(norms.isEmpty)
    #expect(messages.contains("g calls itself: g -> f -> g"))
  }

  @Test func callsThatDoubleAtEachLevelEndInAMessage() {
    var text = "norm f0(x[C]) -> y { y = x }\n"
    for level in 1...20 {
      text += "norm f\(level)(x[C]) -> y { u = f\(level - 1)(x)  y = f\(level - 1)(u) }\n"
    }
    let (norms, messages) = checked(text, files: [:])
    #expect(norms.isEmpty)
    #expect(messages.contains("the norm has too many values (limit 2000)"))
  }

  @Test func callsThatNestTooDeeplyEndInAMessage() {
    var text = ""
    for level in (1...40).reversed() {
      text += "norm f\(level)(x[C]) -> y { y = f\(level - 1)(x) }\n"
    }
    text += "norm f0(x[C]) -> y { y = x }\n"
    let (norms, messages) = checked(text, files: [:])
    #expect(norms.isEmpty)
    #expect(messages.contains("norms call norms too deeply (limit 32)"))
  }

  @Test func aCallForEachPhaseSharesWhatComesAlong() throws {
    let text = """
      norm f(x[N, C]) -> y {
        train { y = row(x) }
        eval { y = row(2 * x) }
      }
      """
    let (norms, messages) = checked(text, files: ["row": Self.row])
    #expect(messages == "")
    #expect(
      norms.first?.values.map(\.name) == ["x", "y_eps", "y_weight", "y", "y_x"])
  }
}
