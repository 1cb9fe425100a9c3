import NumPyFormat
import Testing

/// `run --event`, and indices in files.
@Suite struct RunEventTests {
  private static let engines = ["jit", "cc", "interpreter"]
  private static let spec = """
    norm mix(x[N, C]) -> y {
      axis    K = 3
      index   label[N] of K
      param   weight[K, C] = 1
      state   total[C] = 1
      counter step
      y = x * weight[label] + total + 0 * step
      event finish(k) {
        next total  = total * k + sum[N](x)
        next weight = weight * 2
        next step   = step - k
      }
    }
    """

  private func prepared() throws -> Tool {
    let tool = try Tool()
    _ = try tool.write("mix.norm", Self.spec)
    _ = try tool.write("x.npy", [2, 2], .float32([1, 2, 3, 4]))
    _ = try tool.write("label.npy", [2], .int64([2, 0]))
    _ = try tool.write("wrong.npy", [2], .int64([2, 3]))
    _ = try tool.write("step.npy", [], .int64([7]))
    return tool
  }

  @Test(arguments: engines)
  func anEventWritesWhatItSets(engine: String) throws {
    let tool = try prepared()
    let outcome = try tool.run(
      "run", "mix.norm", "--event", "finish", "--set", "k=3", "--input", "x=x.npy", "--input",
      "step=step.npy", "--engine", engine, "--output", "out")
    #expect(outcome.messages == "")
    #expect(try tool.files("out") == ["step.npy", "total.npy", "weight.npy"])
    let total = try tool.read("out/total.npy")
    #expect(total == NumPyArray(shape: [2], elements: .float32([7, 9])))
    #expect(try tool.read("out/step.npy") == NumPyArray(shape: [], elements: .int64([4])))
  }

  @Test(arguments: engines)
  func anIndexOutOfRangeIsAnError(engine: String) throws {
    let tool = try prepared()
    let run = { (label: String) in
      try tool.run(
        "run", "mix.norm", "--input", "x=x.npy", "--input", "label=\(label)", "--engine", engine,
        "--output", "out")
    }
    #expect(try run("label.npy").status == 0)
    let before = try tool.files("out").map { try tool.read("out/\($0)") }
    #expect(before.count == 3)
    let outcome = try run("wrong.npy")
    #expect(try tool.files("out").map { try tool.read("out/\($0)") } == before)
    #expect(outcome.status != 0)
    #expect(outcome.messages.contains("place") && !outcome.messages.contains("bug"))
  }

  @Test func anEventThatIsNotThereIsNamed() throws {
    let tool = try prepared()
    let outcome = try tool.run("run", "mix.norm", "--event", "finnish")
    #expect(outcome.messages.contains("mix has no event named 'finnish'; did you mean 'finish'?"))
    let without = try tool.run("run", "mix.norm", "--event", "finish", "--input", "x=x.npy")
    #expect(without.messages.contains("finish needs --set k=NUMBER"))
  }
}
