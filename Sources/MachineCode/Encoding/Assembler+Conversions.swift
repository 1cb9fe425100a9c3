/// A conversion of all elements. The width of the instruction is that of the wider vector.
package enum VectorConversion: CaseIterable, Sendable {
  case float32ToFloat64, float64ToFloat32
  case int32ToFloat32, int32ToFloat64
  case float32ToInt32, float32ToInt32Truncated
  case float64ToInt32, float64ToInt32Truncated
  /// AVX-512 only.
  case int64ToFloat32, int64ToFloat64
  /// AVX-512 only.
  case float64ToInt64, float64ToInt64Truncated
  case float16ToFloat32
  case uint8ToInt32, uint8ToInt64, uint16ToInt32, uint16ToInt64, uint32ToInt64
  case int8ToInt32, int8ToInt64, int16ToInt32, int16ToInt64, int32ToInt64
}

/// A conversion that drops the upper bits of all elements; AVX-512 only. The width of the
/// instruction is that of the operand.
package enum NarrowingConversion: CaseIterable, Sendable {
  case int32ToInt8, int32ToInt16, int64ToInt8, int64ToInt16, int64ToInt32
}

/// Where a narrowed or extracted vector goes.
package enum VectorPlace: Hashable, Sendable {
  case register(VectorRegister)
  case memory(Address)
}

/// How a floating-point number becomes an integer.
package enum IntegerRounding: CaseIterable, Sendable {
  case toNearestEven, towardZero
}

extension Assembler {
  package mutating func convert(
    _ conversion: VectorConversion, _ width: VectorWidth, _ target: VectorRegister,
    _ source: VectorOperand, _ masking: Masking = .none
  ) {
    emit(conversion.opcode, width, target, source, masking)
  }

  package mutating func convert(
    _ conversion: NarrowingConversion, _ width: VectorWidth, _ target: VectorPlace,
    _ source: VectorRegister, _ masking: Masking = .none
  ) {
    emit(
      conversion.opcode, width,
      VectorOperands(register: source.number, last: target.encoded, masking: masking))
  }

  /// `target = source` as float16, to the nearest even. The width is that of `source`.
  package mutating func convertToFloat16(
    _ width: VectorWidth, _ target: VectorPlace, _ source: VectorRegister,
    _ masking: Masking = .none
  ) {
    emit(
      .init(.of0F3A, .x66, 0x1D, .zero, .halfMemory), width,
      VectorOperands(register: source.number, last: target.encoded, masking: masking),
      immediate: 0)
  }

  /// `target = source` in the other floating-point type; the other elements come from `upper`.
  package mutating func convertLowest(
    from element: FloatElement, _ target: VectorRegister, upper: VectorRegister,
    _ source: VectorOperand, _ masking: Masking = .none
  ) {
    emit(.float(0x5A, element, .scalar), .scalar, target, upper, source, masking)
  }

  /// `target = source`, a signed integer; the other elements come from `upper`.
  package mutating func convertLowest(
    to element: FloatElement, _ target: VectorRegister, upper: VectorRegister,
    _ width: GeneralWidth, _ source: GeneralPlace
  ) {
    var opcode = VectorOpcode.float(0x2A, element, .scalar)
    opcode.wide = width.isWide
    opcode.span = .bytes(width.byteCount)
    emit(
      opcode, .scalar,
      VectorOperands(register: target.number, second: upper.number, last: source.encoded))
  }

  /// `target = source` as a signed integer.
  package mutating func convertLowest(
    _ rounding: IntegerRounding, from element: FloatElement, _ width: GeneralWidth,
    _ target: GeneralRegister, _ source: VectorOperand
  ) {
    let byte: UInt8 =
      switch rounding {
      case .toNearestEven: 0x2D
      case .towardZero: 0x2C
      }
    var opcode = VectorOpcode.float(byte, element, .scalar)
    opcode.wide = width.isWide
    emit(opcode, .scalar, VectorOperands(register: target.rawValue, vector: source))
  }

  /// `target = source`, the bits; the other bits of `target` become zero.
  package mutating func moveBits(
    _ width: GeneralWidth, _ target: VectorRegister, _ source: GeneralRegister
  ) {
    emit(
      .init(.of0F, .x66, 0x6E, width.isWide), .xmm,
      VectorOperands(register: target.number, last: .register(source.rawValue)))
  }

  /// `target = source`, the bits of the lowest element.
  package mutating func moveBits(
    _ width: GeneralWidth, _ target: GeneralRegister, _ source: VectorRegister
  ) {
    emit(
      .init(.of0F, .x66, 0x7E, width.isWide), .xmm,
      VectorOperands(register: source.number, last: .register(target.rawValue)))
  }

