/// What an instruction of a linear program does. `a`, `b`, `c` and `mask` are its operands;
/// where `b` is absent, integer operations take `immediate` for it.
enum Operation: UInt8, Hashable, Sendable {
  // Control. `immediate` is the number of a label.
  case label, jump
  /// Jumps if `a` and `b` compare as `condition` says, or `a` and the number `compared`.
  case branch

  // Any class.
  case copy

  // Integers of 64 bits.
  case constant, add, subtract, multiply, and, or, xor
  case shiftLeft, shiftRight, shiftRightSigned
  /// Without sign.
  case divide, remainder
  case negate, not
  case signExtend32, zeroExtend32
  /// The address that `memory` names.
  case address
  /// Of `memory`; `element` says how wide: a byte, a word, a signed 32-bit integer, or 64 bits.
  case load, store
  /// 1 where `a` and `b` compare as `condition` says, else 0.
  case comparison
  /// `c` where `a` and `b` compare as `condition` says, else `mask`, a general register too.
  case choice
  /// 1 where the numbers `a` and `b` compare as the predicate `immediate` says, else 0.
  case numberComparison
  case prefetch, prefetchWrite, storeFence

  // What stands at calls, which keep the six registers that C's functions keep.
  /// Passes `a` as the argument number `immediate` of the next call.
  case argument
  /// Calls the function whose address is `a`.
  case call
  /// `a` is what the function returns.
  case result
  /// Writes the floating-point mode to `memory`, and takes it from there.
  case saveFloatMode, loadFloatMode

  // Vectors, in `element` and `width`.
  case vectorZero
  /// The bits `immediate` in all elements, or in the lowest.
  case vectorConstant
  /// 0, 1, 2, ... in all integer elements; or the places of words, as `immediate` says
  /// (`WordPlaces`).
  case vectorCount
  case vectorLoad, vectorStore, vectorStream
  /// The lowest element of `a`, or `memory`, in all lanes.
  case splat
  /// The general register `a` in all integer lanes.
  case splatGeneral
  case numberAdd, numberSubtract, numberMultiply, numberDivide, squareRoot, floor, truncate
  /// a < b ? a : b, and a > b ? a : b.
  case numberLesser, numberGreater
  /// a * 2^b for a whole b; AVX-512 only.
  case numberScale
  /// a * b + c, c - a * b, a * b - c.
  case fusedAdd, fusedNegateAdd, fusedSubtract
  case bitAnd, bitOr, bitXor
  /// b without the bits of a.
  case bitAndNot
  case integerAdd, integerSubtract, integerMultiply
  /// By `immediate`.
  case laneShiftLeft, laneShiftRight, laneShiftRightSigned
  /// The conditions of lanes that the predicate `immediate` gives.
  case compareNumbers, compareIntegers
  /// Where `mask`: a, else b.
  case select
  /// a where `mask`, else 0.
  case keep

  // Between widths and elements.
  /// The upper half of a vector of `width`.
  case upperHalf
  /// `a` of half the width, with `b` above it: a vector of `width`.
  case join
  /// The elements of each 128 bits in the order that `immediate` says.
  case permute
  /// `a` with `b`, of 128 bits, as its 128 bits number `immediate`; and these of `a`.
  case insertGroup, extractGroup
  /// The lower elements of each 128 bits of `a` and `b` in turn, and the upper ones.
  case mixLow, mixHigh
  /// Two elements of each 128 bits of `a`, then two of `b`, as `immediate` says.
  case shufflePairs
  /// The same with 128 bits for an element.
  case shuffleGroups
  /// float32 to float64 and back; `width` is that of the float64.
  case widen, narrow
  /// Integers to numbers of `element` and back, towards zero.
  case numbersFromIntegers, integersFromNumbers
  /// One 64-bit integer of a general register to a number, and back.
  case numberFromGeneral, generalFromNumber
  /// The bits of the lowest element, without change.
  case bitsToGeneral, bitsFromGeneral

