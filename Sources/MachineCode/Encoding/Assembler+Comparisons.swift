/// A comparison of floating-point numbers; the raw value is the instruction's number. None of them
/// raises an exception for a quiet NaN but those that order. Where an operand is NaN, all are
/// false but `notEqual`, `unordered` and the negated ones.
package enum FloatPredicate: UInt8, CaseIterable, Sendable {
  case equal, less, lessOrEqual, unordered
  case notEqual, notLess, notLessOrEqual, ordered
  case greaterOrEqual = 0x0D
  case greater = 0x0E
}

/// A comparison of integers; the raw value is the instruction's number.
package enum IntegerPredicate: UInt8, CaseIterable, Sendable {
  case equal = 0
  case less = 1
  case lessOrEqual = 2
  case notEqual = 4
  case greaterOrEqual = 5
  case greater = 6
}

/// Whether the upper bit of an integer is its sign.
package enum Signedness: CaseIterable, Sendable {
  case signed, unsigned
}

/// The comparisons of integers to vectors that AVX2 has.
package enum VectorIntegerPredicate: CaseIterable, Sendable {
  case equal
  /// Signed.
  case greater
}

/// A comparison of the lowest elements that sets the flags as one of unsigned integers does, and
/// `parity` if they are unordered.
package enum FlagComparison: UInt8, CaseIterable, Sendable {
  /// No exception for a quiet NaN.
  case unordered = 0x2E
  case ordered = 0x2F
}

extension Assembler {
  /// `target = predicate(a, b)`, a bit an element; AVX-512 only.
  ///
  /// - Requires: a mask that zeroes, or none. (The bits that it leaves out become zero.)
  package mutating func compare(
    _ predicate: FloatPredicate, _ element: FloatElement, _ width: VectorWidth,
    _ target: MaskRegister, _ a: VectorRegister, _ b: VectorOperand,
    where mask: MaskRegister = .k0
  ) {
    emit(
      .float(0xC2, element, width, .onlyEVEX), width,
      VectorOperands(
        register: target.rawValue, second: a.number, vector: b, masking: merging(mask)),
      immediate: predicate.rawValue)
  }

  /// `target = predicate(a, b)`, all bits of an element set or cleared; without AVX-512.
  package mutating func compare(
    _ predicate: FloatPredicate, _ element: FloatElement, _ width: VectorWidth,
    _ target: VectorRegister, _ a: VectorRegister, _ b: VectorOperand
  ) {
    emit(
      .float(0xC2, element, width, .onlyVEX), width, target, a, b,
      immediate: predicate.rawValue)
  }

  /// `target = predicate(a, b)`, a bit an element; AVX-512 only.
  package mutating func compare(
    _ predicate: IntegerPredicate, _ signedness: Signedness, _ element: IntegerElement,
    _ width: VectorWidth, _ target: MaskRegister, _ a: VectorRegister, _ b: VectorOperand,
    where mask: MaskRegister = .k0
  ) {
    let (opcode, immediate) = predicate.opcode(signedness, element)
    emit(
      opcode, width,
      VectorOperands(
        register: target.rawValue, second: a.number, vector: b, masking: merging(mask)),
      immediate: immediate)
  }

  /// `target = predicate(a, b)`, all bits of an element set or cleared; without AVX-512.
  package mutating func compare(
    _ predicate: VectorIntegerPredicate, _ element: IntegerElement, _ width: VectorWidth,
    _ target: VectorRegister, _ a: VectorRegister, _ b: VectorOperand
  ) {
    emit(predicate.opcode(element), width, target, a, b)
  }

  /// `target = (a & b) != 0`, a bit an element; AVX-512 only.
  package mutating func test(
    _ element: IntegerElement, _ width: VectorWidth, _ target: MaskRegister,
    _ a: VectorRegister, _ b: VectorOperand, where mask: MaskRegister = .k0
  ) {
    emit(
      .byElement(.of0F38, .x66, 0x27, element.isWide, .onlyEVEX), width,
      VectorOperands(
        register: target.rawValue, second: a.number, vector: b, masking: merging(mask)))
  }

