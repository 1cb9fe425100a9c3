import MachineCode
import Testing

/// Instructions on general registers, compared with GNU as.
@Suite struct EncodingGeneralTests {
  @Test func movesHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for a in GeneralRegister.allCases {
      for number in someBits { addConstant(number, a, to: &cases) }
      for b in GeneralRegister.allCases {
        for width in GeneralWidth.allCases {
          cases.add("mov", [a.name(width), b.name(width)]) { $0.move(width, a, b) }
        }
        cases.add("movslq", [a.name(64), b.name(32)]) { $0.signExtend(a, b) }
        cases.add("movzbl", [a.name(32), b.name(8)]) { $0.zeroExtendByte(a, b) }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 1_000)
  }

  @Test func loadsAndStoresHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for (a, address) in registersAndAddresses {
      for width in GeneralWidth.allCases {
        cases.add("mov", [a.name(width), address.name]) { $0.load(width, a, address) }
        cases.add("lea", [a.name(width), address.name]) { $0.loadAddress(width, a, address) }
        for number in someNumbers {
          cases.add("mov" + width.letter, [address.name, "$\(number)"]) {
            $0.store(width, address, number)
          }
        }
        for extended in Extension.allCases {
          cases.add(extended.name + width.letter, [a.name(width), address.name]) {
            $0.load(width, a, address, extended)
          }
        }
      }
      cases.add("movslq", [a.name(64), address.name]) { $0.loadSignExtended(a, address) }
      for (width, bits) in zip(StoreWidth.allCases, [8, 16, 32, 64]) {
        cases.add("mov", [address.name, a.name(bits)]) { $0.store(width, address, a) }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 2_000)
  }

