import Basics

extension LaneProgram {
  /// The program as text, a line for each value:
  ///
  ///     %3 = multiply %1 %2 : number  // square
  package var text: String {
    var writer = TextWriter()
    show(to: &writer)
    return writer.text
  }

  /// Writes the program, a line for each value.
  package func show(to writer: inout TextWriter) {
    for (index, operation) in operations.enumerated() {
      let name = names[index].map { "  // " + $0 } ?? ""
      writer.line("%\(index) = \(operation.text) : \(types[index].rawValue)\(name)")
    }
  }
}

extension LaneOperation {
  /// The operation and its operands, as in `multiply %1 %2`.
  package var text: String {
    ([mnemonic] + operands.map { "%\($0.index)" }).joined(separator: " ")
  }

  private var mnemonic: String {
    switch self {
    case .argument(let index): "argument \(index)"
    case .constant(let value): "constant \(value)"
    case .integerConstant(let value): "constant \(value)"
    case .truth(let value): "constant \(value)"
    case .unary(let operation, _): operation.rawValue
    case .binary(let operation, _, _): operation.rawValue
    case .fused(let form, _, _, _): form.rawValue
    case .integer(let operation, _, _): operation.rawValue
    case .compare(let comparison, _, _): comparison.rawValue
    case .compareInteger(let comparison, _, _): comparison.rawValue
    case .logic(let operation, _, _): operation.rawValue
    case .not: "not"
    case .select: "select"
    case .bitcast: "bitcast"
    case .toInteger: "toInteger"
    case .toNumber: "toNumber"
    case .widen: "widen"
    case .narrow: "narrow"
    case .function(let function, _): function.rawValue
    }
  }
}
