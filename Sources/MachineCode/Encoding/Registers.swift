/// A general register; its raw value is its number in an encoding.
package enum GeneralRegister: UInt8, CaseIterable, Sendable {
  case rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15
}

/// A vector register of 128, 256 or 512 bits; which of them is an operand of each instruction.
///
/// Registers from 16 on exist only with AVX-512.
package struct VectorRegister: Hashable, Sendable {
  package let number: UInt8

  /// - Requires: a number from 0 to 31.
  package init(_ number: Int) {
    precondition((0..<32).contains(number), "vector registers are numbered from 0 to 31")
    self.number = UInt8(truncatingIfNeeded: number)
  }
}

/// A mask register of AVX-512; its raw value is its number in an encoding.
package enum MaskRegister: UInt8, CaseIterable, Sendable {
  case k0, k1, k2, k3, k4, k5, k6, k7
}

/// How much of a vector register an instruction works on.
package enum VectorWidth: CaseIterable, Sendable {
  /// The lowest element alone; what is above it in the result is copied from the first operand.
  case scalar
  /// 16 bytes.
  case xmm
  /// 32 bytes.
  case ymm
  /// 64 bytes.
  case zmm
}

/// The width of the operands of an instruction on general registers. A result of 32 bits clears
/// the upper half of its register.
package enum GeneralWidth: CaseIterable, Sendable {
  case bits32, bits64
}

/// A floating-point element of a vector.
package enum FloatElement: CaseIterable, Sendable {
  case float32, float64
}

/// An integer element of a vector.
package enum IntegerElement: CaseIterable, Sendable {
  case int32, int64
}
