import NumPyFormat
import Testing

/// Runs of the specs that ship with the project, with each engine: JIT and C give the same bits,
/// and the interpreter the same numbers.
@Suite struct RunSpecsTests {
  @Test(arguments: [["train"], ["train", "eval"]])
  func powerNormWithItsMaskStatesAndCounter(phases: [String]) throws {
    let tool = try Tool()
    try tool.write("x.npy", [3, 4, 5], numbers(60, seed: 1))
    try tool.write("valid.npy", [3, 4], .bool((0..<12).map { $0 % 3 != 1 }))
    try tool.write("d_y.npy", [3, 4, 5], numbers(60, seed: 2))
    for engine in Self.engines {
      // Each phase goes on from the states of the one before.
      for (step, phase) in phases.enumerated() {
        var arguments = [
          "--input", "x=x.npy", "--input", "valid=valid.npy", "--input", "d_y=d_y.npy",
          "--backward", "--phase", phase, "--type", "f64", "--set", "warmup=1",
        ]
        if step > 0 {
          for name in ["phi", "nu", "step"] {
            arguments += ["--input", "\(name)=\(engine)/\(name).npy"]
          }
        }
        try run(tool, "power_norm", engine, arguments)
      }
      #expect(
        try tool.files(engine) == [
          "d_bias.npy", "d_weight.npy", "d_x.npy", "nu.npy", "phi.npy", "step.npy", "y.npy",
        ])
      #expect(try tool.read("\(engine)/step.npy").elements == .int64([1]))
    }
    try expectAgreement(tool, tolerance: "1e-13")
    // The states have moved: phi to the momentum's share of the way from 1, nu away from 0.
    let (phi, nu) = (try tool.read("jit/phi.npy"), try tool.read("jit/nu.npy"))
    for numbers in [phi, nu].map(\.elements) {
      guard case .float64(let values) = numbers else {
        Issue.record("a state is not float64")
        continue
      }
      #expect(values.count == 5 && values.allSatisfy { $0 != 0 && $0 != 1 })
    }
  }

  @Test(arguments: [[6, 5], [4, 5, 3], [3, 5, 2, 4], [2, 5, 2, 3, 2]])
  func batchNormInAnyNumberOfDimensions(shape: [Int]) throws {
    let tool = try Tool()
    let count = shape.reduce(1, *)
    try tool.write("x.npy", shape, numbers(count, seed: 3))
    try tool.write("d_y.npy", shape, numbers(count, seed: 4))
    for engine in Self.engines {
      try run(
        tool, "batch_norm", engine,
        ["--input", "x=x.npy", "--input", "d_y=d_y.npy", "--backward"])
      #expect(try tool.read("\(engine)/y.npy").shape == shape)
      #expect(try tool.read("\(engine)/d_x.npy").shape == shape)
      #expect(try tool.read("\(engine)/running_var.npy").shape == [5])
    }
    try expectAgreement(tool, tolerance: "2e-6")
  }

  @Test func aLayoutOfThePlacesFirstGivesTheSameNumbers() throws {
    let tool = try Tool()
    let (n, c, s) = (2, 5, 6)
    guard case .float64(let channelsFirst) = numbers(n * c * s, seed: 5) else { return }
    func channelsLast(_ values: [Double]) -> [Double] {
      (0..<n).flatMap { n in
        (0..<s).flatMap { s in (0..<c).map { c in values[(n * 5 + c) * 6 + s] } }
      }
    }
    try tool.write("first.npy", [n, c, 2, 3], .float64(channelsFirst))
    try tool.write("last.npy", [n, 2, 3, c], .float64(channelsLast(channelsFirst)))
    for engine in Self.engines {
      try run(
        tool, "batch_norm", engine,
        ["--input", "x=last.npy", "--layout", "x=N,S,C", "--type", "f64"])
    }
    try expectAgreement(tool, tolerance: "1e-13")
    try run(tool, "batch_norm", "jit", ["--input", "x=first.npy", "--type", "f64"], to: "first")
    let (last, first) = (try tool.read("jit/y.npy"), try tool.read("first/y.npy"))
    #expect(last.shape == [n, 2, 3, c] && first.shape == [n, c, 2, 3])
    guard case .float64(let a) = last.elements, case .float64(let b) = first.elements else {
      Issue.record("the outputs are not float64")
      return
    }
    for (x, y) in zip(a, channelsLast(b)) { #expect(abs(x - y) < 1e-13) }
  }

  @Test func groupsAreGivenBySize() throws {
    let tool = try Tool()
    try tool.write("x.npy", [2, 6, 3], numbers(36, seed: 6))
    for engine in Self.engines {
      try run(tool, "group_norm", engine, ["--input", "x=x.npy", "--size", "G=3"])
    }
    try expectAgreement(tool, tolerance: "2e-6")
    for (size, message) in [
      ("G=4", "G = 4 does not divide C = 6; give --size G=N"),
      ("G=0", "G = 0 does not divide C = 6; give --size G=N"),
      ("G=-3", "the size G is -3, below 0"),
      ("C=5", "x.npy: has 6 elements along C of x[N, C, S...]; expected 5, as in --size C=5"),
    ] {
      let outcome = try tool.run(
        "run", spec("group_norm"), "--input", "x=x.npy", "--size", size, "--output", "none")
      #expect(outcome.status == 1)
      #expect(outcome.messages == "error: \(message)\n")
    }
    #expect(try !tool.files().contains("none"))
  }

  @Test(arguments: engines)
  func arraysWithoutElementsAreLegal(engine: String) throws {
    let tool = try Tool()
    try tool.write("x.npy", [0, 5, 2], .float32([]))
    try tool.write("d_y.npy", [0, 5, 2], .float32([]))
    try run(
      tool, "batch_norm", engine, ["--input", "x=x.npy", "--input", "d_y=d_y.npy", "--backward"])
    #expect(
      try tool.read("\(engine)/y.npy") == NumPyArray(shape: [0, 5, 2], elements: .float32([])))
    // Sums over nothing are 0, and the states keep their values.
    let zeros = NumPyArray(shape: [5], elements: .float32([0, 0, 0, 0, 0]))
    #expect(try tool.read("\(engine)/d_weight.npy") == zeros)
    #expect(try tool.read("\(engine)/running_mean.npy") == zeros)
    let ones = NumPyArray(shape: [5], elements: .float32([1, 1, 1, 1, 1]))
    #expect(try tool.read("\(engine)/running_var.npy") == ones)
  }

  private static let engines = ["jit", "cc", "interpreter"]

  private func spec(_ name: String) -> String {
    Tool.package.appending(path: "specs/\(name).norm").path
  }

  /// Runs a spec into a directory that is named after the engine.
  private func run(
    _ tool: Tool, _ name: String, _ engine: String, _ more: [String], to output: String? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let outcome = try tool.run(
      ["run", spec(name), "--engine", engine, "--output", output ?? engine] + more)
    #expect(outcome.messages == "", sourceLocation: sourceLocation)
    #expect(outcome.status == 0, sourceLocation: sourceLocation)
  }

  private func expectAgreement(
    _ tool: Tool, tolerance: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let bits = try tool.run("compare", "jit", "cc")
    #expect(bits.status == 0, "\(bits.text)", sourceLocation: sourceLocation)
    let numbers = try tool.run(
      "compare", "jit", "interpreter", "--tolerance", tolerance, "--absolute", tolerance)
    #expect(numbers.status == 0, "\(numbers.text)", sourceLocation: sourceLocation)
  }

  /// Numbers in -2 ..< 2 without a pattern.
  private func numbers(_ count: Int, seed: UInt64) -> NumPyArray.Elements {
    var state = seed
    return .float64(
      (0..<count).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Double(state >> 32) / Double(1 << 30) - 2
      })
  }
}
