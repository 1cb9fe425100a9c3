import LoopIR
import Testing

@testable import NormGen

/// `group C, H as D into G`: kernels against the interpreter, which numbers the places itself.
@Suite struct JoinedAxesTests {
  /// Groups of neighbours and interleaved ones, over the batch and within a sample.
  static let norms: [String: String] = [
    "neighbours": """
    norm f(x[N, C, H]) -> y {
      param weight[C] = 1
      state running[G] = 0
      group C, H as D into G = 2
      m = mean[N, D/G](x)
      v = unbiased_var[N, D/G](x)
      next running = m
      y = (x - m) / sqrt(v + 0.1) * weight
    }
    """,
    "interleaved": """
    norm f(x[N, C, H]) -> y {
      group C, H as D of P = 2
      m = mean[N, D/P](x)
      v = mean[N, D/P]((x - m)^2)
      y = (x - m) / sqrt(v + 0.1)
    }
    """,
    "within a sample": """
    norm f(x[N, C, H]) -> y, top {
      group C, H as D into G = 2
      top = max[D/G](x)
      y = exp(x - top) / sum[D/G](exp(x - top))
    }
    """,
    "masked": """
    norm f(x[N, C, H]) -> y, n {
      mask valid[N, C]
      state s[G] = 3
      group C, H as D into G = 2
      n = count[N, D/G](valid)
      m = mean[N, D/G](x where valid)
      v = var[N, D/G](x where valid)
      next s = min[N, D/G](x where valid)
      y = if valid then (x - m) / sqrt(v + 0.1) else 0
    }
    """,
    "by the other names": """
    norm f(x[H, C]) -> y[D] {
      group C, H as D into G = 2
      w = mean[H](x)
      y = w + mean[D/G](x) + index(D/G) * x
    }
    """,
  ]

  @Test(arguments: norms.keys.sorted())
  func kernelsComputeWhatTheInterpreterComputes(_ name: String) throws {
    let norm = try TestNorm(text: try #require(Self.norms[name]))
    for type in Options.Scalar.wide {
      let kernels = try [TestedEngine.jit, .gcc].map {
        ($0.rawValue, try kernel(norm, type, $0.engine()))
      }
      for (index, lengths) in [[3, 2, 5, 2], [1, 4, 4, 4], [7, 6, 3, 3], [0, 2, 3, 2]].enumerated()
      {
        let sizes = Dictionary(
          uniqueKeysWithValues: norm.checked.sizes.map(\.name).map { name in
            (
              name,
              name == "N"
                ? lengths[0]
                : name == "C"
                  ? lengths[1]
                  : name == "H"
                    ? lengths[2]
                    : lengths[3]
            )
          })
        for phase in norm.phases {
          let call = try TestCall(norm, type, phase, sizes: sizes, seed: UInt64(index)).bound()
          let expected = try interpret(call)
          for (engine, kernel) in kernels {
            let found = try kernel.evaluate(call)
            for (result, numbers) in expected.numbers {
              let deviation = scaledDeviation(numbers, found.numbers[result] ?? [])
              #expect(
                deviation <= (type == .float64 ? 1e-11 : 1e-4),
                "\(name), \(engine) \(type.rawValue) \(sizes): \(result)")
            }
          }
        }
      }
    }
  }

  @Test func enginesGiveTheBitsOfTheGraph() throws {
    let norm = try TestNorm(text: try #require(Self.norms["neighbours"]))
    let kernels = try [TestedEngine.jit, .gcc].map {
      ($0.rawValue, try kernel(norm, .float32, $0.engine()))
    }
    for sizes in [["N": 9, "C": 6, "H": 35, "G": 5], ["N": 70, "C": 4, "H": 1, "G": 2]] {
      let call = try TestCall(norm, .float32, .train, sizes: sizes, data: .shifted)
      let expected = try call.reference()
      for (engine, kernel) in kernels {
        expectSameBits(try call.outcome(of: kernel), expected, "\(engine), \(call)")
      }
    }
  }

  @Test func aSizeThatDoesNotDivideIsRefused() throws {
    let norm = try TestNorm(text: try #require(Self.norms["interleaved"]))
    let kernel = try kernel(norm, .float32, .jit)
    let x = [Float](repeating: 1, count: 30)
    #expect(throws: KernelError.notDivisible("C * H", 15, by: "P", 4)) {
      try kernel.run(
        .forward, sizes: ["N": 2, "C": 3, "H": 5, "P": 4], arrays: ["x": .float32(x)])
    }
    var options = Options()
    options.sizes = ["C": 3, "H": 5, "P": 4]
    #expect(throws: InputError.self) { try compile(norm.checked, options) }
    options.sizes = ["C": 3, "H": 5, "P": 5]
    #expect(throws: Never.self) { try compile(norm.checked, options) }
  }

  /// The places of a joined axis are those of the axes that are joined, wherever these lie.
  @Test func anotherLayoutNumbersThePlacesAlike() throws {
    let norm = try TestNorm(text: try #require(Self.norms["neighbours"]))
    let (n, c, h) = (3, 4, 5)
    let x = (0..<n * c * h).map { Double($0 * 7 % 23) - 9 }
    var options = Options()
    options.type = .float64
    let usual = try Kernel(compile(norm.checked, options), defaults: Defaults(of: norm.checked))
    options.layouts = ["x": ["H", "N", "C"]]
    let other = try Kernel(compile(norm.checked, options), defaults: Defaults(of: norm.checked))
    let moved = (0..<h).flatMap { h0 in
      (0..<n).flatMap { n0 in (0..<c).map { x[(n0 * c + $0) * h + h0] } }
    }
    let sizes = ["N": n, "C": c, "H": h, "G": 2]
    let rest = ["weight": usual.real([1, 2, 3, 4]), "running": usual.real([0, 0])]
    let run = { (kernel: Kernel, x: [Double]) in
      try kernel.run(
        .forward, sizes: sizes, arrays: rest.merging(["x": kernel.real(x)]) { $1 })["y"]?.numbers
    }
    let (y, found) = (try #require(try run(usual, x)), try #require(try run(other, moved)))
    let expected = (0..<h).flatMap { h0 in
      (0..<n).flatMap { n0 in (0..<c).map { y[(n0 * c + $0) * h + h0] } }
    }
    #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test func fixedSizesGiveTheSame() throws {
    let norm = try TestNorm(text: try #require(Self.norms["interleaved"]))
    let sizes = ["N": 3, "C": 4, "H": 5, "P": 2]
    let call = try TestCall(norm, .float64, .train, sizes: sizes, seed: 6)
    let general = try call.outcome(of: kernel(norm, .float64, .jit)).forward["y"]
    var options = Options()
    options.type = .float64
    options.sizes = ["C": 4, "H": 5, "P": 2]
    let fixed = try Kernel(compile(norm.checked, options), engine: .jit)
    #expect(try call.outcome(of: fixed).forward["y"] == general)
  }
}