  /// 32-bit integers from words, and their lower words; `width` is that of the integers.
  case widenWords, narrowWords
  /// The words of `b` at the places that the words of `a` say; AVX-512 only.
  case permuteWords
  /// float32 from float16, and back to the nearest even; `width` is that of the float32.
  case widenHalves, narrowHalves

  // Masks.
  /// The first `a` lanes; `a` is not negative.
  case maskOfCount
  case maskAnd, maskOr, maskNot
  case maskFromGeneral, maskToGeneral
  /// The bytes at `memory`, each as an integer of a lane.
  case widenBytes

  // What takes the place of others when registers are given out.
  case compareFlags
  /// `a` where the flags are as `condition` says, else `b`.
  case chooseByFlags
  case maskLoad, maskStore
}

/// Places of words that `permuteWords` takes, as the `immediate` of `vectorCount`.
enum WordPlaces: Int64 {
  /// None: a count of elements.
  case count
  /// Word k as the upper half of element k, above a word of the upper half of the vector.
  case upperHalves
  /// The upper halves of elements, side by side.
  case ofUpperHalves

  /// What element `k` of 32 bits holds.
  func element(_ k: Int) -> UInt32 {
    switch self {
    case .count: UInt32(k)
    case .upperHalves: UInt32(k) << 16 | 16
    case .ofUpperHalves: UInt32(4 * k + 1) & 31 | (UInt32(4 * k + 3) & 31) << 16
    }
  }
}

/// What a vector, or memory, consists of.
enum Element: UInt8, Hashable, Sendable {
  case byte, word, int32, int64, float32, float64

  var byteCount: Int {
    switch self {
    case .byte: 1
    case .word: 2
    case .int32, .float32: 4
    case .int64, .float64: 8
    }
  }
}

/// A place in memory: `base + index * scale + displacement`.
struct MemoryPlace: Hashable, Sendable {
  var base = Register.none
  var index = Register.none
  /// 1, 2, 4 or 8 bytes.
  var scale: UInt8 = 1
  /// Bytes.
  var displacement: Int32 = 0
}

/// An instruction over virtual registers.
struct Instruction: Equatable, Sendable {
  var operation: Operation
  var element = Element.int64
  var width = VectorWidth.scalar
  var condition = Condition.equal
  var result = Register.none
  var a = Register.none
  var b = Register.none
  var c = Register.none
  var mask = Register.none
  var memory = MemoryPlace()
  var immediate: Int64 = 0

  /// What a copy moves.
  var copyClass = RegisterClass.general

  /// What a comparison compares `a` with where `b` is absent.
  var compared: Int32 = 0

  init(_ operation: Operation) {
    self.operation = operation
  }
}

extension Instruction {
  /// Calls `body` with every register that is read.
  @inline(__always)
  func forEachOperand(_ body: (Register) -> Void) {
    if a.isReal { body(a) }
    if b.isReal { body(b) }
    if c.isReal { body(c) }
    if mask.isReal { body(mask) }
    if memory.base.isReal { body(memory.base) }
    if memory.index.isReal { body(memory.index) }
  }

  /// Puts another register in the place of every one that is named.
  @inline(__always)
  mutating func renameAll(_ rename: (Register) -> Register) {
    if a.isReal { a = rename(a) }
    if b.isReal { b = rename(b) }
    if c.isReal { c = rename(c) }
    if mask.isReal { mask = rename(mask) }
    if memory.base.isReal { memory.base = rename(memory.base) }
    if memory.index.isReal { memory.index = rename(memory.index) }
    if result.isReal { result = rename(result) }
  }
}

/// A function as a line of instructions over virtual registers.
struct LinearProgram: Sendable {
  var instructions: [Instruction]
  /// By register.
  var classes: [RegisterClass]
  /// How many labels there are.
  var labels: Int
  /// The registers that hold the arguments at the start, in order.
  var arguments: [Register]
  /// The bytes of local arrays; they begin at a multiple of 64.
  var frameBytes: Int
}
