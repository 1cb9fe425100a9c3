/// An instruction on vectors of integers.
package enum IntegerBinary: CaseIterable, Sendable {
  case add, subtract
  /// The lower half of the product; AVX-512 only for int64.
  case multiply
  case and, or, xor
  /// `~a & b`.
  case andNot
  /// Signed; AVX-512 only for int64.
  case minimum, maximum
  /// AVX-512 only for int64.
  case unsignedMinimum, unsignedMaximum
  /// Each element by the one of `b`; all zero (or the sign) if that is not below its width.
  /// `shiftRightArithmetic` is AVX-512 only for int64.
  case shiftLeft, shiftRight, shiftRightArithmetic
  /// Alternately of `a` and `b`, the lower or upper halves of all groups of 16 bytes.
  case unpackLow, unpackHigh
  /// The elements of `b` that `a` names; 32 bytes at least; AVX-512 only for int64.
  case permute
}

/// A shift of all elements by the same number of bits. `arithmeticRight` is AVX-512 only for
/// int64.
package enum VectorShift: CaseIterable, Sendable {
  case left, right, arithmeticRight
}

/// An instruction on vectors whose operands and result have elements of different widths.
package enum MixedBinary: CaseIterable, Sendable {
  /// The bytes of `a` that `b` names, in each group of 16.
  case shuffleBytes
  /// In each group of 16 bytes, signed elements of 32 bits of `a`, then of `b`, as 16 bits.
  case packSigned, packUnsigned
  /// The products of the lower 32 bits of elements of 64.
  case multiplySigned, multiplyUnsigned
  /// The elements of 16 bits of `b` that those of `a` name; AVX-512 only.
  case permuteWords
}

extension Assembler {
  /// `target = a op b`.
  package mutating func integer(
    _ operation: IntegerBinary, _ element: IntegerElement, _ width: VectorWidth,
    _ target: VectorRegister, _ a: VectorRegister, _ b: VectorOperand, _ masking: Masking = .none
  ) {
    emit(operation.opcode(element), width, target, a, b, masking)
  }

  /// `target = a op b`.
  package mutating func mixed(
    _ operation: MixedBinary, _ width: VectorWidth, _ target: VectorRegister,
    _ a: VectorRegister, _ b: VectorOperand, _ masking: Masking = .none
  ) {
    emit(operation.opcode, width, target, a, b, masking)
  }

  /// `target = a` shifted by a number of bits.
  package mutating func shift(
    _ shift: VectorShift, _ element: IntegerElement, _ width: VectorWidth,
    _ target: VectorRegister, _ a: VectorRegister, by count: UInt8, _ masking: Masking = .none
  ) {
    let (opcode, digit) = shift.immediateOpcode(element)
    let operands = VectorOperands(
      register: digit, second: target.number, last: .register(a.number), masking: masking)
    emit(opcode, width, operands, immediate: count)
  }

  /// `target = a` shifted by the number in the lower eight bytes of `count`.
  package mutating func shift(
    _ shift: VectorShift, _ element: IntegerElement, _ width: VectorWidth,
    _ target: VectorRegister, _ a: VectorRegister, byLowestOf count: VectorOperand,
    _ masking: Masking = .none
  ) {
    emit(shift.opcode(element), width, target, a, count, masking)
  }

  /// `target = 0`, all of it.
  package mutating func clear(_ target: VectorRegister) {
    if target.number < 16 {
      packed(.xor, .float32, .xmm, target, target, .register(target))
    } else {
      integer(.xor, .int32, .xmm, target, target, .register(target))
    }
  }
}

extension IntegerBinary {
  fileprivate func opcode(_ element: IntegerElement) -> VectorOpcode {
    switch self {
    case .add: element.pair(0xFE, 0xD4)
    case .subtract: element.pair(0xFA, 0xFB)
    case .and: element.pair(0xDB, 0xDB)
    case .andNot: element.pair(0xDF, 0xDF)
    case .or: element.pair(0xEB, 0xEB)
    case .xor: element.pair(0xEF, 0xEF)
    case .unpackLow: element.pair(0x62, 0x6C)
    case .unpackHigh: element.pair(0x6A, 0x6D)
    case .multiply: element.later(0x40)
    case .minimum: element.later(0x39)
    case .unsignedMinimum: element.later(0x3B)
    case .maximum: element.later(0x3D)
    case .unsignedMaximum: element.later(0x3F)
    case .permute: element.later(0x36)
    case .shiftRightArithmetic: element.later(0x46)
    case .shiftRight: .byElement(.of0F38, .x66, 0x45, element.isWide)
    case .shiftLeft: .byElement(.of0F38, .x66, 0x47, element.isWide)
    }
  }
}

extension IntegerElement {
  /// The opcode of an instruction of SSE2, with a byte for each element.
  fileprivate func pair(_ byte32: UInt8, _ byte64: UInt8) -> VectorOpcode {
    switch self {
    case .int32: .init(.of0F, .x66, byte32)
    case .int64: .init(.of0F, .x66, byte64, .oneInEVEX)
    }
  }

  /// The opcode of an instruction that has a form for 64 bits only with AVX-512.
  fileprivate func later(_ byte: UInt8) -> VectorOpcode {
    .byElement(.of0F38, .x66, byte, isWide, formWithoutVEX64)
  }
}

extension MixedBinary {
  fileprivate var opcode: VectorOpcode {
    switch self {
    case .shuffleBytes: .init(.of0F38, .x66, 0x00, .zero, .fullMemory)
    case .packSigned: .init(.of0F, .x66, 0x6B)
    case .packUnsigned: .init(.of0F38, .x66, 0x2B)
    case .multiplySigned: .init(.of0F38, .x66, 0x28, .oneInEVEX)
    case .multiplyUnsigned: .init(.of0F, .x66, 0xF4, .oneInEVEX)
    case .permuteWords: .init(.of0F38, .x66, 0x8D, .one, .fullMemory, .onlyEVEX)
    }
  }
}

extension VectorShift {
  /// The opcode with the count in a vector register or 16 bytes of memory.
  fileprivate func opcode(_ element: IntegerElement) -> VectorOpcode {
    var opcode =
      switch self {
      case .left: element.pair(0xF2, 0xF3)
      case .right: element.pair(0xD2, 0xD3)
      case .arithmeticRight: element.pair(0xE2, 0xE2)
      }
    opcode.span = .bytes(16)
    opcode.form = form(element)
    return opcode
  }

  /// The opcode with the count in the instruction, and what distinguishes the shift.
  fileprivate func immediateOpcode(_ element: IntegerElement) -> (VectorOpcode, digit: UInt8) {
    var opcode = element.pair(0x72, 0x73)
    opcode.form = form(element)
    switch self {
    case .left: return (opcode, 6)
    case .right: return (opcode, 2)
    case .arithmeticRight:
      opcode.byte = 0x72
      return (opcode, 4)
    }
  }

  private func form(_ element: IntegerElement) -> VectorOpcode.Form {
    switch self {
    case .left, .right: .both
    case .arithmeticRight: element.formWithoutVEX64
    }
  }
}
