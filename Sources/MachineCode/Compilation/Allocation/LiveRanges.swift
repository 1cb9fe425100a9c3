/// A stretch of a program in which a register holds a value: from the place `start`, up to `end`.
///
/// Instruction `i` reads at place `2 i` and writes at `2 i + 1`.
struct LiveRange: Hashable {
  var start: Int32
  var end: Int32
}

/// The ranges of all registers: of each, in order and apart from each other.
///
/// They are lists in one array, since most registers have one range only.
struct LiveRanges {
  private struct Link {
    var range: LiveRange
    /// The place of the next range of the register; -1 for none.
    var next: Int32
  }

  /// How many places the program has.
  private let places: Int
  private var links: [Link] = []
  /// By register, the place of its first range; -1 for none.
  private var heads: [Int32]
  /// By register, where its last range ends.
  private var ends: [Int32]

  /// No ranges, of so many registers of a program with so many instructions.
  init(registers count: Int, instructions: Int) {
    places = 2 * instructions + 1
    heads = Array(repeating: -1, count: count)
    ends = Array(repeating: 0, count: count)
    links.reserveCapacity(count + count / 2)
  }

  func isEmpty(_ register: Int) -> Bool { heads[register] < 0 }

  /// The first range of a register, which has one.
  func first(of register: Int) -> LiveRange { links[Int(heads[register])].range }

  /// Where the first range of a register begins, which has one.
  func start(of register: Int) -> Int32 { first(of: register).start }

  /// Where the last range of a register ends.
  func end(of register: Int) -> Int32 { ends[register] }

  /// The registers that have ranges, in order of where they begin; their numbers break ties.
  var registersByStart: [Int] {
    // Lists of what begins at one place.
    var firsts = [Int32](repeating: -1, count: places)
    var nexts = [Int32](repeating: -1, count: heads.count)
    for register in heads.indices.reversed() where !isEmpty(register) {
      let start = Int(start(of: register))
      nexts[register] = firsts[start]
      firsts[start] = Int32(truncatingIfNeeded: register)
    }
    var registers: [Int] = []
    registers.reserveCapacity(heads.count)
    for first in firsts {
      var register = Int(first)
      while register >= 0 {
        registers.append(register)
        register = Int(nexts[register])
      }
    }
    return registers
  }

  /// How many places the ranges of a register have.
  func length(of register: Int) -> Int32 {
    var length: Int32 = 0
    var place = heads[register]
    while place >= 0 {
      let link = links[Int(place)]
      length += link.range.end - link.range.start
      place = link.next
    }
    return length
  }

  /// Adds a range that begins before all others of the register; it may touch the first of them.
  mutating func prepend(_ range: LiveRange, to register: Int) {
    let head = heads[register]
    guard head >= 0 else {
      ends[register] = range.end
      return add(range, to: register)
    }
    if range.end < links[Int(head)].range.start { return add(range, to: register) }
    links[Int(head)].range.start = range.start
    if range.end > links[Int(head)].range.end {
      links[Int(head)].range.end = range.end
      ends[register] = max(ends[register], range.end)
    }
  }

  private mutating func add(_ range: LiveRange, to register: Int) {
    links.append(Link(range: range, next: heads[register]))
    heads[register] = Int32(truncatingIfNeeded: links.count - 1)
  }

  /// `true` iff two registers hold values at one place.
  func intersect(_ a: Int, _ b: Int) -> Bool {
    var (i, j) = (heads[a], heads[b])
    while i >= 0, j >= 0 {
      let (first, second) = (links[Int(i)], links[Int(j)])
      if first.range.end <= second.range.start {
        i = first.next
      } else if second.range.end <= first.range.start {
        j = second.next
      } else {
        return true
      }
    }
    return false
  }

  /// Forgets the ranges of a register that end before a place, or there.
  mutating func forget(before place: Int32, of register: Int) {
    var head = heads[register]
    while head >= 0, links[Int(head)].range.end <= place { head = links[Int(head)].next }
    if head != heads[register] { heads[register] = head }
  }

  /// Moves the ranges of `source` to `target`, which has none in common with it.
  mutating func move(_ source: Int, to target: Int) {
    var (i, j) = (heads[target], heads[source])
    var last: Int32 = -1
    while i >= 0 || j >= 0 {
      let takesTarget = j < 0 || (i >= 0 && links[Int(i)].range.start < links[Int(j)].range.start)
      let taken = takesTarget ? i : j
      let next = links[Int(taken)].next
      if takesTarget { i = next } else { j = next }
      if last >= 0, links[Int(last)].range.end == links[Int(taken)].range.start {
        links[Int(last)].range.end = links[Int(taken)].range.end
      } else {
        if last >= 0 { links[Int(last)].next = taken } else { heads[target] = taken }
        last = taken
      }
    }
    if last >= 0 { links[Int(last)].next = -1 }
    ends[target] = max(ends[target], ends[source])
    (heads[source], ends[source]) = (-1, 0)
  }
}
