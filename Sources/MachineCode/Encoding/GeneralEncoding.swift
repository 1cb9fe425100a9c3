/// The opcode of an instruction on general registers.
struct GeneralOpcode {
  enum Map {
    case plain, of0F
  }

  /// A byte before REX, which chooses among instructions of one opcode.
  let prefix: UInt8?
  let map: Map
  let byte: UInt8

  init(prefix: UInt8? = nil, map: Map = .plain, _ byte: UInt8) {
    self.prefix = prefix
    self.map = map
    self.byte = byte
  }

  static func plain(_ byte: UInt8) -> GeneralOpcode { .init(byte) }
  static func after0F(_ byte: UInt8) -> GeneralOpcode { .init(map: .of0F, byte) }
}

/// Whether an instruction needs REX even if all its bits are zero.
enum BytePrefix {
  case needed, notNeeded
}

/// Without REX, the numbers 4 to 7 would mean `ah` to `bh`.
func byteNeedsPrefix(_ register: GeneralRegister) -> BytePrefix {
  (4..<8).contains(register.rawValue) ? .needed : .notNeeded
}

extension Assembler {
  /// Appends an instruction up to its immediate.
  ///
  /// - Parameters:
  ///   - register: the number of a register, or what distinguishes instructions of one opcode.
  ///   - bytes: whether an operand of one byte asks for REX.
  ///   - trailing: how many bytes the immediate takes.
  mutating func emit(
    _ opcode: GeneralOpcode, _ width: GeneralWidth, _ register: UInt8, _ operand: EncodedOperand,
    bytes: BytePrefix = .notNeeded, trailing: Int = 0
  ) {
    if let prefix = opcode.prefix { append(prefix) }
    appendPrefixes(width, register: register, operand, bytes: bytes)
    switch opcode.map {
    case .plain: break
    case .of0F: append(0x0F)
    }
    append(opcode.byte)
    appendOperand(register, operand, trailing: trailing)
  }

  /// Appends REX if one of its bits is set.
  mutating func appendPrefixes(
    _ width: GeneralWidth, register: UInt8, _ operand: EncodedOperand,
    bytes: BytePrefix = .notNeeded
  ) {
    let wide: UInt8 =
      switch width {
      case .bits32: 0
      case .bits64: 8
      }
    let bits = wide | (register >> 3) << 2 | operand.indexBit << 1 | operand.baseBit
    if bits != 0 || bytes == .needed { append(0x40 | bits) }
  }
}
