/// How many bits of a mask register an instruction works on; the bits above become zero.
package enum MaskWidth: CaseIterable, Sendable {
  case bits8, bits16, bits32, bits64
}

/// What two masks become.
package enum MaskBinary: UInt8, CaseIterable, Sendable {
  case and = 0x41
  /// `~a & b`.
  case andNot = 0x42
  case or = 0x45
  /// `~(a ^ b)`.
  case xnor = 0x46
  case xor = 0x47
  case add = 0x4A
}

package enum MaskShift: CaseIterable, Sendable {
  case left, right
}

/// The other side of a move to a mask register.
package enum MaskSource: Hashable, Sendable {
  case mask(MaskRegister)
  case general(GeneralRegister)
  case memory(Address)
}

/// Instructions of AVX-512 on mask registers.
extension Assembler {
  /// `target = a op b`.
  package mutating func mask(
    _ operation: MaskBinary, _ width: MaskWidth, _ target: MaskRegister, _ a: MaskRegister,
    _ b: MaskRegister
  ) {
    // These set the bit L, as vectors of 32 bytes do.
    emit(
      width.opcode(operation.rawValue), .ymm,
      VectorOperands(
        register: target.rawValue, second: a.rawValue, last: .register(b.rawValue)))
  }

  /// `target = ~a`.
  package mutating func maskNot(
    _ width: MaskWidth, _ target: MaskRegister, _ a: MaskRegister
  ) {
    emit(
      width.opcode(0x44), .xmm,
      VectorOperands(register: target.rawValue, last: .register(a.rawValue)))
  }

  /// Sets `equal` if `a | b` has no bit, and `below` if it has all.
  package mutating func maskOrTest(_ width: MaskWidth, _ a: MaskRegister, _ b: MaskRegister) {
    emit(
      width.opcode(0x98), .xmm,
      VectorOperands(register: a.rawValue, last: .register(b.rawValue)))
  }

  /// `target = a` shifted by a number of bits.
  package mutating func maskShift(
    _ shift: MaskShift, _ width: MaskWidth, _ target: MaskRegister, _ a: MaskRegister,
    by count: UInt8
  ) {
    emit(
      shift.opcode(width), .xmm,
      VectorOperands(register: target.rawValue, last: .register(a.rawValue)), immediate: count)
  }

  /// `target = source`; of a general register, the lower bits.
  package mutating func maskMove(
    _ width: MaskWidth, _ target: MaskRegister, _ source: MaskSource
  ) {
    let (opcode, operand): (VectorOpcode, EncodedOperand) =
      switch source {
      case .mask(let register): (width.opcode(0x90), .register(register.rawValue))
      case .memory(let address): (width.opcode(0x90), .memory(address))
      case .general(let register): (width.generalOpcode(0x92), .register(register.rawValue))
      }
    emit(opcode, .xmm, VectorOperands(register: target.rawValue, last: operand))
  }

  /// `target = source`; the upper bits become zero.
  package mutating func maskMove(
    _ width: MaskWidth, _ target: GeneralRegister, _ source: MaskRegister
  ) {
    emit(
      width.generalOpcode(0x93), .xmm,
      VectorOperands(register: target.rawValue, last: .register(source.rawValue)))
  }

  package mutating func maskStore(
    _ width: MaskWidth, _ target: Address, _ source: MaskRegister
  ) {
    emit(
      width.opcode(0x91), .xmm,
      VectorOperands(register: source.rawValue, last: .memory(target)))
  }

  /// The bits of `target` become the signs of the elements of `source`.
  package mutating func maskOfSigns(
    _ element: IntegerElement, _ width: VectorWidth, _ target: MaskRegister,
    _ source: VectorRegister
  ) {
    emit(
      .byElement(.of0F38, .xF3, 0x39, element.isWide, .onlyEVEX), width,
      VectorOperands(register: target.rawValue, last: .register(source.number)))
  }

  /// The elements of `target` become all ones where the mask is set, else zero.
  package mutating func expand(
    _ element: IntegerElement, _ width: VectorWidth, _ target: VectorRegister,
    _ source: MaskRegister
  ) {
    emit(
      .byElement(.of0F38, .xF3, 0x38, element.isWide, .onlyEVEX), width,
      VectorOperands(register: target.number, last: .register(source.rawValue)))
  }
}

extension MaskWidth {
  fileprivate func opcode(_ byte: UInt8) -> VectorOpcode {
    switch self {
    case .bits8: .init(.of0F, .x66, byte, .zero, .full, .onlyVEX)
    case .bits16: .init(.of0F, .none, byte, .zero, .full, .onlyVEX)
    case .bits32: .init(.of0F, .x66, byte, .one, .full, .onlyVEX)
    case .bits64: .init(.of0F, .none, byte, .one, .full, .onlyVEX)
    }
  }

  fileprivate func generalOpcode(_ byte: UInt8) -> VectorOpcode {
    switch self {
    case .bits8: .init(.of0F, .x66, byte, .zero, .full, .onlyVEX)
    case .bits16: .init(.of0F, .none, byte, .zero, .full, .onlyVEX)
    case .bits32: .init(.of0F, .xF2, byte, .zero, .full, .onlyVEX)
    case .bits64: .init(.of0F, .xF2, byte, .one, .full, .onlyVEX)
    }
  }
}

extension MaskShift {
  fileprivate func opcode(_ width: MaskWidth) -> VectorOpcode {
    let byte: UInt8 =
      switch self {
      case .left: 0x32
      case .right: 0x30
      }
    return switch width {
    case .bits8: .init(.of0F3A, .x66, byte, .zero, .full, .onlyVEX)
    case .bits16: .init(.of0F3A, .x66, byte, .one, .full, .onlyVEX)
    case .bits32: .init(.of0F3A, .x66, byte + 1, .zero, .full, .onlyVEX)
    case .bits64: .init(.of0F3A, .x66, byte + 1, .one, .full, .onlyVEX)
    }
  }
}
