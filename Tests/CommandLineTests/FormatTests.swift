import Testing

@Suite struct FormatTests {
  private let untidy = "norm a(x[N,C])->y{y=x-mean[C](x)}\n"

  @Test func formatsInPlaceAndThenChangesNothing() throws {
    let tool = try Tool()
    try tool.write("a.norm", untidy)
    let check = try tool.run("fmt", "--check", "a.norm")
    #expect(check.status == 1)
    #expect(check.messages == "a.norm: is not formatted\n")
    #expect(try tool.text("a.norm") == untidy)
    #expect(try tool.run("fmt", "a.norm").status == 0)
    let formatted = try tool.text("a.norm")
    #expect(formatted.contains("norm a(x[N, C]) -> y {\n  y = x - mean[C](x)\n}\n"))
    #expect(try tool.run("fmt", "--check", "a.norm").status == 0)
  }

  @Test func aStreamIsFormattedToTheOther() throws {
    let outcome = try Tool().run("fmt", "-", input: untidy)
    #expect(outcome.status == 0)
    #expect(outcome.text == "norm a(x[N, C]) -> y {\n  y = x - mean[C](x)\n}\n")
  }

  @Test func aFileThatCannotBeParsedStaysAsItIs() throws {
    let tool = try Tool()
    try tool.write("a.norm", "norm a(x[N] -> y {}")
    let outcome = try tool.run("fmt", "a.norm")
    #expect(outcome.status == 1)
    #expect(outcome.messages.hasPrefix("a.norm:1:"))
    #expect(try tool.text("a.norm") == "norm a(x[N] -> y {}")
  }

  @Test func expansionPrintsEquationsThatCheck() throws {
    let tool = try Tool()
    let spec = Tool.package.appending(path: "specs/batch_norm.norm").path
    let expanded = try tool.run("fmt", "--expand", spec)
    #expect(expanded.status == 0)
    #expect(expanded.text.contains("next running_mean"))
    #expect(!expanded.text.contains("track"))
    let check = try tool.run(["check", "-"], input: expanded.output)
    #expect(check.status == 0)
    #expect(check.messages == "")
  }
}
