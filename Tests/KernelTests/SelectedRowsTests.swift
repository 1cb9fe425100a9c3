import NormGen
import Testing

/// Rows that a mask selects are listed and taken a few at a time, and rows along several axes
/// follow each other like those along one. That changes no bit, whichever are selected.
@Suite struct SelectedRowsTests {
  /// A block of rows has 64: one of them not whole, several of them, and a row alone.
  private static let counts = [(0, 3), (1, 1), (1, 17), (2, 31), (3, 65), (9, 16)]
  private static let widths = [1, 15, 16, 17, 64, 65, 130, 257]

  /// By the name of each, its text.
  private static let norms = [
    "moments": """
    norm moments(x[N, T, C]) -> y {
      scalar eps = 1e-5
      mask   valid[N, T]
      mean = mean[N, T](x where valid)
      var  = unbiased_var[N, T](x where valid)
      y    = (x - mean) / sqrt(var + eps)
    }
    """,
    "products": """
    norm products(x[N, T, C], w[N, T, C]) -> y {
      mask valid[N, T]
      y = x * sum[N, T](x * w where valid)
    }
    """,
    "extremes": """
    norm extremes(x[N, T, C]) -> y {
      mask valid[N, T]
      y = x - max[N, T](x where valid) + min[N, T](x where valid)
    }
    """,
    "conditions": """
    norm conditions(x[N, T, C]) -> y {
      mask valid[N, T], kept[T]
      y = x - mean[N, T](x where valid and kept)
    }
    """,
    "samples": """
    norm samples(x[N, T, C]) -> y {
      mask valid[N]
      y = x - mean[N](x where valid)
    }
    """,
    "steps": """
    norm steps(x[N, T, C]) -> y {
      mask valid[T]
      y = x - mean[T](x where valid)
    }
    """,
    "elements": """
    norm elements(x[N, T, C]) -> y {
      mask valid[N, T], kept[N, T, C]
      y = x - mean[N, T](x where valid and kept)
    }
    """,
  ]
  /// Rows of two axes, which nothing selects.
  private static let whole = """
    norm whole(x[N, T, C]) -> y {
      mask valid[N, T]
      mean = mean[N, T](x)
      y = if valid then x - mean else x * mean[N, T](x^2)
    }
    """

  private static let all = norms.merging(["whole": whole]) { first, _ in first }

  @Test(arguments: all.keys.sorted(), [TestedEngine.jit, .avx2, .plain, .gcc])
  func rowsHaveTheBitsOfTheGraph(_ name: String, _ engine: TestedEngine) throws {
    let norm = try TestNorm(text: try #require(Self.all[name]))
    for type in Options.Scalar.wide {
      let kernel = try kernel(norm, type, engine.engine())
      for (row, width) in Self.widths.enumerated() {
        for (column, (samples, steps)) in Self.counts.enumerated() where (row + column) % 3 == 0 {
          let seed = UInt64(row * Self.counts.count + column)
          let call = try TestCall(
            norm, type, .train, sizes: ["N": samples, "T": steps, "C": width],
            data: TestData.allCases[(row + column) / 3 % TestData.allCases.count], seed: seed)
          try call.expectBitsOfTheGraph(kernel, "\(engine.rawValue) \(type)")
        }
      }
    }
  }

  @Test(arguments: norms.keys.sorted()) func rowsThatAMaskSelectsAreListed(_ name: String) throws {
    let text = try #require(Self.norms[name])
    let source = try compile(TestNorm(text: text).checked, Options()).source
    #expect(source.contains("taken[rows_taken] = "))
  }

  @Test func rowsOfSeveralAxesAreTakenTogether() throws {
    let source = try compile(TestNorm(text: Self.whole).checked, Options()).source
    #expect(source.contains("segment += together"))
    #expect(!source.contains("taken["))
  }
}