  /// The bits of `target` become the signs of the elements of `source`; without AVX-512.
  package mutating func moveSigns(
    _ element: FloatElement, _ width: VectorWidth, _ target: GeneralRegister,
    _ source: VectorRegister
  ) {
    var opcode = VectorOpcode.packed(0x50, element)
    opcode.form = .onlyVEX
    emit(
      opcode, width, VectorOperands(register: target.rawValue, last: .register(source.number)))
  }

  /// The bits of `target` become the upper bits of the bytes of `source`; without AVX-512.
  package mutating func moveByteSigns(
    _ width: VectorWidth, _ target: GeneralRegister, _ source: VectorRegister
  ) {
    emit(
      .init(.of0F, .x66, 0xD7, .zero, .full, .onlyVEX), width,
      VectorOperands(register: target.rawValue, last: .register(source.number)))
  }
}

extension GeneralWidth {
  fileprivate var isWide: VectorOpcode.Wide {
    switch self {
    case .bits32: .zero
    case .bits64: .one
    }
  }

  fileprivate var byteCount: Int32 {
    switch self {
    case .bits32: 4
    case .bits64: 8
    }
  }
}

extension VectorPlace {
  var encoded: EncodedOperand {
    switch self {
    case .register(let register): .register(register.number)
    case .memory(let address): .memory(address)
    }
  }
}

extension VectorConversion {
  fileprivate var opcode: VectorOpcode {
    switch self {
    case .float32ToFloat64: .init(.of0F, .none, 0x5A, .zero, .half)
    case .float64ToFloat32: .init(.of0F, .x66, 0x5A, .oneInEVEX)
    case .int32ToFloat32: .init(.of0F, .none, 0x5B)
    case .int32ToFloat64: .init(.of0F, .xF3, 0xE6, .zero, .half)
    case .float32ToInt32: .init(.of0F, .x66, 0x5B)
    case .float32ToInt32Truncated: .init(.of0F, .xF3, 0x5B)
    case .float64ToInt32: .init(.of0F, .xF2, 0xE6, .oneInEVEX)
    case .float64ToInt32Truncated: .init(.of0F, .x66, 0xE6, .oneInEVEX)
    case .int64ToFloat32: .init(.of0F, .none, 0x5B, .one, .full, .onlyEVEX)
    case .int64ToFloat64: .init(.of0F, .xF3, 0xE6, .one, .full, .onlyEVEX)
    case .float64ToInt64: .init(.of0F, .x66, 0x7B, .one, .full, .onlyEVEX)
    case .float64ToInt64Truncated: .init(.of0F, .x66, 0x7A, .one, .full, .onlyEVEX)
    case .float16ToFloat32: .init(.of0F38, .x66, 0x13, .zero, .halfMemory)
    case .int8ToInt32: .init(.of0F38, .x66, 0x21, .zero, .quarterMemory)
    case .int8ToInt64: .init(.of0F38, .x66, 0x22, .zero, .eighthMemory)
    case .int16ToInt32: .init(.of0F38, .x66, 0x23, .zero, .halfMemory)
    case .int16ToInt64: .init(.of0F38, .x66, 0x24, .zero, .quarterMemory)
    case .int32ToInt64: .init(.of0F38, .x66, 0x25, .zero, .halfMemory)
    case .uint8ToInt32: .init(.of0F38, .x66, 0x31, .zero, .quarterMemory)
    case .uint8ToInt64: .init(.of0F38, .x66, 0x32, .zero, .eighthMemory)
    case .uint16ToInt32: .init(.of0F38, .x66, 0x33, .zero, .halfMemory)
    case .uint16ToInt64: .init(.of0F38, .x66, 0x34, .zero, .quarterMemory)
    case .uint32ToInt64: .init(.of0F38, .x66, 0x35, .zero, .halfMemory)
    }
  }
}

extension NarrowingConversion {
  fileprivate var opcode: VectorOpcode {
    switch self {
    case .int32ToInt8: .init(.of0F38, .xF3, 0x31, .zero, .quarterMemory, .onlyEVEX)
    case .int64ToInt8: .init(.of0F38, .xF3, 0x32, .zero, .eighthMemory, .onlyEVEX)
    case .int32ToInt16: .init(.of0F38, .xF3, 0x33, .zero, .halfMemory, .onlyEVEX)
    case .int64ToInt16: .init(.of0F38, .xF3, 0x34, .zero, .quarterMemory, .onlyEVEX)
    case .int64ToInt32: .init(.of0F38, .xF3, 0x35, .zero, .halfMemory, .onlyEVEX)
    }
  }
}
