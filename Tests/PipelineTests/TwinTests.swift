import Passes
import Syntax
import TensorIR
import Testing

/// Norms that are written differently and mean the same become the same graph, so that they give
/// the same kernels.
@Suite struct TwinTests {
  @Test(arguments: Twins.all)
  func twinsBecomeOneGraph(twins: Twins) throws {
    for phase in CallPhaseKind.allCases {
      let first = try canonicalText(of: twins.norm(twins.bodies[0]), phase)
      for body in twins.bodies.dropFirst() {
        let text = try canonicalText(of: twins.norm(body), phase)
        #expect(text == first, "\(body)")
      }
    }
  }

  @Test func whatMeansSomethingElseIsNoTwin() throws {
    let twins = Twins.all[0]
    let first = try canonicalText(of: twins.norm(twins.bodies[0]), .train)
    let other = "scalar eps = 1e-5 reduce C center divide by sqrt(var) + eps affine C"
    #expect(try canonicalText(of: twins.norm(other), .train) != first)
  }

  private func canonicalText(of text: String, _ phase: CallPhaseKind) throws -> String {
    let graph = simplified(differentiated(lowered(try checkedNorm(text), phase)))
    return CanonicalText(graph).lines.joined(separator: "\n")
  }
}

/// A graph as text, but for the names and the order of its nodes.
private struct CanonicalText {
  private let graph: Graph
  private var numbers: [Node: Int] = [:]
  private(set) var lines: [String] = []

  init(_ graph: Graph) {
    self.graph = graph
    let results = graph.results.sorted { ($0.kind.rawValue, $0.name) < ($1.kind.rawValue, $1.name) }
    for result in results {
      let number = numbered(result.node)
      lines.append("\(result.kind) \(result.name)\(result.axes) = \(number)")
    }
  }

  private mutating func numbered(_ node: Node) -> Int {
    if let number = numbers[node] { return number }
    let operands = graph[node].operands.map { numbered($0) }
    let number = numbers.count
    numbers[node] = number
    lines.append("\(number) = \(kind(of: graph[node])) \(operands)")
    return number
  }

  /// The operation without its operands.
  private func kind(of operation: TensorIR.Operation) -> String {
    switch operation {
    case .input(let index): "\(graph.inputs[index].kind) \(graph.inputs[index].name)"
    case .constant(let constant): "\(constant.value)"
    case .truth(let value): "\(value)"
    case .size(let axes): "size \(axes.axes)"
    case .index(let axes): "index \(axes.axes)"
    case .unary(let function, _): function.rawValue
    case .binary(let function, _, _): function.rawValue
    case .compare(let function, _, _): function.rawValue
    case .not: "not"
    case .logic(let function, _, _): function.rawValue
    case .select: "select"
    case .reduce(let reduction): "\(reduction.kind) \(reduction.axes.axes)"
    case .stopGradient: "stop"
    case .customGradient(let block, _, _): "custom \(block)"
    case .fused(let form, _, _, _): form.rawValue
    case .widen: "widen"
    case .narrow: "narrow"
    }
  }
}

/// Bodies of a norm that mean the same.
struct Twins: CustomTestStringConvertible {
  var testDescription: String
  var head: String
  var bodies: [String]

  func norm(_ body: String) -> String { "\(head) {\n\(body)\n}\n" }

  private static let affine = "param weight[C] = 1, bias[C] = 0"

  static let all: [Twins] = [
    Twins(
      testDescription: "layer normalization",
      head: "norm f(x[N..., C]) -> y",
      bodies: [
        "scalar eps = 1e-5 reduce C center divide by std affine C",
        """
        scalar eps = 1e-5 \(affine)
        mu = mean[C](x) v = var[C](x) y = (x - mu) / sqrt(v + eps) * weight + bias
        """,
        """
        scalar eps = 1e-5 \(affine)
        y = (x - mu) * r * weight + bias
        r = rsqrt(v + eps)
        v = mean[C]((x - mu)^2)
        mu = mean[C](x)
        """,
        """
        scalar eps = 1e-5 \(affine)
        m = mean[C](x) d = x - m s = mean[C](d * d) r = 1 / sqrt(s + eps)
        y = d * r * weight + bias
        """,
        """
        scalar eps = 1e-5 \(affine)
        d = x - mean[C](x) y = d * (var[C](x) + eps)^(-0.5) * weight + bias
        """,
      ]),
    Twins(
      testDescription: "root mean square normalization", head: "norm f(x[N..., C]) -> y",
      bodies: [
        "scalar eps = 1e-6 reduce C divide by rms weight C",
        """
        scalar eps = 1e-6 param weight[C] = 1
        y = x / sqrt(mean[C](x * x) + eps) * weight
        """,
        """
        scalar eps = 1e-6 param weight[C] = 1
        square = x^2 r = rsqrt(mean[C](square) + eps) y = x * r * weight
        """,
      ]),
    Twins(
      testDescription: "masked batch normalization", head: "norm f(x[N, C]) -> y",
      bodies: [
        "mask valid[N] scalar eps = 1e-5 reduce N where valid center divide by std",
        """
        mask valid[N] scalar eps = 1e-5
        m = mean[N](x where valid)
        v = mean[N]((x - m)^2 where valid)
        y = (x - m) * rsqrt(v + eps)
        """,
      ]),
  ]
}
