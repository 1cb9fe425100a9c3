import MachineCode
import Testing

/// Comparisons and selections, compared with GNU as.
@Suite struct EncodingComparisonTests {
  @Test func comparisonsToMasksHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for predicate in FloatPredicate.allCases {
      for element in FloatElement.allCases {
        for width in VectorWidth.allCases {
          var family = toMask("vcmp" + element.suffix(width), element.byteCount)
          family.widths = [width]
          family.number = predicate.number
          family.add(to: &cases) {
            $0.compare(predicate, element, $1.width, $1.k, $1.b, $1.last, where: $1.mask)
          }
        }
      }
    }
    for predicate in IntegerPredicate.allCases {
      for element in IntegerElement.allCases {
        for signedness in Signedness.allCases {
          let name = signedness == .signed ? "vpcmp" : "vpcmpu"
          var family = toMask(name + element.letter, element.byteCount)
          family.number = predicate.number
          family.add(to: &cases) {
            $0.compare(
              predicate, signedness, element, $1.width, $1.k, $1.b, $1.last, where: $1.mask)
          }
        }
      }
    }
    for element in IntegerElement.allCases {
      toMask("vptestm" + element.letter, element.byteCount).add(to: &cases) {
        $0.test(element, $1.width, $1.k, $1.b, $1.last, where: $1.mask)
      }
    }
    var bytes = toMask("vptestmb", 1)
    bytes.broadcast = nil
    bytes.add(to: &cases) { $0.testBytes($1.width, $1.k, $1.b, $1.last, where: $1.mask) }
    try cases.expectTheBytesOfGNU(atLeast: 20_000)
  }

  @Test func comparisonsToVectorsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for predicate in FloatPredicate.allCases {
      for element in FloatElement.allCases {
        for width in VectorWidth.allCases {
          let family = VectorFamily(
            vex: "vcmp" + element.suffix(width), widths: [width], masks: .none,
            number: predicate.number)
          family.add(to: &cases) {
            $0.compare(predicate, element, $1.width, $1.a, $1.b, $1.last)
          }
        }
      }
    }
    for predicate in VectorIntegerPredicate.allCases {
      for element in IntegerElement.allCases {
        let name = predicate == .equal ? "vpcmpeq" : "vpcmpgt"
        VectorFamily(vex: name + element.letter, masks: .none).add(to: &cases) {
          $0.compare(predicate, element, $1.width, $1.a, $1.b, $1.last)
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 3_000)
  }

  @Test func comparisonsToFlagsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for comparison in FlagComparison.allCases {
      for element in FloatElement.allCases {
        let name =
          (comparison == .unordered ? "vucomis" : "vcomis") + element.suffix(.xmm).suffix(1)
        let family = VectorFamily(
          vex: name, evex: name, widths: [.scalar], operands: .two, masks: .none)
        family.add(to: &cases) { $0.compareLowest(comparison, element, $1.a, $1.last) }
      }
    }
    VectorFamily(vex: "vptest", operands: .two, masks: .none).add(to: &cases) {
      $0.test($1.width, $1.a, $1.last)
    }
    try cases.expectTheBytesOfGNU(atLeast: 500)
  }

  @Test func blendsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for element in FloatElement.allCases {
      let suffix = element.suffix(.xmm)
      for masking in [.merging(.k1), .zeroing(.k6)] as [Masking] {
        var family = VectorFamily(
          evex: "vblendm" + suffix, broadcast: element.byteCount, masks: .none)
        family.targetName = { VectorRegister($0).name($1) + masking.name }
        family.add(to: &cases) {
          $0.blend(element, $1.width, $1.a, $1.b, $1.last, masking)
        }
      }
      for width in [.xmm, .ymm] as [VectorWidth] {
        let lasts: [VectorOperand] =
          (0..<16).map { .register(VectorRegister($0)) } + allAddresses.map { .memory($0) }
        for (index, last) in lasts.enumerated() {
          let a = VectorRegister(index % 16)
          let b = VectorRegister(15 - index % 16)
          let mask = VectorRegister(index * 3 % 16)
          let text =
            switch last {
            case .register(let register): register.name(width)
            case .memory(let address), .broadcast(let address): address.name
            }
          let operands = [a.name(width), b.name(width), text, mask.name(width)]
          cases.add("vblendv" + suffix, operands) {
            $0.blend(element, width, a, b, last, whereSignOf: mask)
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 1_000)
  }

  @Test func negatedConditionsAreOpposites() {
    for condition in Condition.allCases {
      #expect(condition.negated.rawValue == condition.rawValue ^ 1)
    }
  }

  /// An instruction of AVX-512 with a mask for its result.
  private func toMask(_ name: String, _ broadcast: Int) -> VectorFamily {
    var family = VectorFamily(evex: name, broadcast: broadcast, masks: .merging)
    family.targetName = { number, _ in MaskRegister.allCases[number % 8].name }
    return family
  }
}

extension VectorFamily.Case {
  fileprivate var k: MaskRegister { MaskRegister.allCases[target % 8] }

  fileprivate var mask: MaskRegister {
    switch masking {
    case .none: .k0
    case .merging(let mask), .zeroing(let mask): mask
    }
  }
}

extension FloatPredicate {
  /// The number in Intel's manual.
  fileprivate var number: UInt8 {
    switch self {
    case .equal: 0
    case .less: 1
    case .lessOrEqual: 2
    case .unordered: 3
    case .notEqual: 4
    case .notLess: 5
    case .notLessOrEqual: 6
    case .ordered: 7
    case .greaterOrEqual: 13
    case .greater: 14
    }
  }
}

extension IntegerPredicate {
  /// The number in Intel's manual.
  fileprivate var number: UInt8 {
    switch self {
    case .equal: 0
    case .less: 1
    case .lessOrEqual: 2
    case .notEqual: 4
    case .greaterOrEqual: 5
    case .greater: 6
    }
  }
}
