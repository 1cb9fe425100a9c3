import MachineCode
import Testing

/// Conversions, and moves between kinds of registers, compared with GNU as.
@Suite struct EncodingConversionTests {
  @Test func conversionsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for conversion in VectorConversion.allCases {
      conversion.family.add(to: &cases) {
        $0.convert(conversion, $1.width, $1.a, $1.last, $1.masking)
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 5_000)
  }

  @Test func narrowingHasTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for conversion in NarrowingConversion.allCases {
      let (name, share) = conversion.nameAndShare
      addPlaces(name, .xmm, share, nil, to: &cases) {
        $0.convert(conversion, $1, $2, $3, $4)
      }
    }
    addPlaces("vcvtps2ph", .ymm, 2, 0, to: &cases) { $0.convertToFloat16($1, $2, $3, $4) }
    try cases.expectTheBytesOfGNU(atLeast: 2_000)
  }

  @Test func conversionsOfLowestElementsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for (element, name) in [(FloatElement.float32, "vcvtss2sd"), (.float64, "vcvtsd2ss")] {
      let family = VectorFamily(vex: name, evex: name, widths: [.scalar])
      family.add(to: &cases) {
        $0.convertLowest(from: element, $1.a, upper: $1.b, $1.last, $1.masking)
      }
    }
    for element in FloatElement.allCases {
      let suffix = element.suffix(.scalar)
      for width in GeneralWidth.allCases {
        let name = "vcvtsi2" + suffix + width.letter
        for (index, place) in generalPlaces.enumerated() {
          for target in [index % 32, 1] {
            let (a, b) = (VectorRegister(target), VectorRegister((index * 5 + 1) % 32))
            cases.add(name, [a.name(.xmm), b.name(.xmm), place.name(width)]) {
              $0.convertLowest(to: element, a, upper: b, width, place)
            }
          }
        }
        for (rounding, name) in [(IntegerRounding.towardZero, "vcvtt"), (.toNearestEven, "vcvt")] {
          var family = VectorFamily(
            vex: name + suffix + "2si", evex: name + suffix + "2si", widths: [.scalar],
            operands: .two, masks: .none)
          // A general register has a number below 16, so only the operand asks for EVEX.
          family.targetName = { number, _ in general(number).name(width) }
          family.evex = nil
          family.add(to: &cases) {
            $0.convertLowest(rounding, from: element, width, general($1.target), $1.last)
          }
          for number in [16, 24, 31] {
            let source = VectorRegister(number)
            cases.add(name + suffix + "2si", [general(number).name(width), source.name(.xmm)]) {
              $0.convertLowest(
                rounding, from: element, width, general(number), .register(source))
            }
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 1_000)
  }

  @Test func movesBetweenKindsOfRegistersHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for register in GeneralRegister.allCases {
      for number in 0..<32 {
        let vector = VectorRegister(number)
        for (width, name) in [(GeneralWidth.bits32, "vmovd"), (.bits64, "vmovq")] {
          cases.add(name, [vector.name(.xmm), register.name(width)]) {
            $0.moveBits(width, vector, register)
          }
          cases.add(name, [register.name(width), vector.name(.xmm)]) {
            $0.moveBits(width, register, vector)
          }
        }
        guard number < 16 else { continue }
        for width in [.xmm, .ymm] as [VectorWidth] {
          for element in FloatElement.allCases {
            let name = "vmovmsk" + element.suffix(.xmm)
            cases.add(name, [register.name(32), vector.name(width)]) {
              $0.moveSigns(element, width, register, vector)
            }
          }
          cases.add("vpmovmskb", [register.name(32), vector.name(width)]) {
            $0.moveByteSigns(width, register, vector)
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 2_000)
  }
}

func general(_ number: Int) -> GeneralRegister { GeneralRegister.allCases[number % 16] }

let generalPlaces: [GeneralPlace] =
  GeneralRegister.allCases.map { .register($0) } + allAddresses.map { .memory($0) }

/// Adds cases of an instruction with a smaller result, which is a register or memory.
///
/// - Parameters:
///   - narrowest: the narrowest operand.
///   - share: how many times smaller the result is.
func addPlaces(
  _ name: String, _ first: VectorWidth, _ share: Int, _ number: UInt8?,
  to cases: inout EncodingCases,
  _ write: (inout Assembler, VectorWidth, VectorPlace, VectorRegister, Masking) -> Void
) {
  let end = number.map { ["$\($0)"] } ?? []
  for width in VectorWidth.allCases where width != .scalar {
    let result = width.byteCount / share > 16 ? width.half : .xmm
    for number in 0..<32 {
      let (target, source) = (VectorRegister(number), VectorRegister((number * 7 + 3) % 32))
      for masking in [.none, .merging(.k5), .zeroing(.k2)] as [Masking] {
        let text = target.name(result) + masking.name
        cases.add(name, [text, source.name(width)] + end) {
          write(&$0, width, .register(target), source, masking)
        }
      }
    }
    for (index, address) in allAddresses.enumerated() {
      let source = VectorRegister(index % 32)
      for masking in [.none, .merging(.k3)] as [Masking] {
        cases.add(name, [address.name + masking.name, source.name(width)] + end) {
          write(&$0, width, .memory(address), source, masking)
        }
      }
    }
  }
}

extension NarrowingConversion {
  /// The mnemonic, and how many times smaller the result is.
  fileprivate var nameAndShare: (String, Int) {
    switch self {
    case .int32ToInt8: ("vpmovdb", 4)
    case .int32ToInt16: ("vpmovdw", 2)
    case .int64ToInt8: ("vpmovqb", 8)
    case .int64ToInt16: ("vpmovqw", 4)
    case .int64ToInt32: ("vpmovqd", 2)
    }
  }
}

extension VectorConversion {
  fileprivate var family: VectorFamily {
    switch self {
    case .float32ToFloat64: widening("vcvtps2pd", 2, broadcast: 4)
    case .int32ToFloat64: widening("vcvtdq2pd", 2, broadcast: 4)
    case .float16ToFloat32: widening("vcvtph2ps", 2)
    case .uint8ToInt32: widening("vpmovzxbd", 4)
    case .uint8ToInt64: widening("vpmovzxbq", 8)
    case .uint16ToInt32: widening("vpmovzxwd", 2)
    case .uint16ToInt64: widening("vpmovzxwq", 4)
    case .uint32ToInt64: widening("vpmovzxdq", 2)
    case .int8ToInt32: widening("vpmovsxbd", 4)
    case .int8ToInt64: widening("vpmovsxbq", 8)
    case .int16ToInt32: widening("vpmovsxwd", 2)
    case .int16ToInt64: widening("vpmovsxwq", 4)
    case .int32ToInt64: widening("vpmovsxdq", 2)
    case .int32ToFloat32: equal("vcvtdq2ps", 4)
    case .float32ToInt32: equal("vcvtps2dq", 4)
    case .float32ToInt32Truncated: equal("vcvttps2dq", 4)
    case .float64ToInt64: equal("vcvtpd2qq", 8, vex: .missing)
    case .float64ToInt64Truncated: equal("vcvttpd2qq", 8, vex: .missing)
    case .int64ToFloat64: equal("vcvtqq2pd", 8, vex: .missing)
    case .float64ToFloat32: narrowing("vcvtpd2ps")
    case .float64ToInt32: narrowing("vcvtpd2dq")
    case .float64ToInt32Truncated: narrowing("vcvttpd2dq")
    case .int64ToFloat32: narrowing("vcvtqq2ps", vex: .missing)
    }
  }

  private enum VEX {
    case present, missing
  }

  private func equal(
    _ name: String, _ broadcast: Int, vex: VEX = .present
  ) -> VectorFamily {
    VectorFamily(
      vex: vex == .present ? name : nil, evex: name, broadcast: broadcast, operands: .two)
  }

  /// - Parameter share: how many times smaller the operand is.
  private func widening(_ name: String, _ share: Int, broadcast: Int? = nil) -> VectorFamily {
    var family = VectorFamily(
      vex: name, evex: name, broadcast: broadcast, broadcastShare: share, operands: .two)
    family.lastName = { number, width in
      VectorRegister(number).name(width.byteCount / share > 16 ? width.half : .xmm)
    }
    return family
  }

  private func narrowing(_ name: String, vex: VEX = .present) -> VectorFamily {
    var family = equal(name, 8, vex: vex)
    family.targetName = { VectorRegister($0).name($1.half) }
    // Memory and a target alone do not tell how much is read.
    family.memorySuffix = [.xmm: "x", .ymm: "y"]
    return family
  }
}
