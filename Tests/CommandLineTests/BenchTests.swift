import Foundation
import NormGen
import Testing

/// `normgen bench`: its results and its refusals. Nothing here asserts a speed.
@Suite struct BenchTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    try tool.write("f.norm", "norm f(x[N..., C]) -> y { y = x - mean[C](x) }\n")
  }

  private func bench(_ arguments: String...) throws -> Tool.Outcome {
    try tool.run(["bench", "f.norm", "--seconds", "0.001"] + arguments)
  }

  @Test func bothEnginesAreMeasuredUnlessOneIsNamed() throws {
    let both = try bench("--size", "N=3,C=17", "--backward", "--json")
    #expect(both.status == 0)
    let records = try objects(both)
    #expect(records.compactMap { $0["engine"] as? String } == ["jit", "cc", "jit", "cc"])
    #expect(records.first?["case"] as? String == "f forward f32 N=3,C=17")
    #expect(records.first?["bytes"] as? Int == 2 * 4 * 3 * 17)
    #expect(records.last?["case"] as? String == "f backward f32 N=3,C=17")
    let one = try bench("--size", "N=3", "--size", "C=17", "--engine", "jit", "--type", "f64")
    #expect(one.status == 0)
    let lines = one.text.split(separator: "\n")
    #expect(lines.count == 2 && lines[0].contains("GB/s"))
    #expect(lines[1].hasPrefix("f forward f64 N=3,C=17  jit "))
  }

  @Test func phaseAndThreadsAreThoseThatAreAskedFor() throws {
    try tool.write(
      "g.norm",
      """
      norm g(x[N]) -> y {
        state s = 1
        train { next s = 2 }
        y = x * s
      }

      """)
    let outcome = try tool.run(
      "bench", "g.norm", "--size", "N=3", "--seconds", "0.001", "--engine", "cc", "--phase", "eval",
      "--threads", "2", "--json")
    #expect(outcome.status == 0, "\(outcome.messages)")
    let record = try #require(try objects(outcome).first)
    #expect(record["case"] as? String == "g forward eval f32 N=3")
    #expect(record["threads"] as? Int == 2 && record["engine"] as? String == "cc")
  }

  @Test func aRunIsComparedWithAnEarlierOne() throws {
    let first = try bench("--size", "N=3,C=17", "--engine", "jit", "--json")
    try tool.write("first.json", first.text)
    let second = try bench("--size", "N=3,C=17", "--against", "first.json")
    #expect(second.status == 0)
    let lines = second.text.split(separator: "\n", omittingEmptySubsequences: false)
    // A table of both engines, an empty line, and a comparison of the one that both runs have.
    #expect(lines.count == 7 && lines[3].isEmpty && lines[4].hasSuffix("now / before"))
    #expect(lines[5].hasPrefix("f forward f32 N=3,C=17  jit "))
    let third = try bench("--size", "N=3,C=17", "--against", "first.json", "--json")
    #expect(try objects(third).count == 2)
    #expect(third.messages.contains("now / before"))
  }

  @Test func resultsAreVerifiedInTheSameRun() throws {
    let table = try bench("--size", "N=3,C=17", "--backward", "--verify").text
    let lines = table.split(separator: "\n")
    #expect(lines.count == 5 && lines[0].hasSuffix("deviation"))
    let records = try objects(bench("--size", "N=3,C=17", "--verify", "--json"))
    #expect(records.count == 2)
    for record in records { #expect(try #require(record["deviation"] as? Double) < 1e-6) }
    let without = try objects(bench("--size", "N=3,C=17", "--json"))
    #expect(without.allSatisfy { $0["deviation"] == nil })
  }

  @Test func threadsAreGivenAsElsewhere() throws {
    let all = try objects(bench("--size", "N=3,C=17", "--threads", "all", "--json"))
    let processors = Kernel.Threads.processorCount
    #expect(all.map { $0["threads"] as? Int } == [processors, processors])
    let none = try bench("--size", "N=3,C=17", "--threads", "0")
    #expect(none.status == 2 && none.messages.contains("'0' is invalid for '--threads"))
  }

  /// What is lost beside 1e8 is no rounding that a norm should have.
  @Test func whatDeviatesFailsAfterTheTable() throws {
    try tool.write("g.norm", "norm g(x[N]) -> y { y = (x + 1e8) - 1e8 }\n")
    let outcome = try tool.run(
      "bench", "g.norm", "--size", "N=33", "--seconds", "0.001", "--engine", "jit", "--verify")
    #expect(outcome.status == 1)
    #expect(outcome.text.split(separator: "\n").count == 2)
    #expect(outcome.messages.contains("error: g forward f32 N=33, jit: differs"))
  }

  @Test func anEventIsMeasured() throws {
    try tool.write(
      "e.norm",
      """
      norm e(x[N]) -> y {
        state s = 0
        y = x + s
        event move(by) { next s = s + by }
      }

      """)
    func run(_ arguments: String...) throws -> Tool.Outcome {
      try tool.run(["bench", "e.norm", "--seconds", "0.001", "--size", "N=3"] + arguments)
    }
    let outcome = try run("--event", "move", "--set", "by=2", "--verify", "--json")
    #expect(outcome.status == 0)
    let records = try objects(outcome)
    #expect(records.compactMap { $0["case"] as? String }.first == "e event move f32 N=3")
    #expect(records.count == 2)
    let missing = try run("--event", "move")
    #expect(missing.status == 1 && missing.messages.contains("move needs --set by=NUMBER"))
    let unknown = try run("--event", "moves", "--set", "by=2")
    #expect(unknown.status == 1)
    #expect(unknown.messages.contains("e has no event named 'moves'; did you mean 'move'?"))
    #expect(try run("--event", "move", "--set", "by=2", "--backward").status == 2)
    #expect(try run("--event", "move", "--set", "by=2", "--phase", "eval").status == 2)
  }

  @Test(arguments: [
    (["--size", "N=3"], "nothing gives the size of C"),
    (["--size", "N=3,C=17,D=1"], "no size named 'D'"),
    (["--size", "N=3,C=17", "--set", "eps=1"], "no scalar named 'eps'"),
    (["--size", "N=3,C=17", "--norm", "g"], "no norm named 'g'"),
    (["--size", "N=3,C=17", "--layout", "z=N"], "no tensor named 'z'"),
    (["--size", "N=3,C=17", "--against", "absent.json"], "absent.json: cannot be read"),
    (["--size", "N=3,C=17", "--against", "f.norm"], "f.norm: holds no results"),
    (["--size", "N=1000000000000,C=1000000000000"], "more elements than can be addressed"),
  ])
  func whatCannotBeMeasuredIsRefused(arguments: [String], reason: String) throws {
    let outcome = try tool.run(["bench", "f.norm", "--seconds", "0.001"] + arguments)
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(outcome.messages.contains(reason))
  }

  private func objects(_ outcome: Tool.Outcome) throws -> [[String: Any]] {
    try #require(try JSONSerialization.jsonObject(with: outcome.output) as? [[String: Any]])
  }
}
