import MachineCode
import Testing

/// Loads, stores and copies of vectors, compared with GNU as.
@Suite struct EncodingMoveTests {
  @Test func loadsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for (move, family) in moveFamilies(masks: .all) {
      family.add(to: &cases) {
        guard case .memory(let address) = $1.last else { return }
        $0.load(move, $1.width, $1.a, address, $1.masking)
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 5_000)
  }

  @Test func storesHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for (move, family) in moveFamilies(masks: .merging) {
      for width in family.widths {
        for (index, address) in allAddresses.enumerated() {
          for number in [1, 9, 30] {
            let evex = number > 15 || width == .zmm
            let source = VectorRegister(number)
            if let name = evex ? family.evex : family.vex ?? family.evex {
              cases.add(name, [address.name, source.name(width)]) {
                $0.store(move, width, address, source)
              }
            }
            let mask = MaskRegister.allCases[index % 7 + 1]
            guard let name = family.evex else { continue }
            cases.add(name, ["\(address.name){\(mask.name)}", source.name(width)]) {
              $0.store(move, width, address, source, .merging(mask))
            }
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 5_000)
  }

  @Test func streamingStoresHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    let stores: [(StreamingStore, String)] = [
      (.float(.float32), "vmovntps"), (.float(.float64), "vmovntpd"), (.integer, "vmovntdq"),
    ]
    for (store, name) in stores {
      for width in [.xmm, .ymm, .zmm] as [VectorWidth] {
        for address in allAddresses {
          for source in [1, 9, 30].map({ VectorRegister($0) }) {
            cases.add(name, [address.name, source.name(width)]) {
              $0.stream(store, width, address, source)
            }
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 1_000)
  }

  @Test func copiesHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for element in FloatElement.allCases {
      let name = "vmovap" + element.suffix(.xmm).suffix(1)
      let copy = VectorFamily(vex: name, evex: name, operands: .two, last: .register)
      copy.add(to: &cases) {
        guard case .register(let source) = $1.last else { return }
        $0.copy(element, $1.width, $1.a, source, $1.masking)
      }
      let lowest = "vmov" + element.suffix(.scalar)
      let copyLowest = VectorFamily(
        vex: lowest, evex: lowest, widths: [.scalar], last: .register)
      copyLowest.add(to: &cases) {
        guard case .register(let source) = $1.last else { return }
        $0.copyLowest(element, $1.a, upper: $1.b, source, $1.masking)
      }
    }
    for (name, toLow) in [("vmovhlps", true), ("vmovlhps", false)] {
      let family = VectorFamily(
        vex: name, evex: name, widths: [.xmm], last: .register, masks: .none)
      family.add(to: &cases) {
        guard case .register(let b) = $1.last else { return }
        if toLow {
          $0.moveHighToLow($1.a, $1.b, b)
        } else {
          $0.moveLowToHigh($1.a, $1.b, b)
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 150)
  }

  @Test func movesByTheSignsOfAVectorHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for element in FloatElement.allCases {
      let name = "vmaskmov" + element.suffix(.xmm)
      let family = VectorFamily(vex: name, last: .memory, masks: .none)
      family.add(to: &cases) {
        guard case .memory(let address) = $1.last else { return }
        $0.load(element, $1.width, $1.a, address, whereSignOf: $1.b)
      }
      for width in [.xmm, .ymm] as [VectorWidth] {
        for (index, address) in allAddresses.enumerated() {
          let source = VectorRegister(index % 16)
          let mask = VectorRegister(15 - index % 16)
          cases.add(name, [address.name, mask.name(width), source.name(width)]) {
            $0.store(element, width, address, source, whereSignOf: mask)
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 300)
  }
}

/// Each kind of move, and which instructions it has.
private func moveFamilies(
  masks: VectorFamily.Masks
) -> [(VectorMove, VectorFamily)] {
  var families: [(VectorMove, VectorFamily)] = []
  for element in FloatElement.allCases {
    let letter = element.suffix(.xmm).suffix(1)
    families.append((.float(element), family("vmovup" + letter)))
    families.append((.alignedFloat(element), family("vmovap" + letter)))
    var scalar = family("vmov" + element.suffix(.scalar))
    scalar.widths = [.scalar]
    families.append((.float(element), scalar))
  }
  for element in IntegerElement.allCases {
    let bits = element.byteCount * 8
    families.append((.integer(element), family("vmovdqu", evex: "vmovdqu\(bits)")))
    families.append((.alignedInteger(element), family("vmovdqa", evex: "vmovdqa\(bits)")))
  }
  families.append((.bytes, family(nil, evex: "vmovdqu8")))
  families.append((.words, family(nil, evex: "vmovdqu16")))
  return families

  func family(_ vex: String?, evex: String? = nil) -> VectorFamily {
    VectorFamily(
      vex: vex, evex: evex ?? vex, operands: .two, last: .memory, masks: masks)
  }
}
