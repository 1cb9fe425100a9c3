/// Jumps, calls, and what stands at the borders of a function.
extension Assembler {
  package mutating func jump(_ label: Label) {
    if let distance = shortDistance(to: label) {
      append(0xEB)
      append(distance)
    } else {
      append(0xE9)
      appendDistance(to: label)
    }
  }

  package mutating func jump(if condition: Condition, _ label: Label) {
    if let distance = shortDistance(to: label) {
      append(0x70 | condition.rawValue)
      append(distance)
    } else {
      append(0x0F)
      append(0x80 | condition.rawValue)
      appendDistance(to: label)
    }
  }

  /// The distance of a jump of two bytes from here; `nil` if there is none.
  private func shortDistance(to label: Label) -> UInt8? {
    distance(to: label).flatMap { Int8(exactly: $0 - 2) }.map { UInt8(bitPattern: $0) }
  }

  /// Calls what stands at a label of this code.
  package mutating func call(_ label: Label) {
    append(0xE8)
    appendDistance(to: label)
  }

  /// Calls the function whose address a place holds.
  package mutating func call(_ function: GeneralPlace) {
    emit(.plain(0xFF), .bits32, 2, function.encoded)
  }

  /// Jumps to the address that a place holds.
  package mutating func jump(_ target: GeneralPlace) {
    emit(.plain(0xFF), .bits32, 4, target.encoded)
  }

  package mutating func `return`() { append(0xC3) }

  package mutating func push(_ register: GeneralRegister) {
    appendPrefixes(.bits32, register: 0, .register(register.rawValue))
    append(0x50 | register.rawValue & 7)
  }

  package mutating func pop(_ register: GeneralRegister) {
    appendPrefixes(.bits32, register: 0, .register(register.rawValue))
    append(0x58 | register.rawValue & 7)
  }

  /// `rdx:rax = rax` as a signed number, for a signed division.
  package mutating func signExtendRAX(_ width: GeneralWidth) {
    appendPrefixes(width, register: 0, .register(0))
    append(0x99)
  }

  package mutating func prefetch(_ hint: PrefetchHint, _ address: Address) {
    emit(.after0F(0x18), .bits32, hint.rawValue, .memory(address))
  }

  /// Asks for memory that will be written.
  package mutating func prefetchForWriting(_ address: Address) {
    emit(.after0F(0x0D), .bits32, 1, .memory(address))
  }

  /// Orders non-temporal stores before all later stores.
  package mutating func storeFence() {
    append(0x0F)
    append(0xAE)
    append(0xF8)
  }

  /// Writes the floating-point mode, MXCSR, to 4 bytes.
  package mutating func saveFloatMode(_ address: Address) {
    emit(.after0F(0xAE), .bits32, 3, .memory(address))
  }

  /// Takes the floating-point mode, MXCSR, from 4 bytes.
  package mutating func loadFloatMode(_ address: Address) {
    emit(.after0F(0xAE), .bits32, 2, .memory(address))
  }

  /// Clears all but the lowest 16 bytes of the vector registers below 16. A function that used
  /// more owes it to its caller: without it, code of SSE runs slowly.
  package mutating func zeroUpper() {
    append(0xC5)
    append(0xF8)
    append(0x77)
  }
}
