/// The operand that an encoding keeps beside its registers: one more register, or a place in
/// memory.
enum EncodedOperand {
  case register(UInt8)
  case memory(Address)
}

extension EncodedOperand {
  /// The upper bit of the register, or of the base (`B` in a prefix).
  var baseBit: UInt8 {
    switch self {
    case .register(let number): number >> 3 & 1
    case .memory(let address): address.base.map { $0.rawValue >> 3 } ?? 0
    }
  }

  /// The upper bit of the index (`X` in a prefix).
  var indexBit: UInt8 {
    switch self {
    case .register: 0
    case .memory(let address): address.index.map { $0.rawValue >> 3 } ?? 0
    }
  }
}

extension Address {
  fileprivate var base: GeneralRegister? {
    switch origin {
    case .register(let register): register
    case .none, .constant: nil
    }
  }
}

extension GeneralPlace {
  var encoded: EncodedOperand {
    switch self {
    case .register(let register): .register(register.rawValue)
    case .memory(let address): .memory(address)
    }
  }
}

extension Assembler {
  /// Appends ModRM and what it asks for: SIB and displacement.
  ///
  /// - Parameters:
  ///   - register: a number of which the lower three bits count.
  ///   - unit: how many bytes a displacement of one byte counts (1 unless EVEX compresses it).
  ///   - trailing: how many bytes of the instruction come behind.
  mutating func appendOperand(
    _ register: UInt8, _ operand: EncodedOperand, unit: Int32 = 1, trailing: Int
  ) {
    let field = (register & 7) << 3
    switch operand {
    case .register(let number):
      append(0b11_000_000 | field | number & 7)
    case .memory(let address):
      switch address.origin {
      case .constant(let constant):
        append(field | 0b101)
        appendDistance(to: constant, addend: address.displacement, trailing: trailing)
      case .none:
        append(field | 0b100)
        append(indexByte(address, base: 0b101))
        append(number: address.displacement)
      case .register(let base):
        appendBased(field, address, base: base.rawValue & 7, unit: unit)
      }
    }
  }

  private mutating func appendBased(
    _ field: UInt8, _ address: Address, base: UInt8, unit: Int32
  ) {
    let displacement = address.displacement
    let units = displacement % unit == 0 ? Int8(exactly: displacement / unit) : nil
    // Without a displacement, the number 5 as a base would mean something else.
    let mode: UInt8 = displacement == 0 && base != 5 ? 0 : units != nil ? 1 : 2
    if address.index == nil && base != 4 {
      append(mode << 6 | field | base)
    } else {
      append(mode << 6 | field | 0b100)
      append(indexByte(address, base: base))
    }
    if mode == 2 {
      append(number: displacement)
    } else if mode == 1, let units {
      append(UInt8(bitPattern: units))
    }
  }
}

/// The byte SIB. The number 4 as an index means that there is none.
private func indexByte(_ address: Address, base: UInt8) -> UInt8 {
  guard let index = address.index else { return 4 << 3 | base }
  return address.scale.rawValue << 6 | (index.rawValue & 7) << 3 | base
}
