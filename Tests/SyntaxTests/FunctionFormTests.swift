import Testing

@testable import Syntax

/// Functions that are written out mean what the equations beside them say.
@Suite struct FunctionFormTests {
  @Test(arguments: [
    ("relu(x)", "max(0, x)"),
    ("clamp(x, p, 3)", "min(max(x, p), 3)"),
    ("silu(x)", "x * sigmoid(x)"),
    ("gelu(x)", "0.5 * x * (1 + erf(x * sqrt(0.5)))"),
    ("ema(p, x, momentum: 0.1)", "p + 0.1 * (x - p)"),
    ("ema(p, x, decay: 0.1)", "p + (1 - 0.1) * (x - p)"),
    ("ema(p, x, momentum)", "p + momentum * (x - p)"),
    ("ema(p, x, decay)", "p + (1 - decay) * (x - p)"),
    ("-x^2", "-(x^2)"),
    ("x^p^2", "x^(p^2)"),
    ("x - p - 1", "(x - p) - 1"),
    ("x / p * 2", "(x / p) * 2"),
    ("-x * p", "(-x) * p"),
    ("x mod p * 2", "(x mod p) * 2"),
    ("if x > 0 then x else p + 1", "if (x > 0) then x else (p + 1)"),
    (
      "if x > 0 or x < 1 and not p < 2 then 1 else 0",
      "if (x > 0) or ((x < 1) and (not (p < 2))) then 1 else 0"
    ),
    ("size(N, C)", "size(C, N)"),
    ("mean[N, C](x)", "mean[C, N](x)"),
  ])
  func twoTextsMeanTheSame(short: String, long: String) {
    let first = checked(spec(short))
    let second = checked(spec(long))
    #expect(first.norms.count == 1, "\(first.messages)")
    #expect(second.norms.count == 1, "\(second.messages)")
    let isSame = first.norms.map(\.meaning) == second.norms.map(\.meaning)
    #expect(isSame)
  }

  @Test func differentTextsMeanDifferentThings() {
    let texts = ["x - (p - 1)", "(x - p) - 1", "(-x)^2", "-x^2", "max(x, p)", "max(p, x)"]
    let meanings = texts.map { checked(spec($0)).norms.map(\.meaning) }
    #expect(Set(meanings).count == texts.count)
  }

  private func spec(_ expression: String) -> String {
    """
    norm f(x[N, C]) -> y {
      scalar momentum = 0.5, decay = 0.25
      param  p = 1
      y = \(expression)
      z = p * momentum * decay
    }
    """
  }
}
