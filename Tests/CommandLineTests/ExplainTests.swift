import Testing

@Suite struct ExplainTests {
  @Test func theGradientOfLayerNormIsWhatAPersonWouldWrite() throws {
    let spec = Tool.package.appending(path: "specs/layer_norm.norm").path
    let outcome = try Tool().run("explain", spec)
    #expect(outcome.status == 0 && outcome.messages == "")
    #expect(
      outcome.text.hasSuffix(
        """
        Forward (2 reductions)
          mean       = mean[C](x)
          var        = var[C](x)
          centered   = x - mean
          rstd       = rsqrt(var + eps)
          normalized = centered * rstd
          y          = normalized * weight + bias

        Saved for backward: mean[N], rstd[N]

        Backward (4 reductions)
          centered   = x - mean
          normalized = centered * rstd
          t1         = weight * d_y
          d_bias     = sum[N](d_y)
          d_weight   = sum[N](d_y * normalized)
          d_x        = rstd * (t1 - mean[C](t1 * normalized) * normalized - mean[C](t1))

        """))
  }

  @Test func phasesThatDifferAreToldApart() throws {
    let spec = Tool.package.appending(path: "specs/batch_norm.norm").path
    let text = try Tool().run("explain", spec).text
    for title in [
      "Forward in training (2 reductions)", "Backward in training (2 reductions)",
      "Forward in evaluation (0 reductions)", "Backward in evaluation (2 reductions)",
    ] {
      #expect(text.contains("\n\(title)\n"), "\(title) is missing")
    }
    #expect(text.contains("  next running_mean = "))
  }

  @Test func formulasKeepTheirMeaningWithFewParentheses() throws {
    let spec = """
      norm p(x[N]) -> a, b, c, d {
        a = x - (x - (x + 1) * 2) / (x / 3)
        b = (x + 1)^2 + exp(-x)
        c = if x > 0 and not (x > 1 or x < -2) then -(x + 1) else (if x > 2 then 1 else x)
        d = max(x * x, 1 - x)
      }
      """
    let text = try Tool().run("explain", "-", input: spec).text
    let forward = text.split(separator: "\n").filter { $0.hasPrefix("  ") }
    for line in [
      "  t1 = x + 1",
      "  a  = x - (x - t1 * 2) / (x / 3)",
      "  b  = t1 * t1 + exp(-x)",
      "  c  = if 0 < x and not (1 < x or x < -2) then -t1 else if 2 < x then 1 else x",
      "  d  = max(x * x, 1 - x)",
    ] {
      #expect(forward.contains(Substring(line)), "\(line) is missing")
    }
  }
}
