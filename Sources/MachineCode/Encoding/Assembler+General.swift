/// Instructions on general registers.
extension Assembler {
  /// `register = bits`, in the shortest way that leaves the flags alone.
  package mutating func move(_ register: GeneralRegister, bits: UInt64) {
    if let low = UInt32(exactly: bits) {
      appendPrefixes(.bits32, register: 0, .register(register.rawValue))
      append(0xB8 | register.rawValue & 7)
      append(number: Int32(bitPattern: low))
    } else if let number = Int32(exactly: Int64(bitPattern: bits)) {
      emit(.plain(0xC7), .bits64, 0, .register(register.rawValue), trailing: 4)
      append(number: number)
    } else {
      appendPrefixes(.bits64, register: 0, .register(register.rawValue))
      append(0xB8 | register.rawValue & 7)
      append(number: Int64(bitPattern: bits))
    }
  }

  package mutating func move(
    _ width: GeneralWidth, _ target: GeneralRegister, _ source: GeneralRegister
  ) {
    emit(.plain(0x89), width, source.rawValue, .register(target.rawValue))
  }

  package mutating func load(
    _ width: GeneralWidth, _ target: GeneralRegister, _ source: Address
  ) {
    emit(.plain(0x8B), width, target.rawValue, .memory(source))
  }

  /// Loads a byte or a word into all of a register of `width`.
  package mutating func load(
    _ width: GeneralWidth, _ target: GeneralRegister, _ source: Address, _ extended: Extension
  ) {
    emit(.after0F(extended.rawValue), width, target.rawValue, .memory(source))
  }

  /// Loads 32 bits as a signed number of 64.
  package mutating func loadSignExtended(_ target: GeneralRegister, _ source: Address) {
    emit(.plain(0x63), .bits64, target.rawValue, .memory(source))
  }

  /// `target = source`, the lower 32 bits as a signed number of 64.
  package mutating func signExtend(_ target: GeneralRegister, _ source: GeneralRegister) {
    emit(.plain(0x63), .bits64, target.rawValue, .register(source.rawValue))
  }

  /// `target = source`, the lowest byte as an unsigned number.
  package mutating func zeroExtendByte(_ target: GeneralRegister, _ source: GeneralRegister) {
    emit(
      .after0F(0xB6), .bits32, target.rawValue, .register(source.rawValue),
      bytes: byteNeedsPrefix(source))
  }

  package mutating func store(
    _ width: StoreWidth, _ target: Address, _ source: GeneralRegister
  ) {
    let number = source.rawValue
    switch width {
    case .byte:
      emit(.plain(0x88), .bits32, number, .memory(target), bytes: byteNeedsPrefix(source))
    case .word: emit(.init(prefix: 0x66, 0x89), .bits32, number, .memory(target))
    case .doubleWord: emit(.plain(0x89), .bits32, number, .memory(target))
    case .quadWord: emit(.plain(0x89), .bits64, number, .memory(target))
    }
  }

  /// Stores a number, extended by its sign to `width`.
  package mutating func store(_ width: GeneralWidth, _ target: Address, _ number: Int32) {
    emit(.plain(0xC7), width, 0, .memory(target), trailing: 4)
    append(number: number)
  }

  /// `target = the address itself`.
  package mutating func loadAddress(
    _ width: GeneralWidth, _ target: GeneralRegister, _ address: Address
  ) {
    emit(.plain(0x8D), width, target.rawValue, .memory(address))
  }

  /// `a op= b`.
  package mutating func general(
    _ operation: GeneralBinary, _ width: GeneralWidth, _ a: GeneralRegister, _ b: GeneralOperand
  ) {
    let group = operation.rawValue << 3
    switch b {
    case .register(let b): emit(.plain(group | 1), width, b.rawValue, .register(a.rawValue))
    case .memory(let b): emit(.plain(group | 3), width, a.rawValue, .memory(b))
    case .immediate(let number) where a == .rax && Int8(exactly: number) == nil:
      appendPrefixes(width, register: 0, .register(0))
      append(group | 5)
      append(number: number)
    case .immediate(let number): general(operation, width, place: .register(a), number)
    }
  }

  /// `a op= b` in memory.
  package mutating func general(
    _ operation: GeneralBinary, _ width: GeneralWidth, memory a: Address, _ b: GeneralRegister
  ) {
    emit(.plain(operation.rawValue << 3 | 1), width, b.rawValue, .memory(a))
  }

