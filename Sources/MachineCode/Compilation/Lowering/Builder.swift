/// Puts a linear program together, one structured scope inside another.
///
/// Pure instructions whose operands do not change in a loop are placed before it, and equal ones
/// are made once.
struct Builder {
  /// Instructions of a body that is not closed yet.
  private struct Scope {
    var instructions: [Instruction] = []
    let isLoop: Bool
    /// The places of the pure ones among those that are known.
    var known: [Int32] = []
  }

  /// A pure instruction that was placed.
  private struct Known {
    let instruction: Instruction
    /// None after the end of its scope.
    var register: Register
    /// The place of the one before it in its bucket; -1 for none.
    let next: Int32
  }

  private var scopes: [Scope] = [Scope(isLoop: false)]
  private(set) var classes: [RegisterClass] = []
  /// By register, the innermost scope that has it.
  private var depths: [Int] = []
  private var known: [Known] = []
  /// The last of `known` in each bucket, which the hash of an instruction tells; -1 for none.
  private var buckets = [Int32](repeating: -1, count: 1 << Instruction.bitsOfBucket)
  /// The loads of the current scope since it began or something was written.
  private var loads: [(instruction: Instruction, register: Register)] = []
  private(set) var labels = 0

  var depth: Int { scopes.count - 1 }

  mutating func register(_ registerClass: RegisterClass) -> Register {
    classes.append(registerClass)
    depths.append(depth)
    return Register(classes.count - 1)
  }

  mutating func label() -> Int64 {
    labels += 1
    return Int64(labels - 1)
  }

  /// The scope of a register becomes the current one: it holds a value that survives a body.
  mutating func adopt(_ register: Register) { depths[Int(register.index)] = depth }

  // Instructions

  /// Appends an instruction that has an effect, or whose operands may change.
  mutating func append(_ instruction: Instruction) {
    if instruction.operation.hasEffect || instruction.operation == .copy { forgetLoads() }
    scopes[depth].instructions.append(instruction)
  }

  /// Appends an instruction with a new register for its result.
  mutating func emit(_ instruction: Instruction, _ registerClass: RegisterClass) -> Register {
    var instruction = instruction
    instruction.result = register(registerClass)
    append(instruction)
    return instruction.result
  }

  /// The register of a load, which may be an earlier one if nothing was written since.
  mutating func load(_ instruction: Instruction, _ registerClass: RegisterClass) -> Register {
    if let earlier = loads.first(where: { $0.instruction == instruction }) {
      return earlier.register
    }
    let register = emit(instruction, registerClass)
    loads.append((instruction, register))
    return register
  }

  /// How far a pure instruction is moved out of loops.
  enum Motion {
    /// Out of all in which its operands do not change.
    case far
    /// Out of the innermost.
    case near
    /// Nowhere: it may trap.
    case none
  }

  /// The register of a pure instruction, which may be an earlier one.
  mutating func pure(
    _ instruction: Instruction, _ registerClass: RegisterClass, _ motion: Motion = .far
  ) -> Register {
    let bucket = instruction.bucket
    var next = buckets[bucket]
    while next >= 0 {
      let earlier = known[Int(next)]
      if earlier.register.isReal, earlier.instruction == instruction { return earlier.register }
      next = earlier.next
    }
    let place = place(for: instruction, motion)
    var placed = instruction
    placed.result = register(registerClass)
    depths[Int(placed.result.index)] = place
    scopes[place].instructions.append(placed)
    scopes[place].known.append(Int32(known.count))
    known.append(
      Known(instruction: instruction, register: placed.result, next: buckets[bucket]))
    buckets[bucket] = Int32(known.count - 1)
    return placed.result
  }

  private func place(for instruction: Instruction, _ motion: Motion) -> Int {
    if motion == .none { return depth }
    var needed = 0
    instruction.forEachOperand { needed = max(needed, depths[Int($0.index)]) }
    switch motion {
    case .far:
      for scope in needed..<max(needed, depth) where scopes[scope + 1].isLoop { return scope }
    case .near:
      for scope in (needed..<max(needed, depth)).reversed() where scopes[scope + 1].isLoop {
        return scope
      }
    case .none: break
    }
    return depth
  }

  /// `true` iff no operand of `instruction` belongs to the innermost loop.
  func isInvariant(_ instruction: Instruction) -> Bool {
    place(for: instruction, .far) < depth
  }

  // Scopes

  /// Begins a side of a branch.
  mutating func openSide() { open(Scope(isLoop: false)) }

  /// Begins the body of a loop.
  mutating func openLoop() { open(Scope(isLoop: true)) }

  private mutating func open(_ scope: Scope) {
    scopes.append(scope)
    scopes[depth].instructions.reserveCapacity(16)
    forgetLoads()
  }

  /// Ends the innermost scope and returns what it holds.
  mutating func close() -> [Instruction] {
    let scope = scopes.removeLast()
    forgetLoads()
    for place in scope.known { known[Int(place)].register = .none }
    return scope.instructions
  }

  mutating func append(_ instructions: [Instruction]) {
    forgetLoads()
    scopes[depth].instructions += instructions
  }

  private mutating func forgetLoads() {
    if !loads.isEmpty { loads.removeAll(keepingCapacity: true) }
  }

  /// All instructions, when every scope is closed.
  var whole: [Instruction] { scopes[0].instructions }
}

extension Instruction {
  fileprivate static let bitsOfBucket = 9

  /// A number that differs for most instructions that differ.
  fileprivate var bucket: Int {
    var hash = UInt64(operation.rawValue) << 56 ^ UInt64(truncatingIfNeeded: a.index) << 28
    hash ^= UInt64(truncatingIfNeeded: b.index) ^ UInt64(truncatingIfNeeded: c.index) << 14
    hash ^= UInt64(truncatingIfNeeded: memory.base.index) << 42
    hash ^= UInt64(truncatingIfNeeded: memory.index.index) << 50
    hash ^= UInt64(bitPattern: immediate ^ Int64(memory.displacement)).byteSwapped
    return Int((hash &* 0x9e37_79b9_7f4a_7c15) >> (64 - UInt64(Self.bitsOfBucket)))
  }
}
