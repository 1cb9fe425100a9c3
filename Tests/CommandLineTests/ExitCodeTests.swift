import Testing

/// What the tool says of its own use: codes, and the stream that each text goes to.
@Suite struct ExitCodeTests {
  @Test func helpIsDataAndSucceeds() throws {
    let outcome = try Tool().run("--help")
    #expect(outcome.status == 0)
    #expect(outcome.messages.isEmpty)
    for command in ["check", "fmt", "explain", "compile", "run", "test", "compare", "bench"] {
      #expect(outcome.text.contains("\n  \(command) "), "\(command) is missing from the help")
    }
  }

  @Test func completionsComeFromTheParser() throws {
    let outcome = try Tool().run("--generate-completion-script", "bash")
    #expect(outcome.status == 0)
    #expect(outcome.text.contains("normgen"))
  }

  @Test(arguments: [
    ["--unknown"],
    ["unknown"],
    ["check"],
    ["run"],
    ["run", "a.norm", "--engine", "gpu"],
    ["run", "a.norm", "--size", "N"],
    ["run", "a.norm", "--size", "N=x"],
    ["run", "a.norm", "--set", "eps=small"],
    ["run", "a.norm", "--input", "x="],
    ["compile", "a.norm", "--type", "f8"],
    ["compile", "a.norm", "--layout", "x=N,,C"],
    ["compile", "a.norm", "--emit", "unknown"],
    ["fmt", "a.norm", "--check", "--expand"],
    ["bench"],
    ["bench", "a.norm", "--engine", "interpreter"],
    ["bench", "a.norm", "--size", "N=1,C"],
    ["bench", "a.norm", "--seconds", "0"],
  ])
  func wrongUsageExitsWithTwo(arguments: [String]) throws {
    let outcome = try Tool().run(arguments)
    #expect(outcome.status == 2)
    #expect(outcome.output.isEmpty)
    #expect(outcome.messages.contains("Error: "))
    #expect(outcome.messages.contains("Usage: normgen"))
  }

  @Test(arguments: ["check", "fmt", "explain", "compile", "run", "test"])
  func aMissingFileExitsWithOne(command: String) throws {
    let outcome = try Tool().run(command, "absent.norm")
    #expect(outcome.status == 1)
    #expect(outcome.output.isEmpty)
    #expect(
      outcome.messages == "error: absent.norm: cannot be read: No such file or directory\n")
  }
}
