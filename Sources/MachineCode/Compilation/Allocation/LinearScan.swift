/// Where a virtual register lives.
enum Location: Hashable {
  /// In the register of its class with this number.
  case register(UInt8)
  /// In memory: in this slot of 64 bytes.
  case slot(Int)
  /// Nowhere: it is made again where it is read.
  case remade
  case unused
}

/// The registers of the processor that a program may have.
struct RegisterFile {
  var general: [UInt8]
  var vector: [UInt8]
  var mask: [UInt8]

  /// rax and rdx are left for what instructions need beside; rsp and rbp hold the frame.
  init(_ instructionSet: Target.InstructionSet) {
    general = [1, 6, 7, 8, 9, 10, 11, 3, 12, 13, 14, 15]
    vector = Array(0..<(instructionSet == .avx512 ? 32 : 16))
    mask = [1, 2, 3, 4, 5]
  }

  subscript(registerClass: RegisterClass) -> [UInt8] {
    switch registerClass {
    case .general: general
    case .vector: vector
    case .mask: mask
    }
  }
}

/// Gives virtual registers a place each, in order of where they begin.
struct LinearScan {
  private(set) var locations: [Location]
  private(set) var slots = 0
  private let classes: [RegisterClass]
  private let ranges: [[LiveRange]]
  private var weights: [Float]
  private let remade: [Bool]
  private let hints: [Register]
  /// What holds each register of a class, by its number.
  private var holders: [[[Int]]]

  /// - Parameters:
  ///   - remade: the registers that are made again cheaply.
  ///   - hints: by register, another whose place suits it.
  init(
    _ classes: [RegisterClass], _ ranges: [[LiveRange]], weights: [Float], remade: [Bool],
    hints: [Register], files: RegisterFile
  ) {
    self.classes = classes
    self.ranges = ranges
    self.weights = weights
    self.remade = remade
    self.hints = hints
    locations = Array(repeating: .unused, count: classes.count)
    holders = Array(repeating: Array(repeating: [], count: 32), count: 3)
    var order = ranges.indices.filter { !ranges[$0].isEmpty }
    order.sort { ranges[$0][0].start < ranges[$1][0].start }
    for register in order { place(register, files[classes[register]]) }
  }

  private mutating func place(_ register: Int, _ file: [UInt8]) {
    let registerClass = Int(classes[register].rawValue)
    let start = ranges[register][0].start
    let hint = hints[register]
    if hint.isReal, case .register(let number) = locations[Int(hint.index)],
      file.contains(number), isFree(number, registerClass, register, start)
    {
      return take(number, registerClass, register)
    }
    for number in file where isFree(number, registerClass, register, start) {
      return take(number, registerClass, register)
    }
    makeRoom(for: register, registerClass, file)
  }

  private mutating func take(_ number: UInt8, _ registerClass: Int, _ register: Int) {
    holders[registerClass][Int(number)].append(register)
    locations[register] = .register(number)
  }

  private mutating func isFree(
    _ number: UInt8, _ registerClass: Int, _ register: Int, _ start: Int32
  ) -> Bool {
    var isFree = true
    var place = 0
    while place < holders[registerClass][Int(number)].count {
      let holder = holders[registerClass][Int(number)][place]
      let held = ranges[holder]
      if held[held.count - 1].end <= start {
        holders[registerClass][Int(number)].swapAt(
          place, holders[registerClass][Int(number)].count - 1)
        holders[registerClass][Int(number)].removeLast()
        continue
      }
      if isFree, intersect(held, ranges[register]) { isFree = false }
      place += 1
    }
    return isFree
  }

  /// What costs least goes to memory: the register itself, or those in its way.
  private mutating func makeRoom(for register: Int, _ registerClass: Int, _ file: [UInt8]) {
    var best: (number: UInt8, cost: Float)?
    for number in file {
      var cost: Float = 0
      for holder in holders[registerClass][Int(number)]
      where intersect(ranges[holder], ranges[register]) {
        cost += weights[holder]
      }
      if best.map({ cost < $0.cost }) ?? true { best = (number, cost) }
    }
    guard let best, best.cost < weights[register] else {
      spill(register)
      return
    }
    let held = holders[registerClass][Int(best.number)]
    holders[registerClass][Int(best.number)] = held.filter { holder in
      !intersect(ranges[holder], ranges[register])
    }
    for holder in held where intersect(ranges[holder], ranges[register]) { spill(holder) }
    take(best.number, registerClass, register)
  }

  private mutating func spill(_ register: Int) {
    if remade[register] {
      locations[register] = .remade
      return
    }
    locations[register] = .slot(slots)
    slots += 1
  }
}
