import Foundation
import NumPyFormat
import Testing

/// Inputs of runs that do not fit: one sentence each, exit 1, and no file is written.
@Suite struct BadInputTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    try tool.write(
      "scale.norm",
      """
      norm scale(x[N..., C], r[N..., C]) -> y {
        scalar k = 2
        param  weight[C] = 1
        mask   valid[C]
        counter step
        y = if valid then (x + r) * weight * k / step else 0
      }
      """)
    try tool.write("x.npy", [2, 3], .float64([1, 2, 3, 4, 5, 6]))
    try tool.write("r.npy", [2, 3], .float64([0, 0, 0, 0, 0, 0]))
    try tool.write("valid.npy", [3], .bool([true, false, true]))
  }

  @Test func theInputsOfThisSuiteAreGoodOtherwise() throws {
    let outcome = try run()
    #expect(outcome.messages == "")
    #expect(outcome.status == 0)
  }

  @Test func aFileThatIsCutShort() throws {
    let whole = try Data(contentsOf: tool.directory.appending(path: "x.npy"))
    try whole.dropLast(8).write(to: tool.directory.appending(path: "x.npy"))
    try expectError(
      "x.npy: is cut short: (2, 3) of float64 takes 48 bytes, but only 40 follow the header")
  }

  @Test func aFileOfAnotherFormat() throws {
    try tool.write("x.npy", "1,2,3\n")
    try expectError(
      "x.npy: is not in NumPy's .npy format, which begins with the bytes 93 4E 55 4D 50 59")
  }

  @Test func aFileInFortranOrder() throws {
    let fortran = Tool.package.appending(path: "Tests/NumPyFormatTests/Arrays/fortran.npy")
    let outcome = try run("--input", "weight=\(fortran.path)")
    #expect(outcome.status == 1)
    #expect(
      outcome.messages.hasSuffix(
        "is in Fortran order; expected C order"
          + " (save numpy.ascontiguousarray(a))\n"))
  }

  @Test func filesOfTheWrongType() throws {
    try tool.write("w.npy", [3], .int64([1, 2, 3]))
    try expectError(
      "w.npy: holds int64; expected float16, bfloat16, float32 or float64 for weight[C]",
      "--input", "weight=w.npy")
    try tool.write("valid.npy", [3], .float64([1, 0, 1]))
    try expectError("valid.npy: holds float64; expected bool or uint8 for valid[C]")
    try tool.write("valid.npy", [3], .bool([true, false, true]))
    try tool.write("step.npy", [], .float64([1]))
    try expectError(
      "step.npy: holds float64; expected int64 for step", "--input", "step=step.npy")
  }

  @Test func shapesThatDisagree() throws {
    try tool.write("w.npy", [4], .float64([1, 2, 3, 4]))
    try expectError(
      "w.npy: has 4 elements along C of weight[C]; expected 3, as in x.npy",
      "--input", "weight=w.npy")
    try expectError(
      "x.npy: has 3 elements along C of x[N..., C]; expected 5, as in --size C=5",
      "--size", "C=5")
    try tool.write("w.npy", [1, 3], .float64([1, 2, 3]))
    try expectError(
      "w.npy: has the shape (1, 3); expected 1 dimension for weight[C]",
      "--input", "weight=w.npy")
    try tool.write("r.npy", [1, 2, 3], .float64([0, 0, 0, 0, 0, 0]))
    try expectError("r.npy: has (1, 2) where r[N..., C] has N; expected (2,), as in x.npy")
    try tool.write("x.npy", [], .float64([0]))
    try expectError(
      "x.npy: has the shape (); expected at least 1 dimension for x[N..., C]")
  }

  @Test func numbersThatAreTooLarge() throws {
    for count: Int64 in [-1, 1 << 53 + 1, .max] {
      try tool.write("step.npy", [], .int64([count]))
      try expectError(
        "step.npy: holds a count of calls below 0 or above 2^53", "--input", "step=step.npy")
    }
    // No element is there, but the weights would be more than memory has addresses for.
    try tool.write("wide.norm", "norm wide(x[N, C]) -> y { param weight[C] = 1  y = x * weight }")
    try tool.write("x.npy", [0, 1 << 62], .float64([]))
    let outcome = try tool.run("run", "wide.norm", "--input", "x=x.npy", "--output", "out")
    #expect(outcome.messages == "error: weight[C] has more elements than can be addressed\n")
  }

  @Test func namesThatTheNormDoesNotHave() throws {
    try expectError(
      "scale has no input named 'wight'; did you mean 'weight'?", "--input", "wight=x.npy")
    try expectError("scale has no scalar named 'kk'; did you mean 'k'?", "--set", "kk=1")
    try expectError("scale has no size named 'Q'; its sizes are N, C", "--size", "Q=1")
    try expectError("there is no norm named 'scal'; did you mean 'scale'?", "--norm", "scal")
    try expectError("x is given twice", "--input", "x=x.npy")
    try expectError("the size C is -3, below 0", "--size", "C=-3")
  }

  @Test func whatHasNoInitialValueIsNeeded() throws {
    let outcome = try tool.run("run", "scale.norm", "--input", "x=x.npy", "--output", "out")
    #expect(outcome.messages == "error: scale needs --input r=FILE.npy\n")
    try expectError("scale needs --input d_y=FILE.npy", "--backward")
  }

  @Test func aDirectoryThatCannotBeWritten() throws {
    try tool.write("file", "")
    let below = try run("--output", "file/out")
    #expect(below.status == 1)
    #expect(below.messages == "error: file/out: cannot be made: Not a directory\n")
    let unwritable = try run("--output", "/proc/normgen")
    #expect(unwritable.status == 1)
    #expect(
      unwritable.messages == "error: /proc/normgen: cannot be made: No such file or directory\n")
  }

  @Test func anOutputThatCannotTakeItsPlaceLeavesTheOthersAlone() throws {
    try FileManager.default.createDirectory(
      at: tool.directory.appending(path: "out/step.npy"), withIntermediateDirectories: true)
    try tool.write("out/y.npy", "old")
    let outcome = try run()
    #expect(outcome.status == 1)
    #expect(outcome.messages == "error: out/step.npy: cannot be written: Is a directory\n")
    #expect(try tool.text("out/y.npy") == "old")
    #expect(try tool.files("out") == ["step.npy", "y.npy"])
  }

  private func run(_ more: String...) throws -> Tool.Outcome { try run(more) }

  private func run(_ more: [String]) throws -> Tool.Outcome {
    try tool.run(
      [
        "run", "scale.norm", "--input", "x=x.npy", "--input", "r=r.npy", "--input",
        "valid=valid.npy", "--engine", "interpreter", "--output", "out",
      ] + more)
  }

  private func expectError(
    _ message: String, _ more: String..., sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try run(more)
    #expect(outcome.messages == "error: \(message)\n", sourceLocation: sourceLocation)
    #expect(outcome.status == 1, sourceLocation: sourceLocation)
    let isWritten = try tool.files().contains("out")
    #expect(!isWritten, "something was written", sourceLocation: sourceLocation)
  }
}