  /// `target = (a & b) != 0`, a bit a byte; AVX-512 only.
  package mutating func testBytes(
    _ width: VectorWidth, _ target: MaskRegister, _ a: VectorRegister, _ b: VectorOperand,
    where mask: MaskRegister = .k0
  ) {
    emit(
      .init(.of0F38, .x66, 0x26, .zero, .fullMemory, .onlyEVEX), width,
      VectorOperands(
        register: target.rawValue, second: a.number, vector: b, masking: merging(mask)))
  }

  /// Sets the flags by the lowest elements of `a` and `b`.
  package mutating func compareLowest(
    _ comparison: FlagComparison, _ element: FloatElement, _ a: VectorRegister,
    _ b: VectorOperand
  ) {
    var opcode = VectorOpcode.packed(comparison.rawValue, element)
    opcode.span = .bytes(element.byteCount)
    emit(opcode, .scalar, a, b)
  }

  /// Sets `equal` if `a & b` is zero, and `below` if `~a & b` is; without AVX-512.
  package mutating func test(_ width: VectorWidth, _ a: VectorRegister, _ b: VectorOperand) {
    emit(.init(.of0F38, .x66, 0x17, .zero, .fullMemory, .onlyVEX), width, a, b)
  }

  /// `target = b` where the sign of `mask` is set, else `a`; without AVX-512.
  package mutating func blend(
    _ element: FloatElement, _ width: VectorWidth, _ target: VectorRegister,
    _ a: VectorRegister, _ b: VectorOperand, whereSignOf mask: VectorRegister
  ) {
    precondition(mask.number < 16, "AVX-512 blends by masks")
    let byte: UInt8 =
      switch element {
      case .float32: 0x4A
      case .float64: 0x4B
      }
    let opcode = VectorOpcode(.of0F3A, .x66, byte, .zero, .fullMemory, .onlyVEX)
    emit(opcode, width, target, a, b, immediate: mask.number << 4)
  }

  /// `target = b` where the mask is set, else `a` (zero, if the mask zeroes); AVX-512 only.
  package mutating func blend(
    _ element: FloatElement, _ width: VectorWidth, _ target: VectorRegister,
    _ a: VectorRegister, _ b: VectorOperand, _ masking: Masking
  ) {
    let opcode = VectorOpcode.byElement(.of0F38, .x66, 0x65, element.isWide, .onlyEVEX)
    emit(opcode, width, target, a, b, masking)
  }
}

/// The number of `k0` means that there is no mask.
private func merging(_ mask: MaskRegister) -> Masking { mask == .k0 ? .none : .merging(mask) }

extension IntegerPredicate {
  fileprivate func opcode(
    _ signedness: Signedness, _ element: IntegerElement
  ) -> (VectorOpcode, immediate: UInt8?) {
    let byte: UInt8 =
      switch signedness {
      case .signed: 0x1F
      case .unsigned: 0x1E
      }
    return (.byElement(.of0F3A, .x66, byte, element.isWide, .onlyEVEX), rawValue)
  }
}

extension VectorIntegerPredicate {
  fileprivate func opcode(_ element: IntegerElement) -> VectorOpcode {
    switch (self, element) {
    case (.equal, .int32): .init(.of0F, .x66, 0x76, .zero, .fullMemory, .onlyVEX)
    case (.equal, .int64): .init(.of0F38, .x66, 0x29, .zero, .fullMemory, .onlyVEX)
    case (.greater, .int32): .init(.of0F, .x66, 0x66, .zero, .fullMemory, .onlyVEX)
    case (.greater, .int64): .init(.of0F38, .x66, 0x37, .zero, .fullMemory, .onlyVEX)
    }
  }
}
