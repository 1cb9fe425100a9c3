/// The regularities of the instruction set.
extension VectorOpcode {
  /// An instruction in the four forms ps, pd, ss and sd, which the prefix tells apart.
  static func float(
    _ byte: UInt8, _ element: FloatElement, _ width: VectorWidth, _ form: Form = .both
  ) -> VectorOpcode {
    switch (element, width) {
    case (.float32, .scalar): .init(.of0F, .xF3, byte, .zero, .bytes(4), form)
    case (.float64, .scalar): .init(.of0F, .xF2, byte, .oneInEVEX, .bytes(8), form)
    case (.float32, _): .init(.of0F, .none, byte, .zero, .full, form)
    case (.float64, _): .init(.of0F, .x66, byte, .oneInEVEX, .full, form)
    }
  }

  /// An instruction of whole vectors, ps or pd.
  static func packed(_ byte: UInt8, _ element: FloatElement) -> VectorOpcode {
    .float(byte, element, .xmm)
  }

  /// An instruction in the four forms ps, pd, ss and sd, which W and the opcode tell apart.
  static func fused(
    _ byte: UInt8, _ element: FloatElement, _ width: VectorWidth, _ form: Form = .both
  ) -> VectorOpcode {
    var opcode = VectorOpcode(.of0F38, .x66, byte, element.isWide, .full, form)
    if width == .scalar {
      opcode.byte += 1
      opcode.span = .bytes(element.byteCount)
    }
    return opcode
  }

  /// An instruction for one element of 32 bits or 64 bits, which W tells apart.
  static func byElement(
    _ map: Map, _ prefix: Prefix, _ byte: UInt8, _ wide: Wide, _ form: Form = .both
  ) -> VectorOpcode {
    .init(map, prefix, byte, wide, .full, form)
  }
}

extension FloatElement {
  var isWide: VectorOpcode.Wide {
    switch self {
    case .float32: .zero
    case .float64: .one
    }
  }

  /// W, where VEX does not look at it.
  var isWideInEVEX: VectorOpcode.Wide {
    switch self {
    case .float32: .zero
    case .float64: .oneInEVEX
    }
  }

  var byteCount: Int32 {
    switch self {
    case .float32: 4
    case .float64: 8
    }
  }
}

extension IntegerElement {
  var isWide: VectorOpcode.Wide {
    switch self {
    case .int32: .zero
    case .int64: .one
    }
  }

  /// W, where VEX does not look at it.
  var isWideInEVEX: VectorOpcode.Wide {
    switch self {
    case .int32: .zero
    case .int64: .oneInEVEX
    }
  }

  /// The form of an instruction that had no variant for 64 bits before AVX-512.
  var formWithoutVEX64: VectorOpcode.Form {
    switch self {
    case .int32: .both
    case .int64: .onlyEVEX
    }
  }
}

extension Assembler {
  /// Appends an instruction of three vectors.
  mutating func emit(
    _ opcode: VectorOpcode, _ width: VectorWidth, _ target: VectorRegister, _ a: VectorRegister,
    _ b: VectorOperand, _ masking: Masking = .none, immediate: UInt8? = nil
  ) {
    let operands = VectorOperands(
      register: target.number, second: a.number, vector: b, masking: masking)
    emit(opcode, width, operands, immediate: immediate)
  }

  /// Appends an instruction of two vectors.
  mutating func emit(
    _ opcode: VectorOpcode, _ width: VectorWidth, _ target: VectorRegister, _ a: VectorOperand,
    _ masking: Masking = .none, immediate: UInt8? = nil
  ) {
    let operands = VectorOperands(register: target.number, vector: a, masking: masking)
    emit(opcode, width, operands, immediate: immediate)
  }
}
