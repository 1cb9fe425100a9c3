import MachineCode

/// Which instructions there are of one operation, so that cases for each bit can be made.
struct VectorFamily {
  /// The mnemonic with VEX; `nil` if there is none.
  var vex: String?
  /// The mnemonic with EVEX; `nil` if there is none.
  var evex: String?
  var widths: [VectorWidth] = [.xmm, .ymm, .zmm]
  /// The bytes of an element that memory may be broadcast of; `nil` if it may not.
  var broadcast: Int?
  /// How many bytes of broadcast elements there are, in bytes of the vector.
  var broadcastShare = 1
  var operands = Operands.three
  var last = Last.registerOrMemory
  var masks = Masks.all
  /// What stands at the end of a mnemonic for memory, by width.
  var memorySuffix: [VectorWidth: String] = [:]
  /// An immediate operand.
  var number: UInt8?
  var targetName: (Int, VectorWidth) -> String = { VectorRegister($0).name($1) }
  var lastName: (Int, VectorWidth) -> String = { VectorRegister($0).name($1) }

  enum Operands {
    case two, three
  }

  enum Last {
    case register, memory, registerOrMemory
  }

  enum Masks {
    case none, merging, all
  }

  /// One instruction to write.
  struct Case {
    let width: VectorWidth
    let target: Int
    let second: Int
    let last: VectorOperand
    let masking: Masking
  }
}

extension VectorFamily {
  /// Adds all cases; `write` writes one of them.
  func add(to cases: inout EncodingCases, _ write: (inout Assembler, Case) -> Void) {
    for width in widths {
      for (index, item) in (registerCases(width) + memoryCases(width)).enumerated() {
        guard let name = mnemonic(of: item) else { continue }
        // Every third case has a mask, where there are any.
        let masked = Case(
          width: width, target: item.target, second: item.second, last: item.last,
          masking: masking(index))
        cases.add(name, texts(of: item)) { write(&$0, item) }
        if let name = mnemonic(of: masked), masked.masking != .none {
          cases.add(name, texts(of: masked)) { write(&$0, masked) }
        }
      }
    }
  }

  private func masking(_ index: Int) -> Masking {
    let mask = MaskRegister.allCases[index % 7 + 1]
    return switch masks {
    case .none: .none
    case .merging: index % 3 == 0 ? .merging(mask) : .none
    case .all: index % 3 == 0 ? .merging(mask) : index % 3 == 1 ? .zeroing(mask) : .none
    }
  }

  private func registerCases(_ width: VectorWidth) -> [Case] {
    guard last != .memory else { return [] }
    let numbers = [
      [1, 2, 3], [9, 2, 3], [1, 10, 3], [1, 2, 11], [1, 10, 11], [9, 10, 11], [17, 2, 3],
      [1, 18, 3], [1, 2, 19], [25, 26, 27], [15, 0, 8], [8, 31, 0], [0, 0, 16], [7, 8, 24],
    ]
    return numbers.map {
      Case(
        width: width, target: $0[0], second: $0[1], last: .register(VectorRegister($0[2])),
        masking: .none)
    }
  }

  private func memoryCases(_ width: VectorWidth) -> [Case] {
    guard last != .register else { return [] }
    let plain =
      allAddresses.map { ($0, [1, 2]) } + someAddresses.map { ($0, [9, 14]) }
      + (evex == nil ? [] : allAddresses.map { ($0, [30, 23]) })
    let memory = plain.map { address, numbers in
      Case(
        width: width, target: numbers[0], second: numbers[1], last: .memory(address),
        masking: .none)
    }
    guard broadcast != nil, width != .scalar else { return memory }
    return memory
      + allAddresses.enumerated().map { index, address in
        Case(
          width: width, target: index % 32, second: 31 - index % 32, last: .broadcast(address),
          masking: .none)
      }
  }

  /// The mnemonic of an instruction; `nil` if there is no such instruction.
  private func mnemonic(of item: Case) -> String? {
    let name = item.needsEVEX(operands) ? evex : vex ?? evex
    guard case .memory = item.last else { return name }
    return name.map { $0 + (memorySuffix[item.width] ?? "") }
  }

  private func texts(of item: Case) -> [String] {
    var texts = [targetName(item.target, item.width) + item.masking.name]
    if operands == .three { texts.append(VectorRegister(item.second).name(item.width)) }
    switch item.last {
    case .register(let register): texts.append(lastName(Int(register.number), item.width))
    case .memory(let address): texts.append(address.name)
    case .broadcast(let address):
      let lanes = item.width.byteCount / broadcastShare / (broadcast ?? 1)
      texts.append(address.name + "{1to\(lanes)}")
    }
    if let number { texts.append("$\(number)") }
    return texts
  }
}

extension VectorFamily.Case {
  /// `true` iff VEX cannot say it.
  fileprivate func needsEVEX(_ operands: VectorFamily.Operands) -> Bool {
    if width == .zmm || target > 15 || masking != .none { return true }
    if operands == .three && second > 15 { return true }
    return switch last {
    case .register(let register): register.number > 15
    case .memory: false
    case .broadcast: true
    }
  }
}
