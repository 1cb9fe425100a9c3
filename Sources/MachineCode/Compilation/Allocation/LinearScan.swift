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

  func count(_ registerClass: RegisterClass) -> Int {
    switch registerClass {
    case .general: general.count
    case .vector: vector.count
    case .mask: mask.count
    }
  }

  /// The number of a register in its class.
  subscript(registerClass: RegisterClass, rank: Int) -> UInt8 {
    switch registerClass {
    case .general: general[rank]
    case .vector: vector[rank]
    case .mask: mask[rank]
    }
  }
}

/// Gives virtual registers a place each, in order of where they begin.
///
/// A *seat* is a register of the processor: 32 times its class and its rank in the file, in which
/// those stand first that are taken first.
struct LinearScan {
  private(set) var locations: [Location]
  private(set) var slots = 0
  /// `true` iff nothing lives in memory, or is made again.
  private(set) var keepsAllInRegisters = true
  /// `true` iff a vector lives in memory, or is made again.
  private(set) var movesVectors = false
  private let classes: [RegisterClass]
  private var ranges: LiveRanges
  private let weights: [Float]
  private let remade: [Bool]
  private let hints: [Register]
  private let files: RegisterFile
  /// By seat, the first of the virtual registers that hold it; -1 for none.
  private var holders: [Int32]
  /// By virtual register, the next that holds the same seat.
  private var nextHolders: [Int32]
  /// By virtual register, its seat; -1 for none.
  private var seats: [Int32]
  /// By seat, a place up to which it is known to be taken.
  private var takenUntil: [Int32]

  /// - Parameters:
  ///   - remade: the registers that are made again cheaply.
  ///   - passing: those that only the next instruction reads.
  ///   - hints: by register, another of its class whose place suits it.
  ///   - stopsAtVectors: to end where a vector would move to memory; the places are of no use then.
  init(
    _ classes: [RegisterClass], _ ranges: LiveRanges, weights: [Float], remade: [Bool],
    passing: [Register], hints: [Register], files: RegisterFile, stopsAtVectors: Bool
  ) {
    self.classes = classes
    self.ranges = ranges
    self.weights = weights
    self.remade = remade
    self.hints = hints
    self.files = files
    locations = Array(repeating: .unused, count: classes.count)
    for register in passing { locations[Int(register.index)] = .passing }
    holders = Array(repeating: -1, count: 3 * 32)
    takenUntil = Array(repeating: 0, count: 3 * 32)
    nextHolders = Array(repeating: -1, count: classes.count)
    seats = nextHolders
    for register in ranges.registersByStart where locations[register] == .unused {
      place(register)
      if movesVectors && stopsAtVectors { return }
    }
  }

  private mutating func place(_ register: Int) {
    let start = ranges.start(of: register)
    let hint = hints[register]
    if hint.isReal {
      let seat = Int(seats[Int(hint.index)])
      if seat >= 0, isFree(seat, for: register, start) { return take(seat, register) }
    }
    let registerClass = classes[register]
    let first = Int(registerClass.rawValue) << 5
    for seat in first..<first + files.count(registerClass)
    where isFree(seat, for: register, start) {
      return take(seat, register)
    }
    makeRoom(for: register, first)
  }

  private mutating func take(_ seat: Int, _ register: Int) {
    nextHolders[register] = holders[seat]
    holders[seat] = Int32(truncatingIfNeeded: register)
    seats[register] = Int32(truncatingIfNeeded: seat)
    takenUntil[seat] = ranges.first(of: register).end
    locations[register] = .register(files[classes[register], seat & 31])
  }

  /// `true` iff nothing holds a seat while `register`, which begins at `start`, holds a value. What
  /// is over at `start` is forgotten.
  private mutating func isFree(_ seat: Int, for register: Int, _ start: Int32) -> Bool {
    if takenUntil[seat] > start { return false }
    var last: Int32 = -1
    var holder = holders[seat]
    while holder >= 0 {
      let next = nextHolders[Int(holder)]
      ranges.forget(before: start, of: Int(holder))
      if ranges.isEmpty(Int(holder)) {
        if last < 0 { holders[seat] = next } else { nextHolders[Int(last)] = next }
      } else if ranges.intersect(Int(holder), register) {
        let taken = ranges.first(of: Int(holder))
        if taken.start <= start { takenUntil[seat] = taken.end }
        return false
      } else {
        last = holder
      }
      holder = next
    }
    return true
  }

  /// What costs least goes to memory: the register itself, or those in its way.
  private mutating func makeRoom(for register: Int, _ first: Int) {
    var best: (seat: Int, cost: Float)?
    for seat in first..<first + files.count(classes[register]) {
      let cost = cost(ofRoomFor: register, holders[seat])
      if best.map({ cost < $0.cost }) ?? true { best = (seat, cost) }
    }
    guard let best, best.cost < weights[register] else {
      spill(register)
      return
    }
    var holder = holders[best.seat]
    holders[best.seat] = -1
    while holder >= 0 {
      let next = nextHolders[Int(holder)]
      if ranges.intersect(Int(holder), register) {
        spill(Int(holder))
      } else {
        nextHolders[Int(holder)] = holders[best.seat]
        holders[best.seat] = holder
      }
      holder = next
    }
    take(best.seat, register)
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
    seats[register] = -1
    keepsAllInRegisters = false
    if classes[register] == .vector { movesVectors = true }
    if remade[register] {
      locations[register] = .remade
      return
    }
    locations[register] = .slot(slots)
    slots += 1
  }
}