  @Test func arithmeticHasTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for operation in GeneralBinary.allCases {
      for width in GeneralWidth.allCases {
        let name = operation.name + width.letter
        for a in GeneralRegister.allCases {
          for b in GeneralRegister.allCases {
            cases.add(name, [a.name(width), b.name(width)]) {
              $0.general(operation, width, a, .register(b))
            }
          }
          for number in someNumbers {
            cases.add(name, [a.name(width), "$\(number)"]) {
              $0.general(operation, width, a, .immediate(number))
            }
          }
        }
        for (a, address) in registersAndAddresses {
          cases.add(name, [a.name(width), address.name]) {
            $0.general(operation, width, a, .memory(address))
          }
          cases.add(name, [address.name, a.name(width)]) {
            $0.general(operation, width, memory: address, a)
          }
          for number in someNumbers {
            cases.add(name, [address.name, "$\(number)"]) {
              $0.general(operation, width, memory: address, number)
            }
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 10_000)
  }

  @Test func testsAndProductsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for width in GeneralWidth.allCases {
      for a in GeneralRegister.allCases {
        for b in GeneralRegister.allCases {
          cases.add("test", [a.name(width), b.name(width)]) { $0.test(width, a, b) }
        }
        for number in someNumbers {
          cases.add("test" + width.letter, [a.name(width), "$\(number)"]) {
            $0.test(width, a, number)
          }
        }
        for place in generalPlaces {
          cases.add("imul", [a.name(width), place.name(width)]) { $0.multiply(width, a, place) }
        }
      }
      for (index, place) in generalPlaces.enumerated() {
        let a = general(index * 3)
        for number in someNumbers {
          cases.add("imul", [a.name(width), place.name(width), "$\(number)"]) {
            $0.multiply(width, a, place, number)
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 3_000)
  }

  @Test func operationsInPlaceHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for width in GeneralWidth.allCases {
      for place in generalPlaces {
        let name = place.name(width)
        for operation in GeneralUnary.allCases {
          cases.add(operation.name + width.letter, [name]) { $0.general(operation, width, place) }
        }
        for step in GeneralStep.allCases {
          let mnemonic = step == .increment ? "inc" : "dec"
          cases.add(mnemonic + width.letter, [name]) { $0.general(step, width, place) }
        }
        for shift in GeneralShift.allCases {
          for count: UInt8 in [0, 1, 2, 31] {
            cases.add(shift.name + width.letter, [name, "$\(count)"]) {
              $0.shift(shift, width, place, by: .immediate(count))
            }
          }
          cases.add(shift.name + width.letter, [name, "%cl"]) {
            $0.shift(shift, width, place, by: .cl)
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 3_000)
  }

  @Test func bitsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for width in GeneralWidth.allCases {
      for a in GeneralRegister.allCases {
        for place in generalPlaces {
          for count in BitCount.allCases {
            cases.add(count.name, [a.name(width), place.name(width)]) {
              $0.count(count, width, a, place)
            }
          }
        }
        for (index, place) in generalPlaces.enumerated() {
          let b = general(index)
          for operation in BitOperation.allCases {
            let operands = [a.name(width), place.name(width), b.name(width)]
            cases.add(operation.name, operands) { $0.bits(operation, width, a, place, b) }
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 5_000)
  }

  private func addConstant(
    _ bits: UInt64, _ a: GeneralRegister, to cases: inout EncodingCases
  ) {
    let signed = Int64(bitPattern: bits)
    if bits < 1 << 32 {
      cases.add("movl", [a.name(32), "$\(bits)"]) { $0.move(a, bits: bits) }
    } else if Int32(exactly: signed) != nil {
      cases.add("movq", [a.name(64), "$\(signed)"]) { $0.move(a, bits: bits) }
    } else {
      cases.add("movabsq", [a.name(64), "$\(signed)"]) { $0.move(a, bits: bits) }
    }
  }
}

private let someBits: [UInt64] = [
  0, 1, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x0123_4567_89AB_CDEF,
  0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, 0xFFFF_FFFF_7FFF_FFFF, 0xFFFF_FFFF_8000_0000,
  0xFFFF_FFFF_FFFF_FFFF,
]

private let someNumbers: [Int32] = [0, 1, 127, 128, -128, -129, 255, 4096, .max, .min]

private let registersAndAddresses: [(GeneralRegister, Address)] =
  allAddresses.enumerated().map { (general($0), $1) }
  + GeneralRegister.allCases.map { ($0, Address(.rsi, displacement: 8)) }

extension Extension {
  fileprivate var name: String {
    switch self {
    case .zeroExtendedByte: "movzb"
    case .zeroExtendedWord: "movzw"
    case .signExtendedByte: "movsb"
    case .signExtendedWord: "movsw"
    }
  }
}

extension GeneralBinary {
  fileprivate var name: String {
    switch self {
    case .add: "add"
    case .or: "or"
    case .addWithCarry: "adc"
    case .subtractWithBorrow: "sbb"
    case .and: "and"
    case .subtract: "sub"
    case .xor: "xor"
    case .compare: "cmp"
    }
  }
}

extension GeneralUnary {
  fileprivate var name: String {
    switch self {
    case .not: "not"
    case .negate: "neg"
    case .multiply: "mul"
    case .signedMultiply: "imul"
    case .divide: "div"
    case .signedDivide: "idiv"
    }
  }
}

extension GeneralShift {
  fileprivate var name: String {
    switch self {
    case .rotateLeft: "rol"
    case .rotateRight: "ror"
    case .left: "shl"
    case .right: "shr"
    case .arithmeticRight: "sar"
    }
  }
}

extension BitCount {
  fileprivate var name: String {
    switch self {
    case .lowestSet: "bsf"
    case .highestSet: "bsr"
    case .trailingZeros: "tzcnt"
    case .leadingZeros: "lzcnt"
    case .ones: "popcnt"
    }
  }
}

extension BitOperation {
  /// In AT&T's order the operands come in reverse: ours stand in Intel's.
  fileprivate var name: String {
    switch self {
    case .shiftLeft: "shlx"
    case .shiftRight: "shrx"
    case .shiftRightArithmetic: "sarx"
    case .keepLowest: "bzhi"
    }
  }
}
