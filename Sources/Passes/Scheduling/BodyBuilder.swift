import Basics
import LoopIR
import TensorIR

/// Writes nodes of a graph as a lane program.
struct BodyBuilder {
  let graph: Graph
  private(set) var body = Body()
  private var values: NodeTable<LaneValue>
  private var arguments: [Source: LaneValue] = [:]
  /// Where a node comes from that the program does not compute itself.
  private let source: (Node) -> Source?

  init(_ graph: Graph, source: @escaping (Node) -> Source?) {
    self.graph = graph
    self.source = source
    values = NodeTable(count: graph.nodeCount)
  }

  /// The lane value of `node`.
  mutating func value(of node: Node) -> LaneValue {
    if let known = values[node] { return known }
    let type = laneType(graph.type(node))
    let value: LaneValue
    if let source = source(node) {
      if case .parameter = source, type != .condition {
        value = exact(source, type)
      } else {
        value = argument(source, type, name: graph.name(node))
      }
    } else {
      value = computed(graph[node], type, name: graph.name(node))
    }
    values[node] = value
    return value
  }

  private mutating func argument(_ source: Source, _ type: LaneType, name: String?) -> LaneValue {
    if let known = arguments[source] { return known }
    body.arguments.append(source)
    let value = body.program.append(.argument(body.arguments.count - 1), type, name: name)
    arguments[source] = value
    return value
  }

  /// A float64 from outside, rounded to `type`.
  private mutating func exact(_ source: Source, _ type: LaneType) -> LaneValue {
    let wide = argument(source, .wide, name: nil)
    return type == .wide ? wide : body.program.append(.narrow(wide), type)
  }

  private mutating func computed(
    _ operation: Operation, _ type: LaneType, name: String?
  ) -> LaneValue {
    switch operation {
    case .constant(let constant):
      return body.program.append(.constant(constant.value), type)
    case .truth(let value): return body.program.append(.truth(value), .condition)
    case .size(let axes): return exact(.size(axes.axes), type)
    case .index(let axes): return exact(.place(graph.placeOrder(axes)), type)
    case .widen(let a): return widened(a)
    case .input, .reduce, .stopGradient, .customGradient:
      unreachable("scheduling: \(operation) has no place in a lane program")
    default:
      let operands = operation.operands.map { value(of: $0) }
      return arithmetic(operation, operands, type, name)
    }
  }

  /// What is known exactly is widened by taking its value in float64.
  private mutating func widened(_ a: Node) -> LaneValue {
    switch graph[a] {
    case .constant(let constant): return body.program.append(.constant(constant.value), .wide)
    case .size(let axes): return exact(.size(axes.axes), .wide)
    case .index(let axes): return exact(.place(graph.placeOrder(axes)), .wide)
    case .input:
      if case .parameter(let id) = source(a) { return exact(.parameter(id), .wide) }
    default: break
    }
    let number = value(of: a)
    return body.program.append(.widen(number), .wide)
  }

  private mutating func arithmetic(
    _ operation: Operation, _ x: [LaneValue], _ type: LaneType, _ name: String?
  ) -> LaneValue {
    switch operation {
    case .unary(let function, _): return unary(function, x[0], type, name)
    case .binary(let function, _, _): return binary(function, x[0], x[1], type, name)
    case .compare(let comparison, _, _):
      return append(.compare(laneComparison(comparison), x[0], x[1]), .condition, name)
    case .not: return append(.not(x[0]), .condition, name)
    case .logic(let connective, _, _):
      return append(.logic(connective == .and ? .and : .or, x[0], x[1]), .condition, name)
    case .select: return append(.select(x[0], x[1], x[2]), type, name)
    case .fused(let form, _, _, _):
      return append(.fused(laneForm(form), x[0], x[1], x[2]), type, name)
    case .narrow: return append(.narrow(x[0]), type, name)
    case .input, .constant, .truth, .size, .index, .reduce, .stopGradient, .customGradient,
      .widen:
      unreachable("scheduling: no arithmetic")
    }
  }

  private mutating func append(
    _ operation: LaneOperation, _ type: LaneType, _ name: String? = nil
  ) -> LaneValue {
    body.program.append(operation, type, name: name)
  }

  private mutating func unary(
    _ function: Unary, _ a: LaneValue, _ type: LaneType, _ name: String?
  ) -> LaneValue {
    switch function {
    case .negate: return append(.unary(.negate, a), type, name)
    case .absolute: return append(.unary(.absolute, a), type, name)
    case .squareRoot: return append(.unary(.squareRoot, a), type, name)
    case .floor: return append(.unary(.floor, a), type, name)
    case .sign:  // 1, -1, or a itself where it is 0 or NaN
      let (zero, one) = (append(.constant(0), type), append(.constant(1), type))
      let minusOne = append(.constant(-1), type)
      let isNegative = append(.compare(.less, a, zero), .condition)
      let isPositive = append(.compare(.less, zero, a), .condition)
      let rest = append(.select(isNegative, minusOne, a), type)
      return append(.select(isPositive, one, rest), type, name)
    case .reciprocalSquareRoot:  // two roundings
      let root = append(.unary(.squareRoot, a), type)
      let one = append(.constant(1), type)
      return append(.binary(.divide, one, root), type, name)
    case .exponential: return append(.function(.exponential, [a]), type, name)
    case .logarithm: return append(.function(.logarithm, [a]), type, name)
    case .hyperbolicTangent: return append(.function(.hyperbolicTangent, [a]), type, name)
    case .sigmoid: return append(.function(.sigmoid, [a]), type, name)
    case .errorFunction: return append(.function(.errorFunction, [a]), type, name)
    }
  }

  private mutating func binary(
    _ function: Binary, _ a: LaneValue, _ b: LaneValue, _ type: LaneType, _ name: String?
  ) -> LaneValue {
    switch function {
    case .add: return append(.binary(.add, a, b), type, name)
    case .subtract: return append(.binary(.subtract, a, b), type, name)
    case .multiply: return append(.binary(.multiply, a, b), type, name)
    case .divide: return append(.binary(.divide, a, b), type, name)
    case .power: return append(.function(.power, [a, b]), type, name)
    case .maximum: return extremum(append(.compare(.less, b, a), .condition), a, b, type, name)
    case .minimum: return extremum(append(.compare(.less, a, b), .condition), a, b, type, name)
    }
  }

  /// `select(wins or a is NaN, a, b)`
  private mutating func extremum(
    _ wins: LaneValue, _ a: LaneValue, _ b: LaneValue, _ type: LaneType, _ name: String?
  ) -> LaneValue {
    let isNaN = append(.compare(.notEqual, a, a), .condition)
    let first = append(.logic(.or, wins, isNaN), .condition)
    return append(.select(first, a, b), type, name)
  }
}

func laneType(_ type: NodeType) -> LaneType {
  switch type {
  case .number: .number
  case .condition: .condition
  case .wide: .wide
  }
}

private func laneComparison(_ comparison: Comparison) -> LaneComparison {
  switch comparison {
  case .less: .less
  case .lessOrEqual: .lessOrEqual
  case .equal: .equal
  case .notEqual: .notEqual
  }
}

private func laneForm(_ form: TensorIR.FusedForm) -> LoopIR.FusedForm {
  switch form {
  case .productPlus: .productPlus
  case .minusProduct: .minusProduct
  case .productMinus: .productMinus
  }
}
