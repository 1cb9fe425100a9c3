import MachineCode
import Testing

/// Jumps, and what stands at the borders of functions, compared with GNU as.
@Suite struct EncodingControlTests {
  @Test func conditionsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for condition in Condition.allCases {
      for a in GeneralRegister.allCases {
        cases.add("set" + condition.name, [a.name(8)]) { $0.set(if: condition, a) }
        for (index, place) in generalPlaces.enumerated() where index % 16 == Int(a.rawValue) {
          for width in GeneralWidth.allCases {
            cases.add("cmov" + condition.name, [a.name(width), place.name(width)]) {
              $0.move(if: condition, width, a, place)
            }
          }
        }
      }
    }
    try cases.expectTheBytesOfGNU(atLeast: 2_000)
  }

  @Test func stackAndCallsHaveTheBytesOfGNU() throws {
    var cases = EncodingCases()
    for register in GeneralRegister.allCases {
      cases.add("push", [register.name(64)]) { $0.push(register) }
      cases.add("pop", [register.name(64)]) { $0.pop(register) }
    }
    for place in generalPlaces {
      cases.add("call", ["*" + place.name(.bits64)]) { $0.call(place) }
      cases.add("jmp", ["*" + place.name(.bits64)]) { $0.jump(place) }
    }
    for address in allAddresses {
      for hint in PrefetchHint.allCases {
        let name =
          switch hint {
          case .nonTemporal: "prefetchnta"
          case .nearest: "prefetcht0"
          case .second: "prefetcht1"
          case .third: "prefetcht2"
          }
        cases.add(name, [address.name]) { $0.prefetch(hint, address) }
      }
      cases.add("prefetchw", [address.name]) { $0.prefetchForWriting(address) }
      cases.add("stmxcsr", [address.name]) { $0.saveFloatMode(address) }
      cases.add("ldmxcsr", [address.name]) { $0.loadFloatMode(address) }
    }
    cases.add("ret", []) { $0.return() }
    cases.add("cqto", []) { $0.signExtendRAX(.bits64) }
    cases.add("cltd", []) { $0.signExtendRAX(.bits32) }
    cases.add("sfence", []) { $0.storeFence() }
    cases.add("vzeroupper", []) { $0.zeroUpper() }
    try cases.expectTheBytesOfGNU(atLeast: 500)
  }

  /// Jumps to a label in front of and behind them, over all distances around those of one byte.
  @Test func jumpsHaveTheBytesOfGNU() throws {
    for filling in [0, 1, 100, 122, 123, 124, 125, 126, 127, 128, 129, 1000] {
      var assembler = Assembler()
      let (back, ahead) = (assembler.label(), assembler.label())
      var text = "back:\n.fill \(filling), 1, 0xc3\n"
      assembler.place(back)
      for _ in 0..<filling { assembler.return() }
      for condition in Condition.allCases {
        text += "j\(condition.name) back\n{disp32} j\(condition.name) ahead\n"
        assembler.jump(if: condition, back)
        assembler.jump(if: condition, ahead)
      }
      text += "jmp back\n{disp32} jmp ahead\ncall back\ncall ahead\n"
      assembler.jump(back)
      assembler.jump(ahead)
      assembler.call(back)
      assembler.call(ahead)
      text += ".fill \(filling), 1, 0xc3\nahead: ret\n"
      for _ in 0..<filling { assembler.return() }
      assembler.place(ahead)
      assembler.return()
      #expect(assembler.finish() == (try textSection(of: text)), "filling \(filling)")
    }
  }

  /// A single jump back over so many bytes that both its forms come into question.
  @Test func jumpsBackAreAsShortAsTheyCanBe() throws {
    for filling in 120..<135 {
      var assembler = Assembler()
      let back = assembler.label()
      assembler.place(back)
      for _ in 0..<filling { assembler.return() }
      assembler.jump(if: .below, back)
      let text = "back: .fill \(filling), 1, 0xc3\njb back\n"
      #expect(assembler.finish() == (try textSection(of: text)), "filling \(filling)")
    }
  }

  /// Each kind of instruction that reads a constant: with VEX and EVEX, with and without a number
  /// behind the distance, broadcast, and of general registers.
  @Test func constantsHaveTheBytesOfGNU() throws {
    var assembler = Assembler()
    let word = assembler.constant(1.5 as Float)
    let pair = assembler.constant([UInt8](0..<16))
    let long = assembler.constant(2.5 as Double)
    let line = assembler.constant([UInt8](100..<164))
    let (a, b) = (VectorRegister(3), VectorRegister(29))
    assembler.float(.add, .float32, .scalar, a, a, .memory(Address(word)))
    assembler.float(.add, .float32, .zmm, a, b, .broadcast(Address(word)))
    assembler.float(.multiply, .float64, .zmm, b, b, .memory(Address(line)))
    assembler.packed(.and, .float64, .xmm, a, a, .memory(Address(pair)))
    assembler.shuffle(.shuffleFloat32, .xmm, a, a, .memory(Address(pair)), 7)
    assembler.shuffle(.ternaryInt64, .zmm, a, b, .broadcast(Address(long)), 9)
    assembler.load(.float(.float64), .zmm, a, Address(line), .zeroing(.k1))
    assembler.general(.add, .bits64, .r9, .memory(Address(long)))
    assembler.multiply(.bits64, .rax, .memory(Address(long)), 1000)
    assembler.loadAddress(.bits64, .rcx, Address(line, displacement: 8))
    let text = """
      start:
      vaddss word(%rip), %xmm3, %xmm3
      vaddps word(%rip){1to16}, %zmm29, %zmm3
      vmulpd line(%rip), %zmm29, %zmm29
      vandpd pair(%rip), %xmm3, %xmm3
      vshufps $7, pair(%rip), %xmm3, %xmm3
      vpternlogq $9, long(%rip){1to8}, %zmm29, %zmm3
      vmovupd line(%rip), %zmm3{%k1}{z}
      addq long(%rip), %r9
      imul $1000, long(%rip), %rax
      lea line+8(%rip), %rcx
      .skip -(. - start) & 63, 0x90
      line: .byte \((100..<164).map(String.init).joined(separator: ","))
      pair: .byte \((0..<16).map(String.init).joined(separator: ","))
      long: .double 2.5
      word: .float 1.5

      """
    #expect(assembler.finish() == (try textSection(of: text)))
  }
}

extension Condition {
  fileprivate var name: String {
    switch self {
    case .overflow: "o"
    case .notOverflow: "no"
    case .below: "b"
    case .aboveOrEqual: "ae"
    case .equal: "e"
    case .notEqual: "ne"
    case .belowOrEqual: "be"
    case .above: "a"
    case .negative: "s"
    case .notNegative: "ns"
    case .parity: "p"
    case .notParity: "np"
    case .less: "l"
    case .greaterOrEqual: "ge"
    case .lessOrEqual: "le"
    case .greater: "g"
    }
  }
}
