/// What moves between a vector register and memory, as far as a mask and a fault see it.
package enum VectorMove: Hashable, Sendable {
  case float(FloatElement)
  /// At a multiple of the vector's size; anything else faults.
  case alignedFloat(FloatElement)
  /// Whole vectors only.
  case integer(IntegerElement)
  /// Whole vectors at a multiple of their size; anything else faults.
  case alignedInteger(IntegerElement)
  /// Whole vectors; AVX-512 only.
  case bytes, words
}

/// A store past the caches. It faults unless the address is a multiple of the vector's size.
package enum StreamingStore: Hashable, Sendable {
  case float(FloatElement)
  case integer
}

extension Assembler {
  /// Loads a vector or, with `scalar`, its lowest element, and then clears the others.
  package mutating func load(
    _ move: VectorMove, _ width: VectorWidth, _ target: VectorRegister, _ source: Address,
    _ masking: Masking = .none
  ) {
    emit(move.opcode(width, .load), width, target, .memory(source), masking)
  }

  /// Stores a vector or, with `scalar`, its lowest element.
  ///
  /// - Requires: a mask that merges, or none.
  package mutating func store(
    _ move: VectorMove, _ width: VectorWidth, _ target: Address, _ source: VectorRegister,
    _ masking: Masking = .none
  ) {
    if case .zeroing = masking { preconditionFailure("memory cannot be masked with zeros") }
    emit(move.opcode(width, .store), width, source, .memory(target), masking)
  }

  package mutating func stream(
    _ store: StreamingStore, _ width: VectorWidth, _ target: Address, _ source: VectorRegister
  ) {
    emit(store.opcode, width, source, .memory(target))
  }

  /// `target = source`, all of it (or what the mask selects by elements of 32 or 64 bits).
  package mutating func copy(
    _ element: FloatElement, _ width: VectorWidth, _ target: VectorRegister,
    _ source: VectorRegister, _ masking: Masking = .none
  ) {
    let width = width == .scalar ? .xmm : width
    let move = VectorMove.alignedFloat(element)
    // The registers change places where that allows the shorter form of VEX.
    if target.number < 8 && (8..<16).contains(source.number) && masking == .none && width != .zmm {
      emit(move.opcode(width, .store), width, source, .register(target))
    } else {
      emit(move.opcode(width, .load), width, target, .register(source), masking)
    }
  }

  /// `target = low` in the lowest element, `upper` in the others.
  package mutating func copyLowest(
    _ element: FloatElement, _ target: VectorRegister, upper: VectorRegister,
    _ low: VectorRegister, _ masking: Masking = .none
  ) {
    // As in `copy`.
    let fits = target.number < 8 && (8..<16).contains(low.number) && upper.number < 16
    if fits && masking == .none {
      let opcode = VectorMove.float(element).opcode(.scalar, .store)
      emit(opcode, .scalar, low, upper, .register(target))
    } else {
      let opcode = VectorMove.float(element).opcode(.scalar, .load)
      emit(opcode, .scalar, target, upper, .register(low), masking)
    }
  }

  /// Loads the elements whose sign is set in `mask`, and clears the others; without AVX-512.
  package mutating func load(
    _ element: FloatElement, _ width: VectorWidth, _ target: VectorRegister, _ source: Address,
    whereSignOf mask: VectorRegister
  ) {
    emit(maskedMove(0x2C, element), width, target, mask, .memory(source))
  }

  /// Stores the elements whose sign is set in `mask`; without AVX-512.
  package mutating func store(
    _ element: FloatElement, _ width: VectorWidth, _ target: Address, _ source: VectorRegister,
    whereSignOf mask: VectorRegister
  ) {
    emit(maskedMove(0x2E, element), width, source, mask, .memory(target))
  }

  /// `target = low of b, low of a` or `high of a, high of b`, by halves of 16 bytes: the lower
  /// half of the result is the upper one of `b`, its upper half the upper one of `a`.
  package mutating func moveHighToLow(
    _ target: VectorRegister, _ a: VectorRegister, _ b: VectorRegister
  ) {
    emit(.init(.of0F, .none, 0x12), .xmm, target, a, .register(b))
  }

  /// The lower half of the result is the lower one of `a`, its upper half the lower one of `b`.
  package mutating func moveLowToHigh(
    _ target: VectorRegister, _ a: VectorRegister, _ b: VectorRegister
  ) {
    emit(.init(.of0F, .none, 0x16), .xmm, target, a, .register(b))
  }
}

private func maskedMove(_ byte: UInt8, _ element: FloatElement) -> VectorOpcode {
  switch element {
  case .float32: .init(.of0F38, .x66, byte, .zero, .fullMemory, .onlyVEX)
  case .float64: .init(.of0F38, .x66, byte + 1, .zero, .fullMemory, .onlyVEX)
  }
}

private enum Direction {
  case load, store
}

extension VectorMove {
  fileprivate func opcode(_ width: VectorWidth, _ direction: Direction) -> VectorOpcode {
    var opcode = loadOpcode(width)
    if width != .scalar { opcode.span = .fullMemory }
    switch (self, direction) {
    case (_, .load): break
    case (.float, .store), (.alignedFloat, .store): opcode.byte += 1
    case (.integer, .store), (.alignedInteger, .store), (.bytes, .store), (.words, .store):
      opcode.byte += 0x10
    }
    return opcode
  }

  private func loadOpcode(_ width: VectorWidth) -> VectorOpcode {
    switch self {
    case .float(let element): .float(0x10, element, width)
    case .alignedFloat(let element): .packed(0x28, element)
    case .integer(let element): .init(.of0F, .xF3, 0x6F, element.isWideInEVEX)
    case .alignedInteger(let element): .init(.of0F, .x66, 0x6F, element.isWideInEVEX)
    case .bytes: .init(.of0F, .xF2, 0x6F, .zero, .fullMemory, .onlyEVEX)
    case .words: .init(.of0F, .xF2, 0x6F, .one, .fullMemory, .onlyEVEX)
    }
  }
}

extension StreamingStore {
  fileprivate var opcode: VectorOpcode {
    switch self {
    case .float(.float32): .init(.of0F, .none, 0x2B, .zero, .fullMemory)
    case .float(.float64): .init(.of0F, .x66, 0x2B, .oneInEVEX, .fullMemory)
    case .integer: .init(.of0F, .x66, 0xE7, .zero, .fullMemory)
    }
  }
}
