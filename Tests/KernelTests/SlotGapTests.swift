import Testing

@testable import NormGen

/// Between the slots of two blocks 512 are left free where a block has as many or more. The
/// workspace is of exactly the size asked for, and no thread takes slots of another.
@Suite struct SlotGapTests {
  /// Sums over rows, over runs and over rows of two axes.
  private static let norms = [
    "rows": """
    norm rows(x[N, C]) -> y {
      param a[C] = 0.5, b[C] = 1
      y = (x - mean[C](x)) * a + b
    }
    """,
    "runs": """
    norm runs(x[N, C, S]) -> y {
      param a[C] = 0.5, b[C] = 1
      y = x * a + b
    }
    """,
    "columns": """
    norm columns(x[N, C, S]) -> y {
      param a[C, S] = 0.5
      y = (x - mean[C, S](x)) * a
    }
    """,
  ]

  /// Blocks of just under, at and just over 512 slots: of as many columns, or of 64 for each of 8
  /// channels in float32 and 32 for each of 16 in float64, however long these are.
  private static let sizes: [String: [[String: Int]]] = [
    "rows": [511, 512, 513, 1023, 4097].map { ["C": $0] },
    "runs": [
      (7, 16), (8, 70), (9, 16), (15, 70), (16, 16), (17, 70), (32, 17), (103, 5), (1, 4100),
      (33, 4100),
    ].map { ["C": $0.0, "S": $0.1] },
    "columns": [(73, 7), (64, 8), (57, 9), (3, 400)].map { ["C": $0.0, "S": $0.1] },
  ]

  @Test(arguments: norms.keys.sorted(), [TestedEngine.jit, .avx2, .plain, .gcc])
  func slotsHaveTheBitsOfTheGraph(_ name: String, _ engine: TestedEngine) throws {
    let norm = try TestNorm(text: try #require(Self.norms[name]))
    let threads = try Kernel.Threads(count: 2)
    for type in Options.Scalar.wide {
      let kernel = try kernel(norm, type, engine.engine())
      for (place, sizes) in try #require(Self.sizes[name]).enumerated() {
        let rows = (sizes["S"] ?? 0) > 1000 ? 3 : [1, 65, 129, 200][place % 4]
        let call = try TestCall(
          norm, type, .train, sizes: sizes.merging(["N": rows]) { size, _ in size },
          data: TestData.allCases[place % 3], seed: UInt64(place))
        let saved = try call.run(.forward, kernel, saved: [:])
        let memory = try CallMemory(call, .backward, kernel, saved: saved)
        _ = try memory.contents(executor: threads.executor)
        #expect(memory.broken.isEmpty, "\(engine.rawValue), \(call)")
        let expected = try call.reference(.backward, saved: saved.mapValues(\.numbers))
        expectSameBits(
          Outcome(backward: memory.written(.backward)),
          Outcome(backward: call.stored(expected, .backward)), "\(engine.rawValue), \(call)")
      }
    }
  }
}
