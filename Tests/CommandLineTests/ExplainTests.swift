import Testing

@Suite struct ExplainTests {
  @Test func theGradientOfLayerNormIsWhatAPersonWouldWrite() throws {
    let spec = Tool.package.appending(path: "specs/layer_norm.norm").path
    let outcome = try Tool().run("explain", spec)
    #expect(outcome.status == 0 && outcome.messages == "")
    let gradient =
      "rstd * (d_normalized - mean[C](d_normalized) - "
      + "mean[C](d_normalized * normalized) * normalized)"
    #expect(
      outcome.text.contains(
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
          centered     = x - mean
          normalized   = centered * rstd
          d_normalized = weight * d_y
          d_x          = \(gradient)
          d_weight     = sum[N](d_y * normalized)
          d_bias       = sum[N](d_y)

        Passes of forward: at least 4 * (2 N C + 2 C + 2 N) bytes, 2.1 MB for C = 256, N = 1024

        """))
  }

  @Test func thePassesOverMemoryCountTheirBytes() throws {
    let spec = Tool.package.appending(path: "specs/layer_norm.norm").path
    let text = try Tool().run("explain", spec).text
    for line in [
      "  y, mean, rstd: for each N",
      "    pass 2 over C writes y, reads x again, weight, bias",
      "    reads x, weight, bias; writes y, mean, rstd: 4 * (2 N C + 2 C + 2 N) bytes",
      // x, which is read twice, and what every row reads.
      "    as long as 12 C bytes stay in cache",
      "  d_x: for each N",
      "    pass 2 over C writes d_x, reads x again, weight again, d_y again",
      "    reads slots_d_weight, slots_d_bias; writes d_weight, d_bias: 16 C bytes",
    ] {
      #expect(text.contains("\n\(line)\n"), "\(line) is missing")
    }
  }

  @Test func furtherDerivativesAreShownIfAsked() throws {
    let spec = Tool.package.appending(path: "specs/softmax.norm").path
    let text = try Tool().run("explain", spec, "--derive", "jvp,vjp2").text
    for title in ["Jvp (3 reductions)", "Vjp2 (5 reductions)"] {
      #expect(text.contains("\n\(title)\n"), "\(title) is missing")
    }
    #expect(text.contains("\nPasses of vjp2: ") && !text.contains("Passes of backward"))
    #expect(!(try Tool().run("explain", spec).text.contains("Jvp")))
  }

  @Test func whatProcessesTellEachOtherIsShown() throws {
    let spec = Tool.package.appending(path: "specs/across_samples/sync_batch_norm.norm").path
    let text = try Tool().run("explain", spec).text
    #expect(
      text.contains(
        """

        Between processes
          forward_1 tells count_x[C], mean_x[C], squares_x[C], count in float64
          backward_1 tells sum_d_y_normalized[C], count, sum_d_y[C] in float64
        """))
    #expect(text.contains("\n  mean              = mean[ranks, N, S](x)\n"), "\(text)")
    let other = Tool.package.appending(path: "specs/batch_norm.norm").path
    #expect(!(try Tool().run("explain", other).text.contains("processes")))
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
