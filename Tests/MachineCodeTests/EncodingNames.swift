import MachineCode

// Operands in the syntax of GNU as.

extension GeneralRegister {
  /// The name of the lower `bits` bits.
  func name(_ bits: Int) -> String {
    let old = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"]
    let number = Int(rawValue)
    guard number < 8 else {
      let suffix = [8: "b", 16: "w", 32: "d", 64: ""][bits] ?? "?"
      return "%r\(number)\(suffix)"
    }
    return switch bits {
    case 64: "%r" + old[number]
    case 32: "%e" + old[number]
    case 16: "%" + old[number]
    default: "%" + (number < 4 ? old[number].prefix(1) : old[number].prefix(2)) + "l"
    }
  }

  func name(_ width: GeneralWidth) -> String { name(width.bits) }
}

extension GeneralWidth {
  var bits: Int {
    switch self {
    case .bits32: 32
    case .bits64: 64
    }
  }

  /// The letter at the end of a mnemonic.
  var letter: String {
    switch self {
    case .bits32: "l"
    case .bits64: "q"
    }
  }
}

extension Address {
  var name: String {
    let base: String =
      switch origin {
      case .register(let register): register.name(64)
      case .none: ""
      case .constant: "?"
      }
    let inside = index.map { base + "," + $0.name(64) + ",\(1 << Int(scale.rawValue))" } ?? base
    return "\(displacement)(\(inside))"
  }
}

extension GeneralPlace {
  func name(_ width: GeneralWidth) -> String {
    switch self {
    case .register(let register): register.name(width)
    case .memory(let address): address.name
    }
  }
}

extension VectorRegister {
  func name(_ width: VectorWidth) -> String { width.letters + String(number) }
}

extension VectorWidth {
  fileprivate var letters: String {
    switch self {
    case .scalar, .xmm: "%xmm"
    case .ymm: "%ymm"
    case .zmm: "%zmm"
    }
  }

  var byteCount: Int {
    switch self {
    case .scalar, .xmm: 16
    case .ymm: 32
    case .zmm: 64
    }
  }

  /// The width of half the bytes, but no less than `xmm`.
  var half: VectorWidth {
    switch self {
    case .scalar, .xmm, .ymm: .xmm
    case .zmm: .ymm
    }
  }
}

extension MaskRegister {
  var name: String { "%k\(rawValue)" }
}

extension Masking {
  /// What stands behind the target.
  var name: String {
    switch self {
    case .none: ""
    case .merging(let mask): "{\(mask.name)}"
    case .zeroing(let mask): "{\(mask.name)}{z}"
    }
  }
}

/// Places in memory that use each bit and each form of an encoding.
let allAddresses: [Address] =
  GeneralRegister.allCases.map { Address($0) }
  + GeneralRegister.allCases.filter { $0 != .rsp }.map {
    Address(.rax, index: $0, scale: .four, displacement: 64)
  }
  + Address.Scale.allCases.map { Address(.r13, index: .r12, scale: $0) }
  + [
    Address(index: .r8, scale: .four, displacement: 32),
    Address(index: .rdx, scale: .eight, displacement: -4),
    Address(index: .rbp, scale: .two),
    Address(.rbp, index: .r13, scale: .one),
    Address(.rsp, displacement: 64),
    Address(.r12, displacement: 1 << 20),
    Address(.r12, index: .r9, scale: .two, displacement: -4096),
    Address(.rsp, index: .rbp, scale: .one, displacement: -128),
  ]
  // Multiples of each unit of EVEX inside and outside of the byte's range, and no multiples.
  + [
    1, -1, 2, 4, 8, 16, 32, 64, -64, 127, 128, -128, -129, 254, 508, 512, 1016, 1024, 2032, 2048,
    4064, 4096, 8128, 8192, -8192, -8256, 100, 65, Int32.max, Int32.min,
  ].map { Address(.rdi, displacement: $0) }

/// A few of them.
let someAddresses: [Address] = [
  Address(.rsi), Address(.r13, index: .r12, scale: .eight, displacement: 128),
  Address(.rsp, displacement: -64), Address(.rbx, index: .r14, scale: .two, displacement: 12),
]
