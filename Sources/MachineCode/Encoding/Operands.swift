/// A place in memory: `base + index * scale + displacement`, or a constant behind the code.
package struct Address: Hashable, Sendable {
  /// What the offset is counted from.
  package enum Origin: Hashable, Sendable {
    case register(GeneralRegister)
    /// Zero.
    case none
    case constant(Constant)
  }

  /// What the index is multiplied by; the raw value is its logarithm to base two.
  package enum Scale: UInt8, CaseIterable, Sendable {
    case one, two, four, eight
  }

  package let origin: Origin
  package let index: GeneralRegister?
  package let scale: Scale
  /// Bytes.
  package let displacement: Int32

  /// - Requires: an index that is not `rsp`.
  package init(
    _ base: GeneralRegister, index: GeneralRegister? = nil, scale: Scale = .one,
    displacement: Int32 = 0
  ) {
    precondition(index != .rsp, "rsp cannot be an index")
    self.origin = .register(base)
    self.index = index
    self.scale = scale
    self.displacement = displacement
  }

  /// The place `index * scale + displacement`.
  ///
  /// - Requires: an index that is not `rsp`.
  package init(index: GeneralRegister, scale: Scale, displacement: Int32 = 0) {
    precondition(index != .rsp, "rsp cannot be an index")
    self.origin = .none
    self.index = index
    self.scale = scale
    self.displacement = displacement
  }

  /// A constant, or what lies `displacement` bytes behind its start.
  package init(_ constant: Constant, displacement: Int32 = 0) {
    self.origin = .constant(constant)
    self.index = nil
    self.scale = .one
    self.displacement = displacement
  }
}

/// The last operand of most vector instructions.
package enum VectorOperand: Hashable, Sendable {
  case register(VectorRegister)
  case memory(Address)
  /// One element of memory for all lanes; AVX-512 only.
  case broadcast(Address)
}

/// Which lanes of its result an AVX-512 instruction writes.
///
/// `k0` cannot be named here: its number means that there is no mask.
package enum Masking: Hashable, Sendable {
  case none
  /// Lanes that the mask leaves out keep what they were.
  case merging(MaskRegister)
  /// Lanes that the mask leaves out become zero.
  case zeroing(MaskRegister)
}

/// The second operand of an instruction on general registers.
package enum GeneralOperand: Hashable, Sendable {
  case register(GeneralRegister)
  case memory(Address)
  /// A number, extended by its sign to the operands' width.
  case immediate(Int32)
}

/// An operand that an instruction on general registers reads or writes in place.
package enum GeneralPlace: Hashable, Sendable {
  case register(GeneralRegister)
  case memory(Address)
}

/// A condition of the flags; its raw value is its number in an encoding.
package enum Condition: UInt8, CaseIterable, Sendable {
  case overflow, notOverflow
  /// Unsigned.
  case below, aboveOrEqual
  case equal, notEqual
  /// Unsigned.
  case belowOrEqual, above
  case negative, notNegative
  /// Also: the operands of a floating-point comparison are unordered.
  case parity, notParity
  /// Signed.
  case less, greaterOrEqual
  /// Signed.
  case lessOrEqual, greater
}

extension Condition {
  /// The condition that holds exactly where this one does not.
  package var negated: Condition {
    switch self {
    case .overflow: .notOverflow
    case .notOverflow: .overflow
    case .below: .aboveOrEqual
    case .aboveOrEqual: .below
    case .equal: .notEqual
    case .notEqual: .equal
    case .belowOrEqual: .above
    case .above: .belowOrEqual
    case .negative: .notNegative
    case .notNegative: .negative
    case .parity: .notParity
    case .notParity: .parity
    case .less: .greaterOrEqual
    case .greaterOrEqual: .less
    case .lessOrEqual: .greater
    case .greater: .lessOrEqual
    }
  }
}
