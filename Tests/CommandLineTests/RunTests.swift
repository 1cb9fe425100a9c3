import Foundation
import NumPyFormat
import Testing

/// Runs of norms whose results are known from the formula.
@Suite struct RunTests {
  /// A norm with each kind of input; for it all results are small exact numbers.
  private static let spec = """
    norm earlier(x[N]) -> y { y = x }

    norm mix(x[N..., C]) -> y, total {
      scalar  k = 2, doubled = true
      param   weight[C] = 1
      mask    valid[C]
      state   seen = 0
      counter step
      next seen = if step >= 0 then seen + size(N, C) else 0
      total = sum[C](x where valid)
      y     = if doubled then k * x * weight else x
    }
    """

  private static let engines = ["jit", "cc", "interpreter"]

  @Test(arguments: engines)
  func writesOutputsStatesAndCounters(engine: String) throws {
    let tool = try prepared()
    let outcome = try run(tool, engine)
    #expect(outcome.messages == "")
    #expect(outcome.status == 0)
    #expect(try tool.files("out") == ["seen.npy", "step.npy", "total.npy", "y.npy"])
    let y = try tool.read("out/y.npy")
    #expect(y == NumPyArray(shape: [2, 1, 3], elements: .float32([2, 4, 6, 8, 10, 12])))
    let total = try tool.read("out/total.npy")
    #expect(total == NumPyArray(shape: [2, 1], elements: .float32([4, 10])))
    #expect(try tool.read("out/seen.npy") == NumPyArray(shape: [], elements: .float32([6])))
    #expect(try tool.read("out/step.npy") == NumPyArray(shape: [], elements: .int64([1])))
  }

  @Test(arguments: engines)
  func writtenStatesGoOnInTheNextRun(engine: String) throws {
    let tool = try prepared()
    _ = try run(tool, engine)
    let outcome = try run(
      tool, engine, ["--input", "seen=out/seen.npy", "--input", "step=out/step.npy"])
    #expect(outcome.messages == "")
    #expect(try tool.read("out/seen.npy") == NumPyArray(shape: [], elements: .float32([12])))
    #expect(try tool.read("out/step.npy") == NumPyArray(shape: [], elements: .int64([2])))
  }

