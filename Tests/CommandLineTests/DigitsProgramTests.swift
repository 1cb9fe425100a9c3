import Foundation
import Testing

/// `digits`: its results and its refusals.
@Suite struct DigitsProgramTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    try tool.write("half.norm", "norm half(x[N, C]) -> y { y = x / 2 }\n")
    try tool.write("two.norm", "norm two(x[N, C], z[N, C]) -> y { y = x + z }\n")
  }

  private func digits(_ arguments: [String]) throws -> Tool.Outcome {
    let program = Tool.executable.deletingLastPathComponent().appending(path: "digits")
    let data = Tool.package.appending(path: "Tests/Data").path
    return try tool.run(
      program, ["--data", data, "--output", "out/curves.svg", "--epochs", "1"] + arguments)
  }

  @Test func aNormOfTheCallersIsComparedWithNone() throws {
    let outcome = try digits(["half.norm"])
    #expect(outcome.status == 0)
    let lines = outcome.text.split(separator: "\n")
    #expect(lines.count == 4 && lines[0].hasPrefix("norm "))
    #expect(lines[1].hasPrefix("half ") && lines[2].hasPrefix("none "))
    #expect(outcome.messages.contains("half, epoch  1: loss "))
    #expect(try tool.text("out/curves.svg").hasPrefix("<svg "))
    #expect(try digits(["half.norm"]).output == outcome.output)
    #expect(try digits(["half.norm", "--seed", "2"]).output != outcome.output)
  }

  @Test(arguments: [
    (["absent.norm"], 1, "absent.norm: cannot be read"),
    (["two.norm"], 1, "two: a layer has one tensor and one output"),
    (["half.norm", "--data", "nowhere"], 1, "nowhere/digits.npy"),
    (["half.norm", "--epochs", "0"], 64, "--epochs must lie in 1 ... 1000"),
  ])
  func whatCannotBeTrainedIsRefused(
    _ arguments: [String], _ status: Int32, _ reason: String
  ) throws {
    let outcome = try digits(arguments)
    #expect(outcome.status == status)
    #expect(outcome.output.isEmpty && outcome.messages.contains(reason))
    #expect(try !tool.files().contains("out"))
  }
}
