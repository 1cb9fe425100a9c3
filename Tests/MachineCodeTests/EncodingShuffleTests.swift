import MachineCode
import Testing

/// Instructions that move elements inside of vectors, compared with GNU as.
@Suite struct EncodingShuffleTests {
  @Test func shufflesOfOneVectorHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for shuffle in ShuffleUnary.allCases {
      let (name, broadcast, widths) = shuffle.description
      let family = VectorFamily(
        vex: name, evex: name, widths: widths, broadcast: broadcast, operands: .two,
        number: 0x4E)
      family.add(to: &cases) {
        $0.shuffle(shuffle, $1.width, $1.a, $1.last, 0x4E, $1.masking)
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 2_000)
  }

  @Test func shufflesOfTwoVectorsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for shuffle in ShuffleBinary.allCases {
      shuffle.family.add(to: &cases) {
        $0.shuffle(shuffle, $1.width, $1.a, $1.b, $1.last, 0xB1, $1.masking)
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 3_000)
  }

  @Test func partsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for part in VectorPart.allCases {
      for width in part == .xmm ? [.ymm, .zmm] : [.zmm] as [VectorWidth] {
        for (index, place) in vectorPlaces.enumerated() {
          let other = VectorRegister((index * 5 + 2) % 32)
          let target = VectorRegister((index * 3 + 1) % 32)
          for masking in [.none, .merging(.k3)] as [Masking] {
            addExtraction(part, width, place, other, masking, to: &cases)
            addInsertion(part, width, target, other, place, masking, to: &cases)
            addInsertion(
              part, width, VectorRegister(9), VectorRegister(10), place, masking, to: &cases)
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 1_000)
  }

  @Test func broadcastsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for element in FloatElement.allCases {
      let name = "vbroadcast" + element.suffix(.scalar)
      var family = VectorFamily(vex: name, evex: name, operands: .two)
      family.lastName = { number, _ in VectorRegister(number).name(.xmm) }
      if element == .float64 { family.widths = [.ymm, .zmm] }
      family.add(to: &cases) { $0.broadcast(element, $1.width, $1.a, $1.place, $1.masking) }
    }
    for element in IntegerElement.allCases {
      let name = "vpbroadcast" + element.letter
      var family = VectorFamily(vex: name, evex: name, operands: .two)
      family.lastName = { number, _ in VectorRegister(number).name(.xmm) }
      family.add(to: &cases) { $0.broadcast(element, $1.width, $1.a, $1.place, $1.masking) }

      var ofGeneral = VectorFamily(evex: name, operands: .two, last: .register)
      let bits = element.byteCount * 8
      ofGeneral.lastName = { number, _ in general(number).name(bits) }
      ofGeneral.add(to: &cases) {
        guard case .register(let source) = $1.last else { return }
        let register = general(Int(source.number))
        $0.broadcast(element, $1.width, $1.a, register, $1.masking)
      }
    }
    let group = VectorFamily(
      vex: "vbroadcastf128", evex: "vbroadcastf32x4", widths: [.ymm, .zmm], operands: .two,
      last: .memory)
    group.add(to: &cases) {
      guard case .memory(let address) = $1.last else { return }
      $0.broadcastGroup($1.width, $1.a, address, $1.masking)
    }
    try cases.expectTheBytesOfGNU(atLeast: 3_000)
  }
}

private let vectorPlaces: [VectorPlace] =
  (0..<32).map { .register(VectorRegister($0)) } + allAddresses.map { .memory($0) }

private func addExtraction(
  _ part: VectorPart, _ width: VectorWidth, _ place: VectorPlace, _ source: VectorRegister,
  _ masking: Masking, to cases: inout EncodingCases
) {
  let evex = width == .zmm || place.isAbove15 || source.number > 15 || masking != .none
  let name = part == .ymm ? "vextractf64x4" : evex ? "vextractf32x4" : "vextractf128"
  cases.add(name, [place.name(part) + masking.name, source.name(width), "$1"]) {
    $0.extract(part, at: 1, width, place, source, masking)
  }
}

private func addInsertion(
  _ part: VectorPart, _ width: VectorWidth, _ target: VectorRegister, _ a: VectorRegister,
  _ b: VectorPlace, _ masking: Masking, to cases: inout EncodingCases
) {
  let evex =
    width == .zmm || target.number > 15 || a.number > 15 || b.isAbove15 || masking != .none
  let name = part == .ymm ? "vinsertf64x4" : evex ? "vinsertf32x4" : "vinsertf128"
  let operands = [target.name(width) + masking.name, a.name(width), b.name(part), "$1"]
  cases.add(name, operands) { $0.insert(part, at: 1, width, target, a, b, masking) }
}

extension VectorPlace {
  fileprivate func name(_ part: VectorPart) -> String {
    switch self {
    case .register(let register): register.name(part == .xmm ? .xmm : .ymm)
    case .memory(let address): address.name
    }
  }

  fileprivate var isAbove15: Bool {
    switch self {
    case .register(let register): register.number > 15
    case .memory: false
    }
  }
}

extension VectorFamily.Case {
  /// The last operand of an instruction that broadcasts anyway.
  fileprivate var place: VectorPlace {
    switch last {
    case .register(let register): .register(register)
    case .memory(let address), .broadcast(let address): .memory(address)
    }
  }
}

extension ShuffleUnary {
  /// The mnemonic, the bytes of an element that is broadcast, and the widths.
  fileprivate var description: (String, Int, [VectorWidth]) {
    switch self {
    case .permuteFloat32InGroups: ("vpermilps", 4, [.xmm, .ymm, .zmm])
    case .permuteFloat64InGroups: ("vpermilpd", 8, [.xmm, .ymm, .zmm])
    case .permuteFloat64: ("vpermpd", 8, [.ymm, .zmm])
    case .permuteInt64: ("vpermq", 8, [.ymm, .zmm])
    case .permuteInt32InGroups: ("vpshufd", 4, [.xmm, .ymm, .zmm])
    }
  }
}

extension ShuffleBinary {
  fileprivate var family: VectorFamily {
    switch self {
    case .shuffleFloat32: both("vshufps", 4)
    case .shuffleFloat64: both("vshufpd", 8)
    case .shuffleGroupsFloat32: new("vshuff32x4", 4, [.ymm, .zmm])
    case .shuffleGroupsFloat64: new("vshuff64x2", 8, [.ymm, .zmm])
    case .permuteGroups:
      VectorFamily(vex: "vperm2f128", widths: [.ymm], masks: .none, number: 0xB1)
    case .alignInt32: new("valignd", 4)
    case .alignInt64: new("valignq", 8)
    case .blendFloat32: VectorFamily(vex: "vblendps", masks: .none, number: 0xB1)
    case .blendFloat64: VectorFamily(vex: "vblendpd", masks: .none, number: 0xB1)
    case .ternaryInt32: new("vpternlogd", 4)
    case .ternaryInt64: new("vpternlogq", 8)
    }
  }

  private func both(_ name: String, _ broadcast: Int) -> VectorFamily {
    VectorFamily(vex: name, evex: name, broadcast: broadcast, number: 0xB1)
  }

  private func new(
    _ name: String, _ broadcast: Int, _ widths: [VectorWidth] = [.xmm, .ymm, .zmm]
  ) -> VectorFamily {
    VectorFamily(evex: name, widths: widths, broadcast: broadcast, number: 0xB1)
  }
}
