/// Where a virtual register lives.
enum Location: Hashable {
  /// In the register of its class with this number.
  case register(UInt8)
  /// In memory: in this slot of 64 bytes.
  case slot(Int)
  /// Nowhere: it is made again where it is read.
  case remade
  /// In a register that serves for what is in memory, up to the next instruction.
  case passing
  case unused
}

/// Whether a program calls functions.
enum CallsInProgram {
  case none, some
}

/// The registers of the processor that a program may have.
struct RegisterFile {
  var general: [UInt8]
  var vector: [UInt8]
  var mask: [UInt8]

  /// rax and rdx are left for what instructions need beside; rsp holds the frame.
  ///
  /// - Parameter calls: with calls, those that a called function leaves as they are.
  init(_ instructionSet: Target.InstructionSet, _ calls: CallsInProgram = .none) {
    guard calls == .none else {
      (general, vector, mask) = ([3, 5, 12, 13, 14, 15], [], [])
      return
    }
    general = [1, 6, 7, 8, 9, 10, 11, 3, 5, 12, 13, 14, 15]
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
  private let ranges: LiveRanges
  private var weights: [Float]
  private let remade: [Bool]
  private let hints: [Register]
  /// By class and number of a processor's register, the first of what holds it; -1 for nothing.
  private var holders: [Int32]
  /// By virtual register, the next that holds the same register of the processor.
  private var nextHolders: [Int32]

  /// - Parameters:
  ///   - remade: the registers that are made again cheaply.
  ///   - passing: those that only the next instruction reads.
  ///   - hints: by register, another whose place suits it.
  init(
    _ classes: [RegisterClass], _ ranges: LiveRanges, weights: [Float], remade: [Bool],
    passing: [Register], hints: [Register], files: RegisterFile
  ) {
    self.classes = classes
    self.ranges = ranges
    self.weights = weights
    self.remade = remade
    self.hints = hints
    locations = Array(repeating: .unused, count: classes.count)
    for register in passing { locations[Int(register.index)] = .passing }
    holders = Array(repeating: -1, count: 3 * 32)
    nextHolders = Array(repeating: -1, count: classes.count)
    // A register's number breaks ties.
    var order: [Int64] = []
    order.reserveCapacity(classes.count)
    for register in classes.indices
    where !ranges.isEmpty(register) && locations[register] == .unused {
      order.append(Int64(ranges.start(of: register)) << 32 | Int64(register))
    }
    order.sort()
    for key in order {
      let register = Int(key & 0xffff_ffff)
      place(register, files[classes[register]])
    }
  }

  private mutating func place(_ register: Int, _ file: [UInt8]) {
    let first = Int(classes[register].rawValue) << 5
    let start = ranges.start(of: register)
    let hint = hints[register]
    if hint.isReal, case .register(let number) = locations[Int(hint.index)],
      file.contains(number), isFree(first + Int(number), register, start)
    {
      return take(number, first, register)
    }
    for number in file where isFree(first + Int(number), register, start) {
      return take(number, first, register)
    }
    makeRoom(for: register, first, file)
  }

  private mutating func take(_ number: UInt8, _ first: Int, _ register: Int) {
    let place = first + Int(number)
    nextHolders[register] = holders[place]
    holders[place] = Int32(truncatingIfNeeded: register)
    locations[register] = .register(number)
  }

  /// `true` iff nothing holds a register of the processor while `register` holds a value. What is
  /// over at `start` is forgotten.
  private mutating func isFree(_ place: Int, _ register: Int, _ start: Int32) -> Bool {
    var last: Int32 = -1
    var holder = holders[place]
    while holder >= 0 {
      let next = nextHolders[Int(holder)]
      if ranges.end(of: Int(holder)) <= start {
        if last < 0 { holders[place] = next } else { nextHolders[Int(last)] = next }
      } else if ranges.intersect(Int(holder), register) {
        return false
      } else {
        last = holder
      }
      holder = next
    }
    return true
  }

  /// What costs least goes to memory: the register itself, or those in its way.
  private mutating func makeRoom(for register: Int, _ first: Int, _ file: [UInt8]) {
    var best: (number: UInt8, cost: Float)?
    for number in file {
      let cost = cost(ofRoomFor: register, holders[first + Int(number)])
      if best.map({ cost < $0.cost }) ?? true { best = (number, cost) }
    }
    guard let best, best.cost < weights[register] else {
      spill(register)
      return
    }
    let place = first + Int(best.number)
    var holder = holders[place]
    holders[place] = -1
    while holder >= 0 {
      let next = nextHolders[Int(holder)]
      if ranges.intersect(Int(holder), register) {
        spill(Int(holder))
      } else {
        nextHolders[Int(holder)] = holders[place]
        holders[place] = holder
      }
      holder = next
    }
    take(best.number, first, register)
  }

  /// What it costs to keep those of the holders in memory that are in the way of `register`.
  private func cost(ofRoomFor register: Int, _ holders: Int32) -> Float {
    var cost: Float = 0
    var holder = holders
    while holder >= 0 {
      if ranges.intersect(Int(holder), register) { cost += weights[Int(holder)] }
      holder = nextHolders[Int(holder)]
    }
    return cost
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
