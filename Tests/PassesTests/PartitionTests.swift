import Basics
import Syntax
import TensorIR
import Testing

@testable import Passes

/// What forward saves for backward.
@Suite struct PartitionTests {
  @Test(arguments: SavedCase.all)
  func whatIsSavedIsWhatAPersonWouldSave(form: SavedCase) throws {
    var diagnostics = DiagnosticSet()
    let source = SourceFile(name: "test.norm", text: form.text)
    let norm = try #require(check(source, into: &diagnostics).last, "\(diagnostics)")
    let functions = partitioned(simplified(differentiated(lowered(norm, form.phase))))
    let given = functions.backward.inputs.filter { $0.kind == .saved || $0.kind == .savedCounter }
    #expect(given.map(\.name).sorted() == form.saved)
    let kept = Set(functions.forward.results.map(\.name))
    #expect(kept.isSuperset(of: form.saved), "forward gives what backward is given")
    for name in form.ownStates {
      #expect(functions.backward.inputs.contains { $0.kind == .state && $0.name == name })
    }
    let states = functions.backward.inputs.filter { $0.kind == .state }.map(\.name)
    #expect(states == form.ownStates, "no other state is read: forward may have set it")
    #expect(functions.backward.inputs.allSatisfy { $0.kind != .counter })
  }
}

/// A norm, and the names of what its backward is given beside tensors and parameters, sorted.
struct SavedCase: CustomTestStringConvertible {
  var testDescription: String
  var text: String
  var phase = CallPhaseKind.train
  var saved: [String]
  /// The states that the backward reads as they stand before it, for it sets them.
  var ownStates: [String] = []

  static let all: [SavedCase] = [
    SavedCase(
      testDescription: "the statistic closest to its use",
      text: """
        norm f(x[N, C]) -> y { scalar eps = 1e-5 reduce C center divide by std affine C }
        """,
      saved: ["mean", "rstd"]),
    SavedCase(
      testDescription: "an output that is the statistic serves as saved",
      text: """
        norm f(x[N, C]) -> y, m[N] { m = mean[C](x) y = (x - m) * (x - m) }
        """,
      saved: ["m"]),
    SavedCase(
      testDescription: "what is as large as a tensor is computed again",
      text: "norm f(x[N, C]) -> y { e = exp(x) y = e * e }", saved: []),
    SavedCase(
      testDescription: "an output that spares exp and a tensor is read",
      text: "norm f(x[N, C]) -> y { e = exp(x) y = e / sum[C](e) }", saved: ["y"]),
    SavedCase(
      testDescription: "an output is read for what it is where its condition holds",
      text: """
        norm f(x[N, C]) -> y {
          mask valid[N, C]
          e = exp(x)
          y = if valid then e / sum[C](e where valid) else 0
        }
        """, saved: ["y"]),
    SavedCase(
      testDescription: "an output is not read for what is used elsewhere as well",
      text: """
        norm f(x[N, C]) -> y, z {
          mask valid[N, C]
          e = exp(x)
          y = if valid then e else 0
          z = e * e
        }
        """, saved: []),
    SavedCase(
      testDescription: "an output that spares exp but no tensor is not",
      text: "norm f(x[N, C]) -> y { e = exp(x * x) y = e / sum[C](e) }", saved: ["sum_e"]),
    SavedCase(
      testDescription: "an output that spares a tensor but no function is not",
      text: "norm f(x[N, C]) -> y { y = x / sum[C](x * x) }", saved: ["sum_x_squared"]),
    SavedCase(
      testDescription: "a state as it was before forward",
      text: """
        norm f(x[N, C]) -> y {
          state s[C] = 1
          next s = s + mean[N](x)
          y = x * s
        }
        """, saved: ["saved_s"]),
    SavedCase(
      testDescription: "a counter as forward saw it",
      text: """
        norm f(x[N, C]) -> y {
          counter step
          y = if x > step then x * x else x
        }
        """, saved: ["saved_step"]),
    SavedCase(
      testDescription: "a state that a gradient block sets belongs to the backward",
      text: """
        norm f(x[N, C]) -> y {
          param weight[C] = 1
          state nu[C] = 0
          z = x * x
          y = z * weight
          train {
            gradient of z by dz { next nu = nu + mean[N](dz) grad x = dz * nu }
          }
        }
        """, saved: [], ownStates: ["nu"]),
  ]
}
