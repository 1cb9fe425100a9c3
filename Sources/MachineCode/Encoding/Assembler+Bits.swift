/// Instructions of BMI1 and BMI2 on general registers; every processor with AVX2 has them.
extension Assembler {
  /// `target = a op b`.
  package mutating func bits(
    _ operation: BitOperation, _ width: GeneralWidth, _ target: GeneralRegister,
    _ a: GeneralPlace, _ b: GeneralRegister
  ) {
    var opcode = operation.opcode
    switch width {
    case .bits32: opcode.wide = .zero
    case .bits64: opcode.wide = .one
    }
    emit(
      opcode, .xmm,
      VectorOperands(register: target.rawValue, second: b.rawValue, last: a.encoded))
  }
}

extension BitOperation {
  fileprivate var opcode: VectorOpcode {
    switch self {
    case .keepLowest: .init(.of0F38, .none, 0xF5, .zero, .full, .onlyVEX)
    case .shiftLeft: .init(.of0F38, .x66, 0xF7, .zero, .full, .onlyVEX)
    case .shiftRight: .init(.of0F38, .xF2, 0xF7, .zero, .full, .onlyVEX)
    case .shiftRightArithmetic: .init(.of0F38, .xF3, 0xF7, .zero, .full, .onlyVEX)
    }
  }
}
