/// A floating-point instruction on two or three operands, for whole vectors and single elements.
package enum FloatBinary: CaseIterable, Sendable {
  case add, subtract, multiply, divide
  /// `b` if one of the operands is NaN or both are zero.
  case minimum, maximum
  /// `a * b + target`, not rounded in between, up to the order of the operands: 132 is
  /// `target * b + a`, 213 is `a * target + b`, 231 is `a * b + target`.
  case fmadd132, fmadd213, fmadd231
  /// As above with the last operand subtracted.
  case fmsub132, fmsub213, fmsub231
  /// As above with the product negated.
  case fnmadd132, fnmadd213, fnmadd231
  /// As above with the product negated and the last operand subtracted.
  case fnmsub132, fnmsub213, fnmsub231
  /// `a * 2^floor(b)`; AVX-512 only.
  case scale
}

/// A floating-point instruction on two operands, for whole vectors only.
package enum PackedBinary: CaseIterable, Sendable {
  case and, or, xor
  /// `~a & b`.
  case andNot
  /// Alternately of `a` and `b`, the lower or upper halves of all groups of 16 bytes.
  case unpackLow, unpackHigh
  /// In each group of 16 bytes of `a`, the elements that `b` names.
  case permuteInGroups
  /// The elements of `b` that `a` names; 32 bytes at least; AVX-512 only for float64.
  case permute
  /// The elements of `a` and `b` that `target` names (`vpermi2ps`); AVX-512 only.
  case permuteTwo
}

/// A floating-point instruction on one operand.
package enum FloatUnary: CaseIterable, Sendable {
  case squareRoot
  /// `floor(log2(|a|))`; AVX-512 only.
  case exponent
}

/// How a floating-point number becomes an integral one; the raw value is the instruction's number.
/// None of them reports an inexact result.
package enum Rounding: UInt8, CaseIterable, Sendable {
  case toNearestEven = 8
  case down, up, towardZero
}

extension Assembler {
  /// `target = a op b`. With `scalar`, the other elements of the result come from `a`, or stay
  /// where the operation reads `target`.
  package mutating func float(
    _ operation: FloatBinary, _ element: FloatElement, _ width: VectorWidth,
    _ target: VectorRegister, _ a: VectorRegister, _ b: VectorOperand, _ masking: Masking = .none
  ) {
    emit(operation.opcode(element, width), width, target, a, b, masking)
  }

  /// `target = a op b`.
  package mutating func packed(
    _ operation: PackedBinary, _ element: FloatElement, _ width: VectorWidth,
    _ target: VectorRegister, _ a: VectorRegister, _ b: VectorOperand, _ masking: Masking = .none
  ) {
    emit(operation.opcode(element), width, target, a, b, masking)
  }

  /// `target = op(a)` for whole vectors.
  package mutating func float(
    _ operation: FloatUnary, _ element: FloatElement, _ width: VectorWidth,
    _ target: VectorRegister, _ a: VectorOperand, _ masking: Masking = .none
  ) {
    precondition(width != .scalar, "the scalar form has one more operand")
    emit(operation.opcode(element, width), width, target, a, masking)
  }

  /// `target = op(a)` in the lowest element; the others come from `upper`.
  package mutating func float(
    _ operation: FloatUnary, _ element: FloatElement, _ target: VectorRegister,
    upper: VectorRegister, _ a: VectorOperand, _ masking: Masking = .none
  ) {
    emit(operation.opcode(element, .scalar), .scalar, target, upper, a, masking)
  }

  /// `target = a` rounded to integral numbers, for whole vectors.
  package mutating func round(
    _ rounding: Rounding, _ element: FloatElement, _ width: VectorWidth,
    _ target: VectorRegister, _ a: VectorOperand, _ masking: Masking = .none
  ) {
    precondition(width != .scalar, "the scalar form has one more operand")
    let byte: UInt8 =
      switch element {
      case .float32: 0x08
      case .float64: 0x09
      }
    let opcode = VectorOpcode(.of0F3A, .x66, byte, element.isWideInEVEX)
    emit(opcode, width, target, a, masking, immediate: rounding.rawValue)
  }

  /// `target = a` rounded to an integral number in the lowest element; the others come from
  /// `upper`.
  package mutating func round(
    _ rounding: Rounding, _ element: FloatElement, _ target: VectorRegister,
    upper: VectorRegister, _ a: VectorOperand, _ masking: Masking = .none
  ) {
    let byte: UInt8 =
      switch element {
      case .float32: 0x0A
      case .float64: 0x0B
      }
    let opcode = VectorOpcode(
      .of0F3A, .x66, byte, element.isWideInEVEX, .bytes(element.byteCount))
    emit(opcode, .scalar, target, upper, a, masking, immediate: rounding.rawValue)
  }
}

extension FloatBinary {
  fileprivate func opcode(_ element: FloatElement, _ width: VectorWidth) -> VectorOpcode {
    switch self {
    case .add: .float(0x58, element, width)
    case .multiply: .float(0x59, element, width)
    case .subtract: .float(0x5C, element, width)
    case .minimum: .float(0x5D, element, width)
    case .divide: .float(0x5E, element, width)
    case .maximum: .float(0x5F, element, width)
    case .fmadd132: .fused(0x98, element, width)
    case .fmadd213: .fused(0xA8, element, width)
    case .fmadd231: .fused(0xB8, element, width)
    case .fmsub132: .fused(0x9A, element, width)
    case .fmsub213: .fused(0xAA, element, width)
    case .fmsub231: .fused(0xBA, element, width)
    case .fnmadd132: .fused(0x9C, element, width)
    case .fnmadd213: .fused(0xAC, element, width)
    case .fnmadd231: .fused(0xBC, element, width)
    case .fnmsub132: .fused(0x9E, element, width)
    case .fnmsub213: .fused(0xAE, element, width)
    case .fnmsub231: .fused(0xBE, element, width)
    case .scale: .fused(0x2C, element, width, .onlyEVEX)
    }
  }
}

extension PackedBinary {
  fileprivate func opcode(_ element: FloatElement) -> VectorOpcode {
    switch self {
    case .unpackLow: .packed(0x14, element)
    case .unpackHigh: .packed(0x15, element)
    case .and: .packed(0x54, element)
    case .andNot: .packed(0x55, element)
    case .or: .packed(0x56, element)
    case .xor: .packed(0x57, element)
    case .permuteInGroups:
      switch element {
      case .float32: .init(.of0F38, .x66, 0x0C)
      case .float64: .init(.of0F38, .x66, 0x0D, .oneInEVEX)
      }
    case .permute:
      switch element {
      case .float32: .init(.of0F38, .x66, 0x16)
      case .float64: .init(.of0F38, .x66, 0x16, .one, .full, .onlyEVEX)
      }
    case .permuteTwo: .byElement(.of0F38, .x66, 0x77, element.isWide, .onlyEVEX)
    }
  }
}

extension FloatUnary {
  fileprivate func opcode(_ element: FloatElement, _ width: VectorWidth) -> VectorOpcode {
    switch self {
    case .squareRoot: .float(0x51, element, width)
    case .exponent: .fused(0x42, element, width, .onlyEVEX)
    }
  }
}
