/// What the encoding of a vector instruction consists of, apart from its operands.
struct VectorOpcode {
  /// The opcode map; the raw value is its number in an encoding.
  enum Map: UInt8 {
    case of0F = 1
    case of0F38, of0F3A
  }

  /// The prefix that VEX and EVEX absorb; the raw value is its number in an encoding.
  enum Prefix: UInt8 {
    case none, x66, xF3, xF2
  }

  /// The bit W.
  enum Wide {
    case zero, one
    /// VEX ignores the bit; EVEX wants 1.
    case oneInEVEX
  }

  enum Form {
    case both, onlyVEX, onlyEVEX
  }

  /// How much memory an instruction reads or writes; EVEX counts displacements of one byte in it.
  enum Span {
    /// As much as a vector has, or one element broadcast.
    case full
    case fullMemory
    /// Half as much as a vector has, or one element broadcast.
    case half
    case halfMemory, quarterMemory, eighthMemory
    case bytes(Int32)
  }

  var map: Map
  var prefix: Prefix
  var byte: UInt8
  var wide = Wide.zero
  var span = Span.full
  var form = Form.both

  init(
    _ map: Map, _ prefix: Prefix, _ byte: UInt8, _ wide: Wide = .zero, _ span: Span = .full,
    _ form: Form = .both
  ) {
    self.map = map
    self.prefix = prefix
    self.byte = byte
    self.wide = wide
    self.span = span
    self.form = form
  }
}

/// The operands of a vector instruction by where they stand in its encoding.
struct VectorOperands {
  /// The operand in ModRM's middle field: a register, or what distinguishes instructions of one
  /// opcode.
  var register: UInt8
  /// The operand in the prefix; 0 if there is none.
  var second: UInt8 = 0
  var last: EncodedOperand
  var memoryIsBroadcast = Broadcast.none
  var masking = Masking.none

  enum Broadcast {
    case none, element
  }

  init(register: UInt8, second: UInt8 = 0, last: EncodedOperand, masking: Masking = .none) {
    self.register = register
    self.second = second
    self.last = last
    self.masking = masking
  }

  init(register: UInt8, second: UInt8 = 0, vector: VectorOperand, masking: Masking = .none) {
    self.init(register: register, second: second, last: vector.encoded, masking: masking)
    memoryIsBroadcast = vector.broadcast
  }
}

extension VectorOperand {
  fileprivate var encoded: EncodedOperand {
    switch self {
    case .register(let register): .register(register.number)
    case .memory(let address), .broadcast(let address): .memory(address)
    }
  }

  fileprivate var broadcast: VectorOperands.Broadcast {
    switch self {
    case .register, .memory: .none
    case .broadcast: .element
    }
  }
}

extension VectorWidth {
  /// L (VEX) and L'L (EVEX).
  fileprivate var code: UInt8 {
    switch self {
    case .scalar, .xmm: 0
    case .ymm: 1
    case .zmm: 2
    }
  }

  fileprivate var byteCount: Int32 { 16 << Int32(code) }
}

extension Assembler {
  /// Appends a vector instruction: with VEX if that can say it, else with EVEX.
  mutating func emit(
    _ opcode: VectorOpcode, _ width: VectorWidth, _ operands: VectorOperands,
    immediate: UInt8? = nil
  ) {
    let trailing = immediate == nil ? 0 : 1
    if operands.needEVEX(opcode, width) {
      precondition(opcode.form != .onlyVEX, "AVX-512 has no such instruction")
      appendEVEX(opcode, width, operands)
      let unit = opcode.displacementUnit(width, operands)
      appendOperand(operands.register, operands.last, unit: unit, trailing: trailing)
    } else {
      appendVEX(opcode, width, operands)
      appendOperand(operands.register, operands.last, trailing: trailing)
    }
    if let immediate { append(immediate) }
  }

  private mutating func appendVEX(
    _ opcode: VectorOpcode, _ width: VectorWidth, _ operands: VectorOperands
  ) {
    let wide: UInt8 =
      switch opcode.wide {
      case .zero, .oneInEVEX: 0
      case .one: 1
      }
    // R, X, B and the second operand are stored inverted.
    let low = (~operands.second & 15) << 3 | width.code << 2 | opcode.prefix.rawValue
    let notR = ~operands.register & 8
    let x = operands.last.indexBit
    let b = operands.last.baseBit
    if opcode.map == .of0F && wide == 0 && x == 0 && b == 0 {
      append(0xC5)
      append(notR << 4 | low)
    } else {
      append(0xC4)
      append(notR << 4 | (x ^ 1) << 6 | (b ^ 1) << 5 | opcode.map.rawValue)
      append(wide << 7 | low)
    }
    append(opcode.byte)
  }

  private mutating func appendEVEX(
    _ opcode: VectorOpcode, _ width: VectorWidth, _ operands: VectorOperands
  ) {
    let wide: UInt8 =
      switch opcode.wide {
      case .zero: 0
      case .one, .oneInEVEX: 1
      }
    let broadcast: UInt8 =
      switch operands.memoryIsBroadcast {
      case .none: 0
      case .element: 1
      }
    let (zeroing, mask): (UInt8, UInt8) =
      switch operands.masking {
      case .none: (0, 0)
      case .merging(let mask): (0, mask.rawValue)
      case .zeroing(let mask): (1, mask.rawValue)
      }
    precondition(operands.masking == .none || mask != 0, "the number of k0 means no mask")
    let register = ~operands.register
    let second = ~operands.second
    append(0x62)
    append(
      (register & 8) << 4 | (operands.last.upperBit ^ 1) << 6 | (operands.last.baseBit ^ 1) << 5
        | (register & 16) | opcode.map.rawValue)
    append(wide << 7 | (second & 15) << 3 | 4 | opcode.prefix.rawValue)
    append(zeroing << 7 | width.code << 5 | broadcast << 4 | (second & 16) >> 1 | mask)
    append(opcode.byte)
  }
}

extension EncodedOperand {
  /// Bit 4 of a register, or the upper bit of the index: EVEX keeps them in one place.
  fileprivate var upperBit: UInt8 {
    switch self {
    case .register(let number): number >> 4
    case .memory: indexBit
    }
  }
}

extension VectorOperands {
  fileprivate func needEVEX(_ opcode: VectorOpcode, _ width: VectorWidth) -> Bool {
    if case .register(let number) = last, number > 15 { return true }
    return opcode.form == .onlyEVEX || width == .zmm || register > 15 || second > 15
      || masking != .none || memoryIsBroadcast == .element
  }
}

extension VectorOpcode {
  /// How many bytes a displacement of one byte counts with EVEX.
  fileprivate func displacementUnit(_ width: VectorWidth, _ operands: VectorOperands) -> Int32 {
    if operands.memoryIsBroadcast == .element {
      return wide == .zero ? 4 : 8
    }
    return switch span {
    case .full, .fullMemory: width.byteCount
    case .half, .halfMemory: width.byteCount / 2
    case .quarterMemory: width.byteCount / 4
    case .eighthMemory: width.byteCount / 8
    case .bytes(let count): count
    }
  }
}
