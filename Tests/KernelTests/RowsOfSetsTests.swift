import Testing

@testable import NormGen
@testable import Passes

/// Where nothing else is done with a row than to write results and to add to sums over rows, a few
/// rows add to the slots of a set at once: 2 of less than 1024 elements, else 8. That changes no
/// bit, whatever number of them is left at the end. Rows of up to 128 elements hold their slots.
@Suite struct RowsOfSetsTests {
  private static let counts = [0, 1, 2, 3, 7, 8, 9, 17, 65]
  private static let lengths = [16, 129, 192, 1023, 1025]

  /// One sum and several; sums under a condition, and where a mask says so; two tensors; rows of
  /// two axes, and of one behind another that sums keep.
  private static let together = [
    "shift": ElementwiseNorms.shift, "rectifier": ElementwiseNorms.rectifier,
    "dropped": """
    norm dropped(x[N, C]) -> y {
      mask kept[N, C]
      param a[C] = 0.5, b[C] = 1
      y = if kept then x * a + b else x
    }
    """,
    "pair": """
    norm pair(x[N, C], z[N, C]) -> y {
      param a[C] = 0.5, b[C] = 1, bias[C] = 0.25
      y = tanh(a * x) * z + b * x + bias
    }
    """,
    "steps": """
    norm steps(x[N, T, C]) -> y {
      param a[C] = 0.5
      y = a * x * x
    }
    """,
    "samples": """
    norm samples(x[G, N, C]) -> y {
      param a[G, C] = 0.5, b[G, C] = 1
      y = x * a + b
    }
    """,
  ]

  /// A row that has a number of its own: a mean, an element of a mask or of another tensor.
  private static let alone = [
    "centered": """
    norm centered(x[N, C]) -> y {
      param a[C] = 0.5
      y = (x - mean[C](x)) * a
    }
    """,
    "masked": """
    norm masked(x[N, C]) -> y {
      mask valid[N]
      param a[C] = 0.5
      y = if valid then x * a else x
    }
    """,
    "scaled": """
    norm scaled(x[N, C], s[N]) -> y {
      param a[C] = 0.5
      y = x * a * s
    }
    """,
  ]

  private static let all = together.merging(alone) { first, _ in first }

  @Test(arguments: all.keys.sorted(), [TestedEngine.jit, .avx2, .plain, .gcc])
  func rowsHaveTheBitsOfTheGraph(_ name: String, _ engine: TestedEngine) throws {
    let norm = try TestNorm(text: try #require(Self.all[name]))
    for type in Options.Scalar.wide {
      let kernel = try kernel(norm, type, engine.engine())
      for (row, length) in Self.lengths.enumerated() {
        for (column, count) in Self.counts.enumerated() where (row + column) % 5 == 0 {
          let call = try TestCall(
            norm, type, .train, sizes: ["N": count, "T": 2, "G": 2, "C": length],
            data: TestData.allCases[(row + column) / 5 % TestData.allCases.count],
            seed: UInt64(row * Self.counts.count + column))
          try call.expectBitsOfTheGraph(kernel, "\(engine.rawValue) \(type)")
        }
      }
    }
  }

  @Test(arguments: [8, 1]) func narrowerLanesGiveTheSameBits(_ lanes: Int) throws {
    let norm = try TestNorm(text: try #require(Self.together["pair"]))
    let narrow = try norm.kernel(ofLanes: lanes)
    for length in Self.lengths {
      try norm.call(rows: 9, of: length, .special).expectBitsOfTheGraph(narrow, "\(lanes) lanes")
    }
  }

  @Test(arguments: [128, 129, 1024]) func fixedLengthsGiveTheSameBits(_ length: Int) throws {
    let norm = try TestNorm(text: try #require(Self.together["shift"]))
    for (engine, kernel) in try norm.kernels(fixing: length) {
      for count in Self.counts {
        try norm.call(rows: count, of: length, .special)
          .expectBitsOfTheGraph(kernel, engine.rawValue)
      }
    }
  }

  /// Sums without d_x, and d_x without sums.
  @Test(arguments: [["d_x"], ["d_a"], ["d_b"], ["d_a", "d_b"]])
  func outputsThatAreNotWantedChangeNoOther(_ unwanted: [String]) throws {
    let norm = try TestNorm(text: try #require(Self.together["shift"]))
    for engine in [TestedEngine.jit, .gcc] {
      let kernel = try kernel(norm, .float32, engine.engine())
      for (count, length) in [(17, 129), (65, 1041)] {
        let call = try norm.call(rows: count, of: length, .ordinary)
        let memory = { try CallMemory(call, .backward, kernel, saved: [:]) }
        let (full, part) = (try memory(), try memory())
        for name in unwanted { part[name] = .array(nil) }
        try full.invoke()
        try part.invoke()
        #expect(part.broken.isEmpty)
        for name in ["d_x", "d_a", "d_b"] where !unwanted.contains(name) {
          #expect(part.contents[name] == full.contents[name], "\(name) without \(unwanted)")
        }
      }
    }
  }

  @Test(arguments: all.keys.sorted())
  func rowsAreTakenTogetherThatHaveNoNumbersOfTheirOwn(_ name: String) throws {
    let norm = try TestNorm(text: try #require(Self.all[name])).checked
    let source = try compile(norm, Options()).source
    #expect(source.contains("held ? 1 : rows_of_set(") == Self.together.keys.contains(name))
  }
}
