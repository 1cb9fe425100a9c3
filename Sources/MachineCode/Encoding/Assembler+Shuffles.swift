/// An instruction that moves elements of one vector as a number tells.
package enum ShuffleUnary: CaseIterable, Sendable {
  /// Float32 inside of groups of 16 bytes, all groups alike; two bits of the number an element.
  case permuteFloat32InGroups
  /// Float64 inside of groups of 16 bytes; one bit of the number an element of the vector.
  case permuteFloat64InGroups
  /// 64 bits inside of groups of 32 bytes; two bits of the number an element.
  case permuteFloat64, permuteInt64
  /// As `permuteFloat32InGroups`, for integers.
  case permuteInt32InGroups
}

/// An instruction that makes a vector of elements of two, as a number tells.
package enum ShuffleBinary: CaseIterable, Sendable {
  /// In each group of 16 bytes two elements of `a`, then two of `b`; two bits an element.
  case shuffleFloat32
  /// In each group of 16 bytes an element of `a`, then one of `b`; one bit an element.
  case shuffleFloat64
  /// The same by 16 bytes: groups of `a`, then of `b`; 32 bytes at least; AVX-512 only.
  case shuffleGroupsFloat32, shuffleGroupsFloat64
  /// Groups of 16 bytes of `a` (0, 1) or `b` (2, 3), or zero (8); 32 bytes; without AVX-512.
  case permuteGroups
  /// `a` above `b`, shifted right by elements; AVX-512 only.
  case alignInt32, alignInt64
  /// `b` where a bit of the number is set, else `a`; without AVX-512.
  case blendFloat32, blendFloat64
  /// For each bit, the one of the number that `target`, `a` and `b` name; AVX-512 only.
  case ternaryInt32, ternaryInt64
}

/// A part of a vector of the next width, or of two widths on.
package enum VectorPart: CaseIterable, Sendable {
  /// 16 bytes of a `ymm` or `zmm` register.
  case xmm
  /// 32 bytes of a `zmm` register.
  case ymm
}

extension Assembler {
  package mutating func shuffle(
    _ shuffle: ShuffleUnary, _ width: VectorWidth, _ target: VectorRegister,
    _ a: VectorOperand, _ number: UInt8, _ masking: Masking = .none
  ) {
    emit(shuffle.opcode, width, target, a, masking, immediate: number)
  }

  package mutating func shuffle(
    _ shuffle: ShuffleBinary, _ width: VectorWidth, _ target: VectorRegister,
    _ a: VectorRegister, _ b: VectorOperand, _ number: UInt8, _ masking: Masking = .none
  ) {
    emit(shuffle.opcode, width, target, a, b, masking, immediate: number)
  }

  /// `target =` the `index`-th part of `source`, whose width is `width`.
  package mutating func extract(
    _ part: VectorPart, at index: UInt8, _ width: VectorWidth, _ target: VectorPlace,
    _ source: VectorRegister, _ masking: Masking = .none
  ) {
    emit(
      part.opcode(xmm: 0x19, ymm: 0x1B), width,
      VectorOperands(register: source.number, last: target.encoded, masking: masking),
      immediate: index)
  }

  /// `target = a` of `width` with its `index`-th part replaced by `b`.
  package mutating func insert(
    _ part: VectorPart, at index: UInt8, _ width: VectorWidth, _ target: VectorRegister,
    _ a: VectorRegister, _ b: VectorPlace, _ masking: Masking = .none
  ) {
    emit(
      part.opcode(xmm: 0x18, ymm: 0x1A), width,
      VectorOperands(
        register: target.number, second: a.number, last: b.encoded, masking: masking),
      immediate: index)
  }

  /// All elements of `target` become the lowest of `source`, or what stands in memory. There is
  /// no form for two float64.
  package mutating func broadcast(
    _ element: FloatElement, _ width: VectorWidth, _ target: VectorRegister,
    _ source: VectorPlace, _ masking: Masking = .none
  ) {
    let opcode: VectorOpcode =
      switch element {
      case .float32: .init(.of0F38, .x66, 0x18, .zero, .bytes(4))
      case .float64: .init(.of0F38, .x66, 0x19, .oneInEVEX, .bytes(8))
      }
    emit(
      opcode, width,
      VectorOperands(register: target.number, last: source.encoded, masking: masking))
  }

