import MachineCode
import Testing

/// Instructions on vectors of integers, compared with GNU as.
@Suite struct EncodingIntegerTests {
  @Test func arithmeticHasTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for operation in IntegerBinary.allCases {
      for element in IntegerElement.allCases {
        operation.family(element).add(to: &cases) {
          $0.integer(operation, element, $1.width, $1.a, $1.b, $1.last, $1.masking)
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 10_000)
  }

  @Test func mixedOperationsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for operation in MixedBinary.allCases {
      let name =
        switch operation {
        case .shuffleBytes: "vpshufb"
        case .packSigned: "vpackssdw"
        case .packUnsigned: "vpackusdw"
        case .multiplySigned: "vpmuldq"
        case .multiplyUnsigned: "vpmuludq"
        case .permuteWords: "vpermw"
        }
      let family = VectorFamily(
        vex: operation == .permuteWords ? nil : name, evex: name, broadcast: operation.broadcast)
      family.add(to: &cases) {
        $0.mixed(operation, $1.width, $1.a, $1.b, $1.last, $1.masking)
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 1_000)
  }

  @Test func shiftsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for shift in VectorShift.allCases {
      for element in IntegerElement.allCases {
        let name = shift.name + element.letter
        let hasVEX = shift != .arithmeticRight || element == .int32
        var byCount = VectorFamily(vex: hasVEX ? name : nil, evex: name)
        byCount.lastName = { number, _ in VectorRegister(number).name(.xmm) }
        byCount.add(to: &cases) {
          $0.shift(
            shift, element, $1.width, $1.a, $1.b, byLowestOf: $1.last, $1.masking)
        }
        for number: UInt8 in [0, 1, 23, 255] {
          let byNumber = VectorFamily(
            vex: hasVEX ? name : nil, evex: name, operands: .two, last: .register,
            number: number)
          byNumber.add(to: &cases) {
            guard case .register(let source) = $1.last else { return }
            $0.shift(shift, element, $1.width, $1.a, source, by: number, $1.masking)
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 3_000)
  }

  @Test func clearingTakesTheShortestInstruction() throws {
    var cases = EncodingCases()
    for number in 0..<32 {
      let register = VectorRegister(number)
      let name = number < 16 ? "vxorps" : "vpxord"
      let operands = [String](repeating: register.name(.xmm), count: 3)
      cases.add(name, operands) { $0.clear(register) }
    }
    try cases.expectTheBytesOfGNU(atLeast: 32)
  }
}

extension IntegerElement {
  var letter: String {
    switch self {
    case .int32: "d"
    case .int64: "q"
    }
  }

  var byteCount: Int {
    switch self {
    case .int32: 4
    case .int64: 8
    }
  }
}

extension MixedBinary {
  /// The bytes of an element that is broadcast.
  fileprivate var broadcast: Int? {
    switch self {
    case .shuffleBytes, .permuteWords: nil
    case .packSigned, .packUnsigned: 4
    case .multiplySigned, .multiplyUnsigned: 8
    }
  }
}

extension VectorShift {
  fileprivate var name: String {
    switch self {
    case .left: "vpsll"
    case .right: "vpsrl"
    case .arithmeticRight: "vpsra"
    }
  }
}

extension IntegerBinary {
  fileprivate func family(_ element: IntegerElement) -> VectorFamily {
    let both: (String) -> VectorFamily = {
      VectorFamily(vex: $0, evex: $0, broadcast: element.byteCount)
    }
    /// Only AVX-512 has the form for 64 bits.
    let later: (String) -> VectorFamily = {
      VectorFamily(
        vex: element == .int64 ? nil : $0, evex: $0, broadcast: element.byteCount)
    }
    /// Without a mask, there is no need to name an element.
    let bitwise: (String) -> VectorFamily = {
      VectorFamily(vex: $0, evex: $0 + element.letter, broadcast: element.byteCount)
    }
    let letter = element.letter
    switch self {
    case .add: return both("vpadd" + letter)
    case .subtract: return both("vpsub" + letter)
    case .multiply: return later("vpmull" + letter)
    case .and: return bitwise("vpand")
    case .or: return bitwise("vpor")
    case .xor: return bitwise("vpxor")
    case .andNot: return bitwise("vpandn")
    case .minimum: return later("vpmins" + letter)
    case .maximum: return later("vpmaxs" + letter)
    case .unsignedMinimum: return later("vpminu" + letter)
    case .unsignedMaximum: return later("vpmaxu" + letter)
    case .shiftLeft: return both("vpsllv" + letter)
    case .shiftRight: return both("vpsrlv" + letter)
    case .shiftRightArithmetic: return later("vpsrav" + letter)
    case .unpackLow: return both(element == .int32 ? "vpunpckldq" : "vpunpcklqdq")
    case .unpackHigh: return both(element == .int32 ? "vpunpckhdq" : "vpunpckhqdq")
    case .permute:
      var family = later("vperm" + letter)
      family.widths = [.ymm, .zmm]
      return family
    }
  }
}