  /// `a op= b` in memory.
  package mutating func general(
    _ operation: GeneralBinary, _ width: GeneralWidth, memory a: Address, _ b: Int32
  ) {
    general(operation, width, place: .memory(a), b)
  }

  private mutating func general(
    _ operation: GeneralBinary, _ width: GeneralWidth, place: GeneralPlace, _ number: Int32
  ) {
    if let small = Int8(exactly: number) {
      emit(.plain(0x83), width, operation.rawValue, place.encoded, trailing: 1)
      append(UInt8(bitPattern: small))
    } else {
      emit(.plain(0x81), width, operation.rawValue, place.encoded, trailing: 4)
      append(number: number)
    }
  }

  /// Sets the flags by `a & b`.
  package mutating func test(
    _ width: GeneralWidth, _ a: GeneralRegister, _ b: GeneralRegister
  ) {
    emit(.plain(0x85), width, b.rawValue, .register(a.rawValue))
  }

  /// Sets the flags by `a & b`.
  package mutating func test(_ width: GeneralWidth, _ a: GeneralRegister, _ b: Int32) {
    if a == .rax {
      appendPrefixes(width, register: 0, .register(0))
      append(0xA9)
    } else {
      emit(.plain(0xF7), width, 0, .register(a.rawValue), trailing: 4)
    }
    append(number: b)
  }

  /// `a *= b`.
  package mutating func multiply(
    _ width: GeneralWidth, _ a: GeneralRegister, _ b: GeneralPlace
  ) {
    emit(.after0F(0xAF), width, a.rawValue, b.encoded)
  }

  /// `target = a * b`.
  package mutating func multiply(
    _ width: GeneralWidth, _ target: GeneralRegister, _ a: GeneralPlace, _ b: Int32
  ) {
    if let small = Int8(exactly: b) {
      emit(.plain(0x6B), width, target.rawValue, a.encoded, trailing: 1)
      append(UInt8(bitPattern: small))
    } else {
      emit(.plain(0x69), width, target.rawValue, a.encoded, trailing: 4)
      append(number: b)
    }
  }

  package mutating func general(
    _ operation: GeneralUnary, _ width: GeneralWidth, _ place: GeneralPlace
  ) {
    emit(.plain(0xF7), width, operation.rawValue, place.encoded)
  }

  package mutating func general(
    _ step: GeneralStep, _ width: GeneralWidth, _ place: GeneralPlace
  ) {
    emit(.plain(0xFF), width, step.rawValue, place.encoded)
  }

  package mutating func shift(
    _ shift: GeneralShift, _ width: GeneralWidth, _ place: GeneralPlace, by count: ShiftCount
  ) {
    switch count {
    case .cl: emit(.plain(0xD3), width, shift.rawValue, place.encoded)
    case .immediate(1): emit(.plain(0xD1), width, shift.rawValue, place.encoded)
    case .immediate(let count):
      emit(.plain(0xC1), width, shift.rawValue, place.encoded, trailing: 1)
      append(count)
    }
  }

  /// `target = source`, if the condition holds.
  package mutating func move(
    if condition: Condition, _ width: GeneralWidth, _ target: GeneralRegister,
    _ source: GeneralPlace
  ) {
    emit(.after0F(0x40 | condition.rawValue), width, target.rawValue, source.encoded)
  }

  /// The lowest byte of `target` becomes 1 if the condition holds, else 0.
  package mutating func set(if condition: Condition, _ target: GeneralRegister) {
    emit(
      .after0F(0x90 | condition.rawValue), .bits32, 0, .register(target.rawValue),
      bytes: byteNeedsPrefix(target))
  }

  package mutating func count(
    _ count: BitCount, _ width: GeneralWidth, _ target: GeneralRegister, _ source: GeneralPlace
  ) {
    emit(count.opcode, width, target.rawValue, source.encoded)
  }
}

extension BitCount {
  fileprivate var opcode: GeneralOpcode {
    switch self {
    case .lowestSet: .after0F(0xBC)
    case .highestSet: .after0F(0xBD)
    case .trailingZeros: .init(prefix: 0xF3, map: .of0F, 0xBC)
    case .leadingZeros: .init(prefix: 0xF3, map: .of0F, 0xBD)
    case .ones: .init(prefix: 0xF3, map: .of0F, 0xB8)
    }
  }
}