  /// All elements of `target` become the lowest of `source`, or what stands in memory.
  package mutating func broadcast(
    _ element: IntegerElement, _ width: VectorWidth, _ target: VectorRegister,
    _ source: VectorPlace, _ masking: Masking = .none
  ) {
    let opcode: VectorOpcode =
      switch element {
      case .int32: .init(.of0F38, .x66, 0x58, .zero, .bytes(4))
      case .int64: .init(.of0F38, .x66, 0x59, .oneInEVEX, .bytes(8))
      }
    emit(
      opcode, width,
      VectorOperands(register: target.number, last: source.encoded, masking: masking))
  }

  /// All elements of `target` become `source`; AVX-512 only.
  package mutating func broadcast(
    _ element: IntegerElement, _ width: VectorWidth, _ target: VectorRegister,
    _ source: GeneralRegister, _ masking: Masking = .none
  ) {
    emit(
      .byElement(.of0F38, .x66, 0x7C, element.isWide, .onlyEVEX), width,
      VectorOperands(
        register: target.number, last: .register(source.rawValue), masking: masking))
  }

  /// All groups of 16 bytes of `target` become what stands in memory; 32 bytes at least.
  package mutating func broadcastGroup(
    _ width: VectorWidth, _ target: VectorRegister, _ source: Address,
    _ masking: Masking = .none
  ) {
    let opcode = VectorOpcode(.of0F38, .x66, 0x1A, .zero, .bytes(16))
    emit(opcode, width, target, .memory(source), masking)
  }
}

extension ShuffleUnary {
  fileprivate var opcode: VectorOpcode {
    switch self {
    case .permuteFloat32InGroups: .init(.of0F3A, .x66, 0x04)
    case .permuteFloat64InGroups: .init(.of0F3A, .x66, 0x05, .oneInEVEX)
    case .permuteFloat64: .init(.of0F3A, .x66, 0x01, .one)
    case .permuteInt64: .init(.of0F3A, .x66, 0x00, .one)
    case .permuteInt32InGroups: .init(.of0F, .x66, 0x70)
    }
  }
}

extension ShuffleBinary {
  fileprivate var opcode: VectorOpcode {
    switch self {
    case .shuffleFloat32: .packed(0xC6, .float32)
    case .shuffleFloat64: .packed(0xC6, .float64)
    case .shuffleGroupsFloat32: .init(.of0F3A, .x66, 0x23, .zero, .full, .onlyEVEX)
    case .shuffleGroupsFloat64: .init(.of0F3A, .x66, 0x23, .one, .full, .onlyEVEX)
    case .permuteGroups: .init(.of0F3A, .x66, 0x06, .zero, .fullMemory, .onlyVEX)
    case .alignInt32: .init(.of0F3A, .x66, 0x03, .zero, .full, .onlyEVEX)
    case .alignInt64: .init(.of0F3A, .x66, 0x03, .one, .full, .onlyEVEX)
    case .blendFloat32: .init(.of0F3A, .x66, 0x0C, .zero, .fullMemory, .onlyVEX)
    case .blendFloat64: .init(.of0F3A, .x66, 0x0D, .zero, .fullMemory, .onlyVEX)
    case .ternaryInt32: .init(.of0F3A, .x66, 0x25, .zero, .full, .onlyEVEX)
    case .ternaryInt64: .init(.of0F3A, .x66, 0x25, .one, .full, .onlyEVEX)
    }
  }
}

extension VectorPart {
  fileprivate func opcode(xmm: UInt8, ymm: UInt8) -> VectorOpcode {
    switch self {
    case .xmm: .init(.of0F3A, .x66, xmm, .zero, .bytes(16))
    case .ymm: .init(.of0F3A, .x66, ymm, .one, .bytes(32), .onlyEVEX)
    }
  }
}
