import LoopIR

/// Writes lane programs as plain C functions, for the tests alone.
///
/// It shares nothing with the compiler's own printer, nor with the evaluator.
struct PlainC {
  let compute: ComputeType

  /// The C function `name` of a program whose arguments and last value are numbers of `compute`.
  func function(_ name: String, _ program: LaneProgram, arity: Int) -> String {
    let parameters = ["\(type(.number)) x", "\(type(.number)) y"].prefix(arity)
    var lines = ["static \(type(.number)) \(name)(\(parameters.joined(separator: ", "))) {"]
    for (index, operation) in program.operations.enumerated() {
      let type = program.types[index]
      let text = expression(operation, type) { program.types[$0.index] }
      lines.append("  \(self.type(type)) v\(index) = \(text);")
    }
    lines.append("  return v\(program.operations.count - 1);\n}\n")
    return lines.joined(separator: "\n")
  }

  private func isSingle(_ type: LaneType) -> Bool {
    compute == .float32 && (type == .number || type == .integer)
  }

  private func type(_ type: LaneType) -> String {
    switch type {
    case .number, .wide: isSingle(type) ? "float" : "double"
    case .integer, .wideInteger: isSingle(type) ? "int32_t" : "int64_t"
    case .condition: "int"
    }
  }

  private func expression(
    _ operation: LaneOperation, _ type: LaneType, _ typeOf: (LaneValue) -> LaneType
  ) -> String {
    let o = operation.operands.map { "v\($0.index)" }
    let f = isSingle(type) ? "f" : ""
    switch operation {
    case .argument(let index): return ["x", "y"][index]
    case .constant(let value): return "(\(self.type(type)))\(literal(value))"
    case .integerConstant(let value): return value == .min ? "INT64_MIN" : "\(value)"
    case .truth(let value): return value ? "1" : "0"
    case .unary(.negate, _): return "-\(o[0])"
    case .unary(.absolute, _): return "fabs\(f)(\(o[0]))"
    case .unary(.squareRoot, _): return "sqrt\(f)(\(o[0]))"
    case .unary(.floor, _): return "floor\(f)(\(o[0]))"
    case .binary(.scale, _, _): return "scalbn\(f)(\(o[0]), (int)\(o[1]))"
    case .binary(let binary, _, _): return "\(o[0]) \(symbol(binary)) \(o[1])"
    case .fused(.productPlus, _, _, _): return "fma\(f)(\(o[0]), \(o[1]), \(o[2]))"
    case .fused(.minusProduct, _, _, _): return "fma\(f)(-\(o[0]), \(o[1]), \(o[2]))"
    case .fused(.productMinus, _, _, _): return "fma\(f)(\(o[0]), \(o[1]), -\(o[2]))"
    case .integer(.shiftRightArithmetic, _, _): return "\(o[0]) >> \(o[1])"
    case .integer(let integer, _, _):
      let u = isSingle(type) ? "uint32_t" : "uint64_t"
      return "(\(self.type(type)))((\(u))\(o[0]) \(symbol(integer)) (\(u))\(o[1]))"
    case .compare(let comparison, _, _), .compareInteger(let comparison, _, _):
      return "\(o[0]) \(symbol(comparison)) \(o[1])"
    case .logic(.and, _, _): return "\(o[0]) & \(o[1])"
    case .logic(.or, _, _): return "\(o[0]) | \(o[1])"
    case .not: return "!\(o[0])"
    case .select: return "\(o[0]) ? \(o[1]) : \(o[2])"
    case .bitcast(let a):
      let from = self.type(typeOf(a))
      return "((union { \(from) a; \(self.type(type)) b; }){ .a = \(o[0]) }).b"
    case .toInteger, .toNumber, .widen, .narrow: return "(\(self.type(type)))\(o[0])"
    case .function(let function, _):
      return "\(function.rawValue)_\(compute.rawValue)(\(o.joined(separator: ", ")))"
    }
  }

  private func literal(_ value: Double) -> String {
    if value.isNaN { return "NAN" }
    if value.isInfinite { return value > 0 ? "INFINITY" : "-INFINITY" }
    return "\(value)"
  }

  private func symbol(_ operation: LaneBinary) -> String {
    switch operation {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .divide: "/"
    case .scale: preconditionFailure("C has no operator that scales")
    }
  }

  private func symbol(_ operation: LaneInteger) -> String {
    switch operation {
    case .add: "+"
    case .subtract: "-"
    case .multiply: "*"
    case .and: "&"
    case .or: "|"
    case .xor: "^"
    case .shiftLeft: "<<"
    case .shiftRightLogical, .shiftRightArithmetic: ">>"
    }
  }

  private func symbol(_ comparison: LaneComparison) -> String {
    switch comparison {
    case .less: "<"
    case .lessOrEqual: "<="
    case .equal: "=="
    case .notEqual: "!="
    }
  }
}
