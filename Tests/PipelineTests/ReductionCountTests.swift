import NormGen
import Passes
import Syntax
import TensorIR
import Testing

/// The derived backwards have no more reductions than those written by hand.
@Suite struct ReductionCountTests {
  @Test(arguments: BackwardCase.all)
  func aBackwardHasTheReductionsOfOneWrittenByHand(form: BackwardCase) throws {
    let norm = try Goldens.shipped(form.norm)
    let backward = partitioned(simplified(differentiated(lowered(norm, form.phase)))).backward
    let found = accumulators(of: backward).map { $0.axes.axes.map { backward.axes[$0].name } }
    #expect(found.sorted { $0.joined() < $1.joined() } == form.reductions)
  }

  /// What an activation does not pass on costs the forward nothing, and the backward at most the
  /// count that tells whether it passed on anything.
  @Test(arguments: [
    ("if u > 0 then u else 0.1 * u", 0), ("if u > 0 then u else 0", 1), ("max(u, 0)", 1),
  ])
  func anActivationNeedsNoSweepOfItsOwn(activation: String, counts: Int) throws {
    let norm = { (output: String) in
      try checkedNorm(
        """
        norm activated(x[N, C, S...]) -> y {
          scalar eps = 1e-5
          param weight[C] = 1, bias[C] = 0
          reduce N, S
          center
          divide by std
          u = normalized * weight + bias
          y = \(output)
        }
        """)
    }
    let functions = { partitioned(simplified(differentiated(lowered($0, .train)))) }
    let (plain, activated) = try (functions(norm("u")), functions(norm(activation)))
    #expect(accumulators(of: activated.forward) == accumulators(of: plain.forward))
    #expect(saved(by: activated) == saved(by: plain))
    let more = accumulators(of: activated.backward).count - accumulators(of: plain.backward).count
    #expect(more == counts)
  }

  private func saved(by functions: Functions) -> [String] {
    functions.forward.results.filter { $0.kind == .saved }.map(\.name)
  }

  @Test(arguments: TextbookCase.all)
  func explainWritesTheTextbookGradient(form: TextbookCase) throws {
    let text = try explain(Goldens.shipped(form.norm))
    let lines = text.split(separator: "\n").map { line in
      line.split(separator: " ").joined(separator: " ")
    }
    for line in form.lines { #expect(lines.contains(line), "\(line) is not in\n\(text)") }
  }
}

/// The sums that a graph needs, each once: a sum and a mean of the same elements are one, and so
/// are a variance and the mean beside it.
private func accumulators(of graph: Graph) -> Set<Reduction> {
  var found = Set<Reduction>()
  for node in graph.reachable(from: graph.results.map(\.node)) {
    guard case .reduce(var reduction) = graph[node] else { continue }
    switch reduction.kind {
    case .mean: reduction.kind = .sum
    case .sum, .maximum, .minimum, .variance, .count, .total, .momentMean, .momentSquares: break
    }
    found.insert(reduction)
  }
  for reduction in found where reduction.kind == .variance {
    found.remove(
      Reduction(.sum, reduction.axes, reduction.operand, where: reduction.condition))
  }
  return found
}

/// The axes of each reduction of a backward, sorted by their names.
struct BackwardCase: CustomTestStringConvertible {
  var norm: String
  var phase: CallPhaseKind
  var reductions: [[String]]

  var testDescription: String { "\(norm), \(phase)" }

  /// For d_x a sum of g and one of g * normalized (the second alone where nothing is centred);
  /// for each parameter one sum over what it lacks. Where these are the same sums, as in batch
  /// normalization, they count once; in its evaluation d_x has none.
  static let all: [BackwardCase] = CallPhaseKind.allCases.flatMap { phase in
    [
      BackwardCase(
        norm: "layer_norm", phase: phase, reductions: [["C"], ["C"], ["N"], ["N"]]),
      BackwardCase(norm: "rms_norm", phase: phase, reductions: [["C"], ["N"]]),
      BackwardCase(
        norm: "group_norm", phase: phase,
        reductions: [["C/G", "S"], ["C/G", "S"], ["N", "S"], ["N", "S"]]),
      BackwardCase(
        norm: "instance_norm", phase: phase,
        reductions: [["N", "S"], ["N", "S"], ["S"], ["S"]]),
      BackwardCase(norm: "batch_norm", phase: phase, reductions: [["N", "S"], ["N", "S"]]),
      BackwardCase(norm: "softmax", phase: phase, reductions: [["C"]]),
      BackwardCase(norm: "l2_normalize", phase: phase, reductions: [["C"]]),
    ]
  }
}

/// Lines of `explain`, with single spaces.
struct TextbookCase: CustomTestStringConvertible {
  var norm: String
  var lines: [String]

  var testDescription: String { norm }

  static let all: [TextbookCase] = [
    TextbookCase(
      norm: "layer_norm",
      lines: [
        "d_normalized = weight * d_y",
        "d_x = rstd * (d_normalized - mean[C](d_normalized)"
          + " - mean[C](d_normalized * normalized) * normalized)",
        "d_weight = sum[N](d_y * normalized)", "d_bias = sum[N](d_y)",
      ]),
    TextbookCase(
      norm: "rms_norm",
      lines: [
        "d_normalized = weight * d_y",
        "d_x = rrms * (d_normalized - mean[C](d_normalized * normalized) * normalized)",
        "d_weight = sum[N](d_y * normalized)",
      ]),
    TextbookCase(
      norm: "group_norm",
      lines: [
        "d_normalized = weight * d_y",
        "d_x = rstd * (d_normalized - mean[C/G, S](d_normalized)"
          + " - mean[C/G, S](d_normalized * normalized) * normalized)",
        "d_weight = sum[N, S](d_y * normalized)", "d_bias = sum[N, S](d_y)",
      ]),
    TextbookCase(
      norm: "batch_norm",
      lines: [
        "d_weight = sum[N, S](d_y * normalized)", "d_bias = sum[N, S](d_y)",
        "d_x = weight * rstd * "
          + "(d_y - d_bias / size(N, S) - d_weight / size(N, S) * normalized)",
        "d_x = weight * rstd * d_y",
      ]),
  ]
}
