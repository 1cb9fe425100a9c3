import Testing

/// `normgen latency`: its table and its refusals. Nothing here asserts a speed.
@Suite struct LatencyTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    try tool.write(
      "f.norm",
      """
      norm f(x[N, C]) -> y { y = x - mean[C](x) }
      norm g(x[N, C]) -> y { y = x / sum[C](x) }

      """)
  }

  @Test func everyNormOfEveryFileHasARow() throws {
    try tool.write("h.norm", "norm h(x[N]) -> y { y = x * x }\n")
    let outcome = try tool.run([
      "latency", "f.norm", "h.norm", "--seconds", "0.001", "--type", "f64", "--size", "N=3",
    ])
    #expect(outcome.status == 0)
    let rows = outcome.text.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(rows.map(\.first) == ["norm", "f", "g", "h"])
    // A name, and five times with their units.
    for row in rows.dropFirst() {
      #expect(row.count == 11)
      let units = row.enumerated().filter { $0.offset > 0 && $0.offset % 2 == 0 }.map(\.element)
      #expect(units.allSatisfy { ["ns", "us", "ms", "s"].contains($0) })
    }
  }

  @Test func callsMayHaveTheirOwnSizes() throws {
    let outcome = try tool.run([
      "latency", "f.norm", "--seconds", "0.001", "--call-size", "N=17,C=65",
    ])
    #expect(outcome.status == 0)
    #expect(outcome.text.split(separator: "\n").count == 3)
  }

  @Test(arguments: [
    (["f.norm", "--size", "D=3"], Int32(1), "no size named 'D'"),
    (["f.norm", "--call-size", "D=3"], 1, "no size named 'D'"),
    (["f.norm", "--call-size", "C"], 2, "--call-size"),
    (["f.norm", "--size", "C=3", "--call-size", "C=4"], 1, "C is fixed at 3"),
    (["absent.norm"], 1, "absent.norm: cannot be read"),
    (["f.norm", "--seconds", "0"], 2, "--seconds must lie above 0"),
  ])
  func whatCannotBeMeasuredIsRefused(arguments: [String], status: Int32, reason: String) throws {
    let outcome = try tool.run(["latency"] + arguments)
    #expect(outcome.status == status)
    #expect(outcome.output.isEmpty)
    #expect(outcome.messages.contains(reason))
  }
}
