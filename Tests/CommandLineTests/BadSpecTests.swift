import Foundation
import Testing

/// Specs that are no specs: each gets a diagnostic in bounded time, and nothing is written.
@Suite struct BadSpecTests {
  @Test(arguments: ["check", "explain", "compile", "run", "test"])
  func errorsOfASpecGoToStandardErrorWithTheirPlace(command: String) throws {
    let tool = try Tool()
    try tool.write("bad.norm", "norm bad(x[N, C]) -> y {\n  y = x * weigth\n}\n")
    let outcome = try tool.run(command, "bad.norm")
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(outcome.messages.hasPrefix("bad.norm:2:11: error: no value named 'weigth'\n"))
    #expect(try tool.files() == ["bad.norm"])
  }

  @Test func allFilesAreCheckedInOneRun() throws {
    let tool = try Tool()
    try tool.write("a.norm", "norm a(x[N]) -> y { y = p }\n")
    try tool.write("b.norm", "norm b(x[N]) -> y { y = q }\n")
    let outcome = try tool.run("check", "a.norm", "b.norm")
    #expect(outcome.messages.contains("a.norm:1:25: error: no value named 'p'"))
    #expect(outcome.messages.contains("b.norm:1:25: error: no value named 'q'"))
  }

  /// Threads have the stack that the shell allows, or 2 MB where it sets no limit.
  @Test func theDeepestNormIsCompiledWhateverTheLimitOfTheStack() throws {
    let tool = try Tool()
    let steps = (0..<240).map { "a\($0 + 1) = tanh(a\($0)) * x" }.joined(separator: "\n")
    try tool.write("deep.norm", "norm deep(x[N, C]) -> y {\na0 = x\n\(steps)\ny = a240 }")
    try tool.write("x.npy", [2, 3], .float32([1, 2, 3, 4, 5, 6]))
    let command = """
      ulimit -S -s $(ulimit -H -s) && "\(Tool.executable.path)" run deep.norm --engine jit \
      --backward --input x=x.npy --input d_y=x.npy --output out
      """
    let outcome = try tool.run(URL(filePath: "/bin/sh"), ["-c", command])
    #expect(outcome.status == 0, "\(outcome.messages)")
    #expect(try tool.read("out/d_x.npy").shape == [2, 3])
  }

  @Test func diagnosticsAsJSONAreDataWithPlaces() throws {
    struct Report: Decodable {
      struct Range: Decodable { var line: Int, column: Int, endLine: Int, endColumn: Int }
      var file: String, severity: String, message: String, range: Range
    }
    let tool = try Tool()
    let outcome = try tool.run("check", "--json", "-", input: "norm a(x[N]) -> y { y = q }")
    #expect(outcome.status == 1)
    #expect(outcome.messages.isEmpty)
    let reports = try JSONDecoder().decode([Report].self, from: outcome.output)
    #expect(reports.count == 1)
    #expect(reports.first?.file == "-")
    #expect(reports.first?.severity == "error")
    #expect(reports.first?.message == "no value named 'q'")
    #expect(reports.first?.range.column == 25)
    let clean = try tool.run("check", "--json", "-", input: "norm a(x[N]) -> y { y = x }")
    #expect(clean.status == 0)
    #expect(try JSONDecoder().decode([Report].self, from: clean.output).isEmpty)
  }

  @Test func bytesThatAreNoTextAreNamed() throws {
    let tool = try Tool()
    let noText = try tool.run(["check", "-"], input: Data("norm a".utf8) + [0xFF])
    #expect(noText.status == 1)
    #expect(noText.messages.contains("not UTF-8 text (byte 0xFF)"))
    let nul = try tool.run(["check", "-"], input: Data("norm a".utf8) + [0])
    #expect(nul.status == 1)
    #expect(nul.messages.contains("-:1:7: error: "))
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["(", "-", "2^", "if x then ", "not "])
  func deepNestingIsRefused(opening: String) throws {
    let text = "norm a(x[N]) -> y { y = " + String(repeating: opening, count: 100_000) + "x }"
    let outcome = try Tool().run("check", "-", input: text)
    #expect(outcome.status == 1)
    #expect(outcome.messages.contains("nested too deeply (limit 256)"))
  }

  @Test func whatIsTooMuchForTheCompilerIsRefused() throws {
    let equations = (1...1500).map { "v\($0) = tanh(v\($0 - 1))" }.joined(separator: "\n")
    let deep = "norm deep(x[N]) -> y { v0 = x\n\(equations)\ny = v1500 }"
    let axes = (0...64).map { "A\($0)" }.joined(separator: ", ")
    let wide = "norm wide(x[\(axes)]) -> y { y = x - mean[A0](x) }"
    for (text, message) in [
      (deep, "deep: 1500 operations follow one from another; at most 500 can be compiled"),
      (wide, "wide: a norm of more than 63 axes, splits and windows counted, is not supported yet"),
    ] {
      let outcome = try Tool().run("compile", "-", input: text)
      #expect(outcome.status == 1)
      #expect(outcome.messages.contains("error: " + message))
    }
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["x", "norm ", "x = y\n", "\"\u{e9}\u{1F600}"])
  func tenMegabytesGetBoundedMessages(part: String) throws {
    let text = String(repeating: part, count: 10_000_000 / part.utf8.count)
    let outcome = try Tool().run("check", "-", input: text)
    #expect(outcome.status == 1)
    #expect(outcome.messages.contains("error: "))
    #expect(outcome.messages.utf8.count < 200_000)
  }

  @Test func filesLargerThanAnySpecAreNotRead() throws {
    let outcome = try Tool().run(["check", "/dev/zero"])
    #expect(outcome.status == 1)
    #expect(outcome.messages == "error: /dev/zero: is larger than 64 MiB\n")
  }
}
