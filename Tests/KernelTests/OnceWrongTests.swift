import NormGen
import Testing

@testable import Syntax

/// Norms found by random search that were once compiled to wrong gradients, or to no C at all.
@Suite struct OnceWrongTests {
  @Test(arguments: [
    // An output `if valid then v else 0` was read for v under a sum of other places.
    """
    norm masked(x[N, C], k[N, C]) -> y, z {
      mask valid[N, C]
      v = exp(x)
      y = if valid then v else 0
      h = sum[C](k where valid)
      z = h * stop_gradient(v)
    }
    """,
    // Forward and backward rounded the elements of an extreme in different ways.
    "norm product(x[N], w[N]) -> v { n = x * w  v = min[N](n - mean[N](n)) }",
    """
    norm range(x[N, C]) -> y {
      param g[C] = 1
      u = x * g
      c = u - mean[N](u)
      y = c / (max[N](c) - min[N](c) + 0.1)
    }
    """,
    """
    norm deviation(x[N], w[N]) -> v {
      v = max[N](abs(x * w - mean[N](x * w)))
    }
    """,
    // A number had the name of an array.
    "norm value(x[N, C]) -> y, z { z = x / (mean[N](x * x) + 0.5)  y = min[N, C](z) }",
    """
    norm few(x[N, C]) -> y, z {
      scalar eps = 0.1
      mask m1[N]
      reduce N where index(N) != 3
      divide by std
      z = min(min[N, C](normalized where not m1), 3)
    }
    """,
    // Ranges of places without the functions for them.
    "norm places(x[C], r[H]) -> y { y = exp(min(if index(C) > 3 then r else 0, 1.5)) }",
  ])
  func gradientsAreTheInterpreters(text: String) throws {
    let norm = try TestNorm(text: text).checked
    let report = try selfTest(norm, types: [.float32, .float64], sizes: [:])
    #expect(report.holds, "\(report.table)")
  }
}
