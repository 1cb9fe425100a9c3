import Foundation
import TensorIR

/// The values of a graph in float64, by the definition of each operation and nothing else: no
/// order of sums, no rounding to another type. `widen` and `narrow` therefore change nothing.
struct DenseEvaluator {
  let graph: Graph
  let extents: DenseArray.Extents
  private(set) var values: [DenseArray] = []

  /// - Parameter inputs: the inputs' values, by kind and name.
  init(
    _ graph: Graph, _ extents: DenseArray.Extents, _ inputs: (GraphInput) throws -> DenseArray
  ) rethrows {
    self.graph = graph
    self.extents = extents
    for node in graph.nodes {
      if case .input(let index) = graph[node] {
        values.append(try inputs(graph.inputs[index]))
      } else {
        values.append(
          DenseArray(graph.shape(node).axes, extents) { value(of: graph[node], at: $0) })
      }
    }
  }

  subscript(node: Node) -> DenseArray { values[node.index] }

  /// A result along the axes that it has, repeated along those that its node lacks.
  func value(of result: GraphResult) -> DenseArray {
    DenseArray(result.axes, extents) { self[result.node].at($0, extents) }
  }

  private func value(of operation: TensorIR.Operation, at place: Place) -> Double {
    let at = { (node: Node) in self[node].at(place, extents) }
    switch operation {
    case .input: return .nan
    case .constant(let constant): return constant.value
    case .truth(let value): return value ? 1 : 0
    case .size(let axes): return Double(axes.axes.reduce(1) { $0 * extents[$1] })
    case .index(let axes):
      return Double(graph.placeOrder(axes).reduce(0) { $0 * extents[$1] + place.coordinates[$1] })
    case .unary(let function, let a): return function.applied(to: at(a))
    case .binary(let function, let a, let b): return function.applied(to: at(a), at(b))
    case .compare(let function, let a, let b): return function.holds(at(a), at(b)) ? 1 : 0
    case .not(let a): return 1 - at(a)
    case .logic(.and, let a, let b): return min(at(a), at(b))
    case .logic(.or, let a, let b): return max(at(a), at(b))
    case .select(let c, let a, let b): return at(c) == 1 ? at(a) : at(b)
    case .reduce(let reduction): return reduced(reduction, at: place)
    case .stopGradient(let a), .customGradient(_, let a, _), .widen(let a), .narrow(let a):
      return at(a)
    case .fused(.productPlus, let a, let b, let c): return at(a) * at(b) + at(c)
    case .fused(.minusProduct, let a, let b, let c): return at(c) - at(a) * at(b)
    case .fused(.productMinus, let a, let b, let c): return at(a) * at(b) - at(c)
    }
  }

  private func reduced(_ reduction: Reduction, at place: Place) -> Double {
    let taken = Place.all(reduction.axes.axes, extents, from: place).filter { place in
      reduction.condition.map { self[$0].at(place, extents) == 1 } ?? true
    }
    let elements = taken.map { place in
      self[reduction.operand].at(place, extents)
        * (reduction.factor.map { self[$0].at(place, extents) } ?? 1)
    }
    return reduction.kind.reduced(elements)
  }
}

extension Reduction.Kind {
  /// What it makes of some elements.
  fileprivate func reduced(_ elements: [Double]) -> Double {
    let sum = elements.reduce(0, +)
    let mean = elements.isEmpty ? 0 : sum / Double(elements.count)
    let squares = elements.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    switch self {
    case .sum, .total, .count: return sum
    case .mean, .momentMean: return mean
    case .variance: return elements.isEmpty ? 0 : squares / Double(elements.count)
    case .momentSquares: return squares
    case .maximum:
      return elements.reduce(-.infinity) { Binary.maximum.applied(to: $0, $1) }
    case .minimum:
      return elements.reduce(.infinity) { Binary.minimum.applied(to: $0, $1) }
    }
  }
}

extension Unary {
  func applied(to a: Double) -> Double {
    switch self {
    case .negate: -a
    case .absolute: abs(a)
    case .sign: a > 0 ? 1 : a < 0 ? -1 : a
    case .squareRoot: a.squareRoot()
    case .reciprocalSquareRoot: 1 / a.squareRoot()
    case .exponential: exp(a)
    case .logarithm: log(a)
    case .hyperbolicTangent: tanh(a)
    case .sigmoid: 1 / (1 + exp(-a))
    case .errorFunction: erf(a)
    case .floor: a.rounded(.down)
    }
  }
}

extension Binary {
  func applied(to a: Double, _ b: Double) -> Double {
    switch self {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    case .divide: a / b
    case .power: pow(a, b)
    case .maximum: a > b || a.isNaN ? a : b
    case .minimum: a < b || a.isNaN ? a : b
    }
  }
}
