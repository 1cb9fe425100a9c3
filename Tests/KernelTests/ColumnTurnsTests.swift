import Testing

@testable import NormGen
@testable import Passes

/// Statistics of columns are made by stretches, and rows are written by turns with them; threads
/// whose stretches are short write whole rows afterwards. That changes no bit, however many rows
/// and columns there are, and whatever is wanted.
@Suite struct ColumnTurnsTests {
  /// Moments and states; rows of two axes, some of which do not count; two outputs.
  private static let norms = [
    "features": """
    norm features(x[N, C]) -> y {
      param a[C] = 1, b[C] = 0
      state m[C] = 0
      mu = mean[N](x)
      train { next m = m + 0.1 * (mu - m) }
      y = (x - mu) * rsqrt(var[N](x) + 1e-5) * a + b
    }
    """,
    "masked": """
    norm masked(x[N, T, C]) -> y {
      mask valid[N, T]
      param a[C] = 1
      mu = mean[N, T](x where valid)
      y = if valid then (x - mu) * a else x
    }
    """,
    "pair": """
    norm pair(x[N, C]) -> y, z {
      y = x - mean[N](x)
      z = y / (1 + max[N](abs(x)))
    }
    """,
  ]

  /// Rows and columns: fewer than are worth to be shared; in short stretches; in long ones.
  private static let sizes = [
    (0, 70), (1, 4097), (5, 1), (65, 17), (33, 1023), (65, 513), (129, 300), (9, 3585), (17, 4100),
    (300, 200), (65, 4100),
  ]

  private static func call(_ norm: TestNorm, _ place: Int, _ type: Options.Scalar) throws
    -> TestCall
  {
    let (rows, columns) = sizes[place]
    return try TestCall(
      norm, type, .train, sizes: ["N": rows, "C": columns, "T": 3],
      data: TestData.allCases[place % 3], seed: UInt64(place))
  }

  @Test(arguments: norms.keys.sorted(), [TestedEngine.jit, .avx2, .plain, .gcc])
  func anyNumberOfThreadsGivesTheBitsOfTheGraph(_ name: String, _ engine: TestedEngine) throws {
    let norm = try TestNorm(text: try #require(Self.norms[name]))
    let pools = try [2, 3].map { try Kernel.Threads(count: $0) }
    for type in Options.Scalar.wide {
      let kernel = try kernel(norm, type, engine.engine())
      for place in Self.sizes.indices {
        let call = try Self.call(norm, place, type)
        let expected = try call.reference()
        expectSameBits(try call.outcome(of: kernel), expected, "\(engine), \(call)")
        for pool in pools {
          let found = try call.outcome(of: kernel, threads: pool)
          expectSameBits(found, expected, "\(engine), \(call), \(pool.count) threads")
        }
      }
    }
  }

  /// Statistics without rows, and rows without statistics that are wanted.
  @Test(arguments: [["y"], ["z"], ["y", "z"]], [TestedEngine.jit, .gcc])
  func outputsThatAreNotWantedChangeNoOther(
    _ unwanted: [String], _ engine: TestedEngine
  ) throws {
    let norm = try TestNorm(text: try #require(Self.norms["pair"]))
    let kernel = try kernel(norm, .float32, engine.engine())
    let pool = try Kernel.Threads(count: 2)
    for place in Self.sizes.indices {
      let call = try Self.call(norm, place, .float32)
      let expected = try CallMemory(call, .forward, kernel).contents(executor: nil)
      for executor in [nil, pool.executor] {
        let memory = try CallMemory(call, .forward, kernel)
        for name in unwanted { memory[name] = .array(nil) }
        let found = try memory.contents(executor: executor)
        #expect(memory.broken.isEmpty, "\(call)")
        for name in expected.keys where !unwanted.contains(name) {
          #expect(found[name] == expected[name], "\(name) without \(unwanted), \(call)")
        }
      }
    }
  }

  /// Rows are written in a region of their own where a place is a stretch of columns alone.
  @Test(arguments: norms.keys.sorted()) func rowsTakeTurns(_ name: String) throws {
    let norm = try TestNorm(text: try #require(Self.norms[name])).checked
    let source = try compile(norm, Options()).source
    let rows = name == "masked" ? "N * T" : "N"
    #expect(source.contains("turns_of_columns(C, \(rows), executor) ? "))
  }
}
