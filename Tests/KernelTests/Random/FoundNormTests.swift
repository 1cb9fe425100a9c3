import Testing

/// Norms, found by chance and made smaller, that were once compiled wrongly.
@Suite struct FoundNormTests {
  @Test(arguments: [
    // A variance of nothing along one axis was merged into others.
    "norm nothing(x[T, H, C]) -> y { y = var[H](1 where x < x) + 0 * x }",
    // The mean that is read and the mean that is made had one name.
    "norm means(x[H..., C]) -> y { reduce H  center  y = centered * x + centered }",
    "norm word(x[T, C]) -> y { counter register  y = x }",
    "norm words(double[N, C]) -> workspace { param n[C] = 1  workspace = double * n }",
    """
    norm two_deviations(x[C]) -> y {
      mask m
      scalar eps = 1e-3
      reduce C where m
      divide by std
      y = x / (unbiased_var[C](x) + 1) + normalized
    }
    """,
    // The adjoint of `mean` is 0 in all of its block, which has no axes.
    """
    norm unused(x[N, C]) -> y {
      param p = 1
      v = x * p
      gradient of v by g { grad p = mean[N, C](g) + 0.5 * p }
      y = tanh(x)
    }
    """,
    // Only the gradient block reads `normalized`.
    """
    norm only_here(x[N, C]) -> y {
      scalar eps = 0.1
      reduce C
      divide by rms
      y = x
      gradient of normalized by g { grad x = g }
    }
    """,
    // A counter that the backward of a block reads.
    """
    norm counted(x[C]) -> y {
      state s[C] = 1
      counter step
      y = 2 * x
      gradient of y by g {
        next s = s + step
        grad x = g * step
      }
    }
    """,
    // A gradient block passes on what stop_gradient would not.
    """
    norm straight_through(x[N, C]) -> y {
      v = stop_gradient(x)
      gradient of v by g { grad x = g }
      y = v * v
    }
    """,
    // The sum over N reads the mean over C, after which no sweep of rows comes.
    """
    norm late_rider(x[N, C]) -> y {
      param p[C] = 1
      m = mean[C](x)
      y = mean[N](x * m) * p
    }
    """,
    // Both are `if m then s else 0` in the graph, but only a mean may be empty.
    """
    norm emptied(x[N, C]) -> y {
      state s[C] = 1, t[C] = 1
      mask m
      y = x
      next s = mean[N](0.5 * s where m)
      next t = if m then 0.5 * t else 0
    }
    """,
  ])
  func computesWhatTheInterpreterComputes(text: String) {
    for seed in UInt64(1)...3 {
      let outcome = NormTrial(text: text, seed: seed, compilers: ["gcc"]).run()
      #expect(outcome == .holds, "seed \(seed)")
    }
  }

  /// The forward found the maximum with a mean that was not yet rounded as it is saved; the
  /// backward then found none, and dropped the gradient in one call of five.
  @Test func theBackwardFindsTheMaximumOfTheForward() {
    let text = """
      norm saturated(x[T, H, C]) -> y {
        param p[H, C] = 0.5
        reduce T, C
        y = p + max[H, C](min(most, x))
        most = tanh(mean[H](var))
      }
      """
    for seed in UInt64(1)...32 {
      #expect(NormTrial(text: text, seed: seed).run() == .holds, "seed \(seed)")
    }
  }
}
