import Basics
import Syntax
import TensorIR
import Testing

@testable import Passes

/// How functions over ranks become steps.
@Suite struct RankCuttingTests {
  private func functions(_ text: String) throws -> (forward: Graph, backward: Graph) {
    var diagnostics = DiagnosticSet()
    let source = SourceFile(name: "test.norm", text: text)
    let norm = try #require(check(source, into: &diagnostics).last, "\(diagnostics)")
    let parts = partitioned(simplified(differentiated(lowered(norm, .train))))
    return (contracted(precise(parts.forward)), contracted(precise(parts.backward)))
  }

  private func steps(_ graph: Graph) -> RankSteps {
    let steps = cutAtRanks(graph)
    for step in steps.graphs {
      #expect(step.problems() == [])
      #expect(step.ranks.isEmpty && !step.show().contains("ranks"), "\(step.show())")
    }
    return steps
  }

  /// Processes have other numbers of samples, and other places.
  @Test(arguments: ["count[N](index(N) < 2)", "max[N](index(N))", "sum[N](2 where index(N) != 0)"])
  func whatIsMadeOfPlacesDiffersFromProcessToProcess(own: String) throws {
    let (forward, _) = try functions(
      """
      norm f(x[N, C]) -> y {
        train { y = x + mean[ranks](\(own)) }
        eval { y = x }
      }
      """)
    #expect(forward.nodes.contains { forward.isMerged($0) })
  }

  @Test func aSumOverRanksIsAPartialResultThatIsMerged() throws {
    let (forward, _) = try functions(
      """
      norm f(x[N, C]) -> y {
        train { y = x + sum[ranks, N](x) }
        eval { y = x }
      }
      """)
    let steps = steps(forward)
    #expect(steps.cuts == [RankCut([PartialResult(kind: .sum, arrays: ["sum_x"], axes: [1])])])
    #expect(
      steps.graphs.map { $0.show() } == [
        """
        tensor x[N, C]
        %1[C] : wide = total[N](x)
        partial sum_x[C] = %1

        """,
        """
        tensor x[N, C]
        merged sum_x[C]
        %2[C] = narrow sum_x
        %y.3[N, C] = x + %2
        output y[N, C] = %y.3

        """,
      ])
    #expect(
      withoutRanks(forward).show() == """
        tensor x[N, C]
        %1[C] : wide = total[N](x)
        %2[C] = narrow %1
        %y.3[N, C] = x + %2
        output y[N, C] = %y.3

        """)
  }

  @Test func meansAndVariancesAreMergedByTheirCounts() throws {
    let (forward, backward) = try functions(
      """
      norm f(x[N, C]) -> y {
        mask valid[N]
        train {
          m = mean[ranks, N](x where valid)
          y = (x - m) / sqrt(var[ranks, N](x where valid))
        }
        eval { y = x }
      }
      """)
    let cut = try #require(steps(forward).cuts.first)
    #expect(cut.entries.map(\.kind) == [.moments, .sum])
    #expect(cut.entries[0].arrays == ["count_x", "mean_x", "squares_x"])
    #expect(cut.entries[0].axes == [1] && cut.entries[1].axes == [])
    // The count is not saved, which would round it, but told again.
    #expect(steps(backward).cuts.map(\.entries.count) == [3])
    #expect(!forward.results.contains { $0.kind == .saved && $0.axes.isEmpty })
  }

  @Test func aStatisticOfAStatisticTakesTwoCuts() throws {
    let (forward, _) = try functions(
      """
      norm f(x[N, C]) -> y {
        train {
          m = mean[ranks, N](x)
          y = x / mean[ranks, N](abs(x - m))
        }
        eval { y = x }
      }
      """)
    let steps = steps(forward)
    #expect(steps.graphs.count == 3)
    let read = steps.graphs.map { graph in
      Set(graph.inputs.filter { $0.kind == .merged }.map(\.name))
    }
    let told = steps.cuts.map { Set($0.entries.flatMap(\.arrays)) }
    #expect(read[0].isEmpty && read[1].isSubset(of: told[0]))
    #expect(read[2].isSubset(of: told[0].union(told[1])) && !read[2].isDisjoint(with: told[1]))
  }

  @Test func aResultIsWrittenAsSoonAsItIsKnownButStatesAreLast() throws {
    let (forward, backward) = try functions(
      """
      norm f(x[N, C]) -> y, z {
        param weight[C] = 1
        state own[C] = 0
        train {
          next own = mean[N](x)
          z = 2 * x
          y = (x - mean[ranks, N](x)) * weight
        }
        eval {
          y = x * weight + own
          z = x
        }
      }
      """)
    let results = steps(forward).graphs.map { graph in
      graph.results.filter { $0.kind != .partial }.map { argumentName(of: $0) }
    }
    #expect(results[0].contains("z") && !results[0].contains("next_own"))
    #expect(results[1].contains("y") && results[1].contains("next_own"))
    let gradients = steps(backward).graphs.map { graph in
      graph.results.filter { $0.kind == .gradient }.map(\.name)
    }
    #expect(gradients == [["weight"], ["x"]])
  }

  @Test func whatOneProcessCanComputeIsNotCut() throws {
    let (_, backward) = try functions(
      """
      norm f(x[N, C]) -> y {
        train { y = x / stop_gradient(mean[ranks, N](x^2)) }
        eval { y = x }
      }
      """)
    let steps = steps(backward)
    #expect(steps.cuts.isEmpty && steps.graphs.count == 1)
    let plain = try functions("norm f(x[N, C]) -> y { y = x - mean[N](x) }").forward
    #expect(cutAtRanks(plain).graphs == [plain] && withoutRanks(plain) == plain)
  }

  @Test func sizesOfProcessesAreCountedOneByOne() throws {
    // Each process has as many places of N as it has; their number is not a product.
    let (forward, _) = try functions(
      """
      norm f(x[N, C]) -> y {
        train { y = x * count[ranks, N](true) + sum[ranks](size(N) * size(N)) }
        eval { y = x }
      }
      """)
    let steps = steps(forward)
    #expect(steps.cuts.map(\.entries.count) == [2])
    let first = steps.graphs[0]
    #expect(first.results.count == 2)
    #expect(first.results.allSatisfy { $0.axes.isEmpty && first.type($0.node) == .wide })
  }
}