  @Test(arguments: engines)
  func backwardWritesTheGradientOfEachTensorAndParameter(engine: String) throws {
    let tool = try prepared()
    try tool.write("d_y.npy", [2, 1, 3], .float64([1, 0, 0, 0, 1, 0]))
    try tool.write("d_total.npy", [2, 1], .float64([10, 20]))
    let outcome = try run(
      tool, engine,
      ["--backward", "--input", "d_y=d_y.npy", "--input", "d_total=d_total.npy"])
    #expect(outcome.messages == "")
    // d_x is 2 weight d_y, and d_total where valid; d_weight is the sum of 2 x d_y.
    let expected: [Float] = [12, 0, 10, 20, 2, 20]
    #expect(
      try tool.read("out/d_x.npy") == NumPyArray(shape: [2, 1, 3], elements: .float32(expected)))
    #expect(
      try tool.read("out/d_weight.npy") == NumPyArray(shape: [3], elements: .float32([2, 10, 0]))
    )
  }

  @Test(arguments: ["jit", "cc"])
  func threadsChangeNoBit(engine: String) throws {
    let tool = try prepared()
    // More elements than are worth a second thread.
    let count = 240 * 300
    let numbers = (0..<count).map { Float(($0 * 7919) % 1013) / 256 }
    try tool.write("large.npy", [240, 300], .float32(numbers))
    let spec = Tool.package.appending(path: "specs/layer_norm.norm").path
    let arguments = [
      "run", spec, "--engine", engine, "--backward", "--input", "x=large.npy", "--input",
      "d_y=large.npy",
    ]
    for threads in ["1", "2", "3", "all"] {
      let outcome = try tool.run(arguments + ["--output", threads, "--threads", threads])
      #expect(outcome.messages == "")
      #expect(outcome.status == 0)
    }
    for file in try tool.files("1") {
      let expected = try tool.read("1/" + file)
      for threads in ["2", "3", "all"] {
        #expect(try tool.read(threads + "/" + file) == expected, "\(file), \(threads) threads")
      }
    }
  }

  @Test(arguments: ["0", "-1", "1025", "two", "1.5", ""])
  func aNumberOfThreadsWithoutSenseIsRefused(threads: String) throws {
    let outcome = try run(prepared(), "jit", ["--threads=" + threads])
    #expect(outcome.status == 2)
    #expect(outcome.messages.contains("--threads"))
  }

  @Test func theInterpreterHasOneThread() throws {
    let outcome = try run(prepared(), "interpreter", ["--threads", "2"])
    #expect(outcome.status == 2)
    #expect(outcome.messages.contains("--threads is for --engine jit and cc"))
  }

  @Test(arguments: engines)
  func settingsTypeAndPhaseReachTheRun(engine: String) throws {
    let tool = try prepared()
    let outcome = try run(
      tool, engine, ["--set", "doubled=false", "--type", "f64", "--phase", "eval"])
    #expect(outcome.messages == "")
    let y = try tool.read("out/y.npy")
    #expect(y == NumPyArray(shape: [2, 1, 3], elements: .float64([1, 2, 3, 4, 5, 6])))
    // Evaluation is no training call.
    #expect(try tool.read("out/step.npy") == NumPyArray(shape: [], elements: .int64([0])))
  }

  @Test(arguments: engines)
  func aLayoutChangesTheOrderOfFilesAndNothingElse(engine: String) throws {
    let tool = try Tool()
    try tool.write("rows.norm", "norm rows(x[N, C]) -> y { y = x - mean[C](x) }")
    try tool.write("x.npy", [2, 3], .float64([1, 10, 2, 20, 3, 30]))
    try tool.write("t.npy", [3, 2], .float64([1, 20, 10, 3, 2, 30]))
    let rows = try tool.run(
      "run", "rows.norm", "--input", "x=x.npy", "--engine", engine, "--output", "rows")
    let columns = try tool.run(
      "run", "rows.norm", "--input", "x=t.npy", "--engine", engine, "--output", "columns",
      "--layout", "x=C,N")
    #expect(rows.messages + columns.messages == "")
    guard case .float32(let a) = try tool.read("rows/y.npy").elements,
      case .float32(let b) = try tool.read("columns/y.npy").elements
    else {
      Issue.record("the outputs are not float32")
      return
    }
    #expect(try tool.read("columns/y.npy").shape == [3, 2])
    for n in 0..<2 {
      for c in 0..<3 { #expect(abs(a[n * 3 + c] - b[c * 2 + n]) < 1e-5, "at \(n), \(c)") }
    }
  }

  @Test(arguments: engines)
  func aGradientBlockIsGivenTheAdjointAsItLies(engine: String) throws {
    let tool = try Tool()
    try tool.write(
      "passed.norm", "norm passed(x[N, C]) -> y { y = 3 * x  gradient of y by g { grad x = g } }")
    let columns = NumPyArray(shape: [3, 2], elements: .float32([1, 2, 3, 4, 5, 6]))
    try tool.write("t.npy", columns.shape, columns.elements)
    let outcome = try tool.run(
      "run", "passed.norm", "--input", "x=t.npy", "--input", "d_y=t.npy", "--backward",
      "--engine", engine, "--layout", "x=C,N")
    #expect(outcome.messages == "")
    #expect(try tool.read("d_x.npy") == columns)
  }

  @Test func theNormOfAFileIsChosenByName() throws {
    let tool = try prepared()
    try tool.write("v.npy", [2], .float64([7, 8]))
    let outcome = try tool.run(
      "run", "mix.norm", "--norm", "earlier", "--input", "x=v.npy", "--engine", "interpreter")
    #expect(outcome.messages == "")
    #expect(try tool.read("y.npy") == NumPyArray(shape: [2], elements: .float32([7, 8])))
  }

  /// The numbers that a run is given are rounded to its types, whatever their files hold; bfloat16
  /// is written as float32.
  @Test(arguments: engines)
  func numbersOf16BitsAreRounded(engine: String) throws {
    let tool = try Tool()
    try tool.write("scaled.norm", "norm scaled(x[N]) -> y { param w[N] = 1  y = 2 * x * w }")
    try tool.write("w.npy", [3], .float64([1, 1, 1 + 0x1p-20]))
    // 1 + 2^-8 is a tie, 1 + 3 * 2^-8 too; 2 w rounds back to 2.
    let x = [1 + 0x1p-8, 1 + 0x3p-8, 1]
    try tool.write("wide.npy", [3], .float64(x))
    try tool.write("short.npy", [3], .bfloat16([0x3F80, 0x3F82, 0x3F80]))
    for file in ["wide", "short"] {
      let outcome = try tool.run(
        "run", "scaled.norm", "--input", "x=\(file).npy", "--input", "w=w.npy", "--type", "bf16",
        "--engine", engine)
      #expect(outcome.messages == "")
      let y = NumPyArray(shape: [3], elements: .float32([2, 2 + 0x1p-5, 2]))
      #expect(try tool.read("y.npy") == y, "\(file)")
    }
    let outcome = try tool.run(
      "run", "scaled.norm", "--input", "x=wide.npy", "--input", "w=w.npy", "--type", "f16",
      "--engine", engine)
    #expect(outcome.messages == "")
    let y = NumPyArray(shape: [3], elements: .float16([2 + 0x1p-7, 2 + 0x3p-7, 2]))
    #expect(try tool.read("y.npy") == y)
  }

  @Test func streamsStandInForFiles() throws {
    let tool = try Tool()
    let x = NumPyArray(shape: [2], elements: .float64([3, 4]))
    try tool.write("twice.norm", "norm twice(x[N]) -> y { y = 2 * x }")
    let outcome = try tool.run(
      ["run", "twice.norm", "--input", "x=-", "--output", "-", "--engine", "interpreter"],
      input: Data(x.encoded()))
    #expect(outcome.messages == "")
    let y = try NumPyArray(decoding: [UInt8](outcome.output), name: "stdout")
    #expect(y == NumPyArray(shape: [2], elements: .float32([6, 8])))
    #expect(try tool.files() == ["twice.norm"])
  }

  private func prepared() throws -> Tool {
    let tool = try Tool()
    try tool.write("mix.norm", Self.spec)
    try tool.write("x.npy", [2, 1, 3], .float64([1, 2, 3, 4, 5, 6]))
    try tool.write("valid.npy", [3], .uint8([1, 0, 255]))
    return tool
  }

  private func run(
    _ tool: Tool, _ engine: String, _ more: [String] = []
  ) throws -> Tool.Outcome {
    try tool.run(
      [
        "run", "mix.norm", "--input", "x=x.npy", "--input", "valid=valid.npy", "--engine", engine,
        "--output", "out",
      ] + more)
  }
}
