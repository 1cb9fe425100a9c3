import MachineCode
import Testing

/// Instructions on mask registers, compared with GNU as.
@Suite struct EncodingMaskTests {
  @Test func operationsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for width in MaskWidth.allCases {
      for (a, b) in pairs {
        for target in MaskRegister.allCases {
          for operation in MaskBinary.allCases {
            let operands = [target.name, a.name, b.name]
            cases.add(operation.name + width.letter, operands) {
              $0.mask(operation, width, target, a, b)
            }
          }
        }
        cases.add("knot" + width.letter, [a.name, b.name]) { $0.maskNot(width, a, b) }
        cases.add("kortest" + width.letter, [a.name, b.name]) { $0.maskOrTest(width, a, b) }
        for shift in MaskShift.allCases {
          let name = (shift == .left ? "kshiftl" : "kshiftr") + width.letter
          cases.add(name, [a.name, b.name, "$3"]) { $0.maskShift(shift, width, a, b, by: 3) }
        }
        cases.add("kmov" + width.letter, [a.name, b.name]) { $0.maskMove(width, a, .mask(b)) }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 5_000)
  }

  @Test func movesHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for width in MaskWidth.allCases {
      let name = "kmov" + width.letter
      for mask in MaskRegister.allCases {
        for register in GeneralRegister.allCases {
          let general = register.name(width == .bits64 ? 64 : 32)
          cases.add(name, [mask.name, general]) { $0.maskMove(width, mask, .general(register)) }
          cases.add(name, [general, mask.name]) { $0.maskMove(width, register, mask) }
        }
        for address in allAddresses {
          cases.add(name, [mask.name, address.name]) {
            $0.maskMove(width, mask, .memory(address))
          }
          cases.add(name, [address.name, mask.name]) { $0.maskStore(width, address, mask) }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 3_000)
  }

  @Test func movesToAndFromVectorsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for element in IntegerElement.allCases {
      for width in [.xmm, .ymm, .zmm] as [VectorWidth] {
        for number in 0..<32 {
          let mask = MaskRegister.allCases[number * 5 % 8]
          let vector = VectorRegister(number)
          cases.add("vpmov\(element.letter)2m", [mask.name, vector.name(width)]) {
            $0.maskOfSigns(element, width, mask, vector)
          }
          cases.add("vpmovm2\(element.letter)", [vector.name(width), mask.name]) {
            $0.expand(element, width, vector, mask)
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 300)
  }
}

private let pairs = MaskRegister.allCases.flatMap { a in
  MaskRegister.allCases.map { (a, $0) }
}

extension MaskWidth {
  fileprivate var letter: String {
    switch self {
    case .bits8: "b"
    case .bits16: "w"
    case .bits32: "d"
    case .bits64: "q"
    }
  }
}

extension MaskBinary {
  fileprivate var name: String {
    switch self {
    case .and: "kand"
    case .andNot: "kandn"
    case .or: "kor"
    case .xnor: "kxnor"
    case .xor: "kxor"
    case .add: "kadd"
    }
  }
}
