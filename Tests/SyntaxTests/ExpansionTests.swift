import Basics
import Testing

@testable import Syntax

@Suite struct ExpansionTests {
  @Test(arguments: NamedSpec.valid)
  func anExpansionIsTheOneThatIsOnRecord(spec: NamedSpec) throws {
    TestFiles.compare(try #require(expansion(of: spec.source)), with: "Expanded/\(spec.name)")
  }

  @Test(arguments: NamedSpec.valid)
  func anExpansionMeansTheSame(spec: NamedSpec) throws {
    let text = try #require(expansion(of: spec.source))
    let (norms, messages) = checked(text)
    #expect(messages == "")
    let isSame = norms.map(\.meaning) == checked(spec.source.text).norms.map(\.meaning)
    #expect(isSame, "\(text)")
    #expect(formatted(text) == text)
  }

  @Test(arguments: Twin.all)
  func aClauseMeansItsEquations(twin: Twin) {
    let clauses = checked(twin.spec(twin.clauses))
    let equations = checked(twin.spec(twin.equations))
    #expect(clauses.messages == "")
    #expect(equations.messages == "")
    #expect(clauses.norms.count == 1)
    let isSame = clauses.norms.map(\.meaning) == equations.norms.map(\.meaning)
    #expect(isSame)
  }
}

private func expansion(of source: SourceFile) -> String? {
  var diagnostics = DiagnosticSet()
  return expand(source, into: &diagnostics)
}

/// Clauses and the equations that they stand for, written by hand.
struct Twin: CustomTestStringConvertible {
  var testDescription: String
  var clauses: String
  var equations: String

  func spec(_ body: String) -> String {
    """
    norm f(x[N, C, S...]) -> y {
      scalar eps = 1e-5, momentum = 0.1, decay = 0.9
      mask   valid[N, S]
      group  C into G = 4
      \(body)
      unused = if valid then eps else momentum + decay * size(G)
      next keep = keep + mean[N, S](unused)
      state keep = 0
    }
    """
  }

  static let all: [Twin] = [
    Twin(
      testDescription: "reduce and center", clauses: "reduce C, S center",
      equations: "mean = mean[C, S](x) centered = x - mean y = centered"),
    Twin(
      testDescription: "reduce where", clauses: "reduce N, S where valid center",
      equations: "mean = mean[N, S](x where valid) centered = x - mean y = centered"),
    Twin(
      testDescription: "divide by std", clauses: "reduce C/G, S center divide by std",
      equations: """
        mean = mean[C/G, S](x) var = var[C/G, S](x) std = sqrt(var + eps)
        centered = x - mean y = centered / std
        """),
    Twin(
      testDescription: "divide by rms", clauses: "reduce C where valid divide by rms",
      equations: """
        mean_square = mean[C](x^2 where valid) rms = sqrt(mean_square + eps) y = x / rms
        """),
    Twin(
      testDescription: "divide by any expression",
      clauses: "reduce C divide by sqrt(var) + eps",
      equations: "var = var[C](x) y = x / (sqrt(var) + eps)"),
    Twin(
      testDescription: "centered without center",
      clauses: "reduce C divide by mean[C](abs(centered)) + eps",
      equations: "centered = x y = centered / (mean[C](abs(centered)) + eps)"),
    Twin(
      testDescription: "affine", clauses: "reduce C center affine C",
      equations: """
        param weight[C] = 1, bias[C] = 0
        mean = mean[C](x) centered = x - mean y = centered * weight + bias
        """),
    Twin(
      testDescription: "weight", clauses: "reduce C divide by rms weight C, S",
      equations: """
        param weight[C, S] = 1
        mean_square = mean[C](x^2) rms = sqrt(mean_square + eps) y = x / rms * weight
        """),
    Twin(
      testDescription: "an epilogue reads normalized after affine",
      clauses: "reduce C center divide by std affine C y = silu(normalized)",
      equations: """
        param weight[C] = 1, bias[C] = 0
        mean = mean[C](x) var = var[C](x) std = sqrt(var + eps) centered = x - mean
        normalized = centered / std * weight + bias y = silu(normalized)
        """),
    Twin(
      testDescription: "track by momentum, unbiased",
      clauses: "reduce N, S where valid center divide by std track ema(momentum), unbiased",
      equations: """
        state running_mean[C] = 0, running_var[C] = 1
        train {
          mean = mean[N, S](x where valid)
          var = var[N, S](x where valid)
          next running_mean = ema(running_mean, mean, momentum: momentum)
          next running_var =
            ema(running_var, unbiased_var[N, S](x where valid), momentum: momentum)
        }
        eval { mean = running_mean var = running_var }
        std = sqrt(var + eps) centered = x - mean y = centered / std
        """),
    Twin(
      testDescription: "track by decay, over a part of an axis",
      clauses: "reduce N, C/G, S divide by rms track ema(decay)",
      equations: """
        state running_mean_square[G] = 1
        train {
          mean_square = mean[N, C/G, S](x^2)
          next running_mean_square =
            running_mean_square + (1 - decay) * (mean_square - running_mean_square)
        }
        eval { mean_square = running_mean_square }
        rms = sqrt(mean_square + eps) y = x / rms
        """),
  ]
}
