import Testing

@testable import NormGen

/// Short segments that lie apart are fetched one ahead, to be read and to be written. That changes
/// no bit, and touches nothing beyond the arrays, whatever is wanted.
@Suite struct SegmentPrefetchTests {
  /// One sweep that reduces, and several; two outputs, of which one may be unwanted; a mask; and a
  /// gradient that is written in turns with sums of each channel.
  private static let norms = [
    "once": """
    norm once(x[N, C, S]) -> y {
      param a[C] = 0.5
      y = (x - mean[N, S](x)) * a
    }
    """,
    "moments": """
    norm moments(x[N, C, S]) -> y, z {
      mu = mean[N, S](x)
      y = (x - mu) * rsqrt(var[N, S](x) + 1e-5)
      z = x - 2 * mu
    }
    """,
    "masked": """
    norm masked(x[N, C, S]) -> y {
      mask valid[N]
      y = if valid then x - mean[N, S](x where valid) else x
    }
    """,
    "turns": """
    norm turns(x[N, C, S]) -> y {
      scalar eps = 1e-5
      group C into G = 1
      reduce C/G, S
      divide by rms
      affine C
    }
    """,
  ]

  /// Segments of up to one step, of up to 256 elements, and longer ones; one segment, and none.
  private static let sizes = [
    (2, 3, 1), (3, 5, 15), (33, 2, 16), (2, 7, 17), (65, 3, 49), (9, 1, 64), (4, 5, 65),
    (5, 3, 196), (3, 2, 256), (3, 2, 257), (1, 3, 49), (0, 3, 49), (3, 0, 49), (17, 3, 1023),
  ]

  @Test(arguments: norms.keys.sorted(), [TestedEngine.jit, .avx2, .plain, .gcc])
  func aSegmentAheadChangesNoBit(_ name: String, _ engine: TestedEngine) throws {
    let norm = try TestNorm(text: try #require(Self.norms[name]))
    for type in Options.Scalar.wide {
      let kernel = try kernel(norm, type, engine.engine())
      for (place, size) in Self.sizes.enumerated() {
        let call = try TestCall(
          norm, type, .train, sizes: ["N": size.0, "C": size.1, "S": size.2, "G": 1],
          data: TestData.allCases[place % 3], seed: UInt64(place))
        try call.expectBitsOfTheGraph(kernel, engine.rawValue)
      }
    }
  }

  @Test(arguments: [["y"], ["z"]], [TestedEngine.jit, .gcc])
  func whatIsNotWantedIsNotFetched(_ unwanted: [String], _ engine: TestedEngine) throws {
    let norm = try TestNorm(text: try #require(Self.norms["moments"]))
    let kernel = try kernel(norm, .float32, engine.engine())
    let call = try TestCall(
      norm, .float32, .train, sizes: ["N": 33, "C": 3, "S": 49], data: TestData.allCases[0], seed: 1
    )
    let expected = try CallMemory(call, .forward, kernel).contents(executor: nil)
    let memory = try CallMemory(call, .forward, kernel)
    for name in unwanted { memory[name] = .array(nil) }
    let found = try memory.contents(executor: nil)
    #expect(memory.broken.isEmpty)
    for name in expected.keys where !unwanted.contains(name) {
      #expect(found[name] == expected[name], "\(name) without \(unwanted)")
    }
  }

  @Test(arguments: norms.keys.sorted()) func whatIsWrittenIsFetched(_ name: String) throws {
    let norm = try TestNorm(text: try #require(Self.norms[name])).checked
    let source = try compile(norm, Options()).source
    let isInTurn = name == "turns"
    #expect(source.contains("v_prefetch_write(d_x + i + next_segment)"))
    #expect(source.contains("v_prefetch_write(y + i + next_segment)") != isInTurn)
    #expect(source.contains("v_prefetch(x + i + next_segment)") != isInTurn)
  }

  /// Rows of one segment lie where a processor fetches by itself.
  @Test func rowsOfOneSegmentAreLeftToTheProcessor() throws {
    let norm = try TestNorm(text: "norm row(x[N, C]) -> y { y = x - mean[C](x) }").checked
    #expect(try !compile(norm, Options()).source.contains("next_segment"))
  }
}
