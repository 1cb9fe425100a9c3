import NormGen
import Testing

@testable import Syntax

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

  /// Norms that were found at sizes which trials do not take.
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
    // A share of the gradient, summed over an empty axis, was the whole gradient.
    """
    norm shifted(x[N, C]) -> y, v {
      param b[C] = 0, a = 1
      n = (x + b) * a
      v = mean[N, C](n)
      y = n * v
    }
    """,
    // The end of one range was called like the beginning of another.
    """
    norm ends(x[N, C]) -> y {
      mask m[C]
      y = x + sum[C](x where index(C) >= 1 and m and index(C) <= 1)
    }
    """,
    // Places along several axes were numbered in another order among their neighbours.
    "norm near(x[N, C]) -> y { y = min[N: 0...1, C](x) }",
    "norm wider(x[N, C]) -> y { v = sum[N: -1...0](x^2)  y = max[N, C](v) }",
    "norm groups(x[N, C]) -> y { group C into G = 2  y = sum[G: -1...1](x where index(C) < 2) }",
    // What stops gradients stood in the backward, at the neighbours that were read.
    "norm stopped(x[N, H]) -> v { s = sum[H: 0...1](x)  v = s * stop_gradient(s) }",
    // A gradient that is a statistic of the forward had the name of its argument.
    """
    norm given(x[N, C]) -> y {
      param p[C] = 0
      y = x * p
      gradient of y by g { grad p = mean[N](x)  grad x = g }
    }
    """,
    // A block was given an adjoint that was summed over axes that its value has in evaluation.
    """
    norm phased(x[N, C]) -> y {
      param p[C] = 1
      train { v = 2 * p }
      eval { v = p * x }
      y = v * x
      gradient of v by g { grad p = sum[N](g * 0.5) }
    }
    """,
    // So is one whose value is used through others, and what reads it has all of its axes.
    """
    norm used_through_others(x[N, C]) -> y {
      param p[C] = 1
      train { v = 2 * p }
      eval { v = p * x }
      u = 3 * v
      y = u * x + v + max[N](v) + sum[N](v)
      gradient of v by g { grad p = sum[N](g * 0.5 * g) }
    }
    """,
    """
    norm folded(x[N, C]) -> y {
      param p[C] = 1
      mask m[N]
      v = if m then p else p
      u = 3 * v
      y = u * v
      gradient of v by g { grad p = sum[N](g * 0.5 * g) }
    }
    """,
    // What a value receives is received at each place along all of its axes.
    """
    norm receives_everywhere(x[N, C]) -> y {
      param p[C] = 1
      train { u = 2 * p }
      eval { u = p * x }
      v = u * x
      y = v + u
      gradient of v by g { grad u = 1  grad x = g }
    }
    """,
    // Of the results of a call, the first reads the last.
    """
    norm caller(x[N, C]) -> y { h, mu = moments(x)  y = h + mu }
    norm moments(x[N, C]) -> h, mu { mu = mean[C](x)  c = x - mu  h = c + c^2 }
    """,
    // The differences of what is infinite on both sides were no numbers.
    "norm nothing_selected(x[N, C]) -> y, peak { peak = max[C](x where x > 100)  y = x^2 }",
    // A loop over rows was named like the tensor.
    """
    norm named(x[N], r[C, H]) -> a, b, c {
      b = (r - sum[C](r)) * sqrt(sum[C](r)^2)
      a = x * r
      c = r + sum[H](r)
    }
    """,
    // Names that generated C forms itself.
    """
    norm formed(forward_1[N, C], part_sum[N, C], x[N, C]) -> x_slots, half {
      param column_sum[C] = 1, piece_1[C] = 0, statistic_of_each[N] = 0
      x_count = sum[C](part_sum * x)
      x_slots = sum[N](forward_1) * column_sum + piece_1
      half = (x - sum[C](x)) * x_count / sqrt(sum[C](x^2) + 1) + statistic_of_each
    }
    """,
    // The backward compared a number in double with its maximum, which was stored.
    "norm lone(x[C], p) -> y { y = max[C](p * p where x > 0) + min[C](exp(p) where x > 0) }",
    // Rows are turned, with a condition outside of their sweeps.
    "norm rows(x[N, C]) -> v, u { v = index(C) + 1  u = unbiased_var[C](x) }",
    // A loop's variable hid the size of the same name.
    """
    norm named_axes(x[b, n]) -> y {
      param weight[n] = 1, bias[n] = 0
      y = (x - mean[n](x)) / sqrt(var[n](x) + 0.1) * weight + bias
    }
    """,
    """
    norm words_of_c(x[class, i, first...]) -> y {
      param default[i] = 1, half_[first] = 0
      axis half = 2
      param kernels[half] = 1
      y = (x - mean[i](x)) * default / sqrt(var[class, first](x) + 0.1) + half_ + sum[half](kernels)
    }
    """,
    // An output that is looked for as well as saved was contracted.
    "norm output(x[N, C]) -> y, v { v = sum[N: -1...1](x^2)  y = max[N: 0...1](v) }",
    // A place of which the run has the axes in another order has no range.
    "norm turned(w[C], x[N, C]) -> y { y = x / max[N, C](abs(x)) + w }",
    // Conditions were kept for several rows as if they were numbers.
    "norm columns(x[C, H]) -> y { mask m[H]  y = x - mean[C](x where m) }",
    // Ranges of places without the functions for them.
    "norm places(x[C], r[H]) -> y { y = exp(min(if index(C) > 3 then r else 0, 1.5)) }",
    // A range of places along a short run was taken for one of the loops around it.
    """
    norm late(x[N, C, S]) -> y {
      param w[C] = 1
      z = if index(S) > 3 then x * w else 0
      y = z - mean[C, S](z)
    }
    """,
    """
    norm late_channels(x[N, C, S]) -> y {
      param w[C] = 1
      z = if index(C) > 1 then x * w else 0
      y = z - mean[C, S](z)
    }
    """,
    // The largest of doubles was rounded as it was saved, and then looked for among the doubles.
    "norm largest(x[N]) -> y { param p = 1  y = x * max[N](index(N) * (p + 1)) }",
    // The same of products with places, saved ones in the backward and doubles in the forward.
    """
    norm smallest(x[N, C]) -> y {
      param p = 1
      y = x - min[C](p * (index(C) - mean[C](index(C))) / sqrt(size(C)))
    }
    """,
    // Rows of nothing that were taken together divided 0 by 0.
    "norm spread(x[N, C]) -> y { y = var[C](x) }",
    // A share of nothing was divided outside of the sum: 0 over 0 again.
    "norm deviation(x[C, N]) -> y { param p = 1  y = unbiased_var[N](p * (x + 1)) }",
    "norm deviations(x[N, C]) -> y { param p[C] = 1  y = unbiased_var[N, C](x + p) }",
    """
    norm of_deviations(x[N, C]) -> y {
      param p = 1
      v = var[C](p - x)
      y = (v - mean[N](v)) / sqrt(var[N](v) + 0.5)
    }
    """,
    // Sums over rows that are gathered: two numbers of rows that are taken together.
    """
    norm gathered(x[T, H, C]) -> y {
      axis K = 3
      mask m[C, K]
      reduce H, C
      center
      divide by mean[H, C](abs(centered)) + 0.1
      v1 = if m then mean[T](x) else x
      v2 = mean[T, H]((if m then x else 1) where x < 1)
      y = normalized * v1 * v2
    }
    """,
  ])
  func passesTheTestOfTheTool(text: String) throws {
    let report = try selfTest(
      TestNorm(text: text).checked, types: [.float32, .float64], sizes: [:])
    #expect(report.holds, "\(report.table)")
  }

  /// An output that the backward reads is no data of 16 bits, nor is its gradient, wherever that
  /// is read.
  @Test func aMaximumOfNeighboursIsStoredAsItIsRead() throws {
    let norm = try TestNorm(text: "norm near(x[N]) -> y { y = max[N: 0...1](x) }")
    let report = try selfTest(norm.checked, types: [.bfloat16, .float16], sizes: [:])
    #expect(report.holds, "\(report.table)")
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
