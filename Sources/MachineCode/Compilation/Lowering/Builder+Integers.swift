/// Integers and addresses, folded where they are known.
extension Builder {
  mutating func constant(_ value: Int64) -> Register {
    var instruction = Instruction(.constant)
    instruction.immediate = value
    return pure(instruction, .general, .near)
  }

  /// `a operation b`, with a number instead of `b` if that is absent.
  mutating func integer(
    _ operation: Operation, _ a: Register, _ b: Register = .none, immediate: Int64 = 0
  ) -> Register {
    if operation == .remainder, b.isReal {
      // Where there is a remainder, there mostly is the quotient.
      return integer(.subtract, a, integer(.multiply, integer(.divide, a, b), b))
    }
    var instruction = Instruction(operation)
    (instruction.a, instruction.b, instruction.immediate) = (a, b, immediate)
    let traps = operation == .divide || operation == .remainder
    return pure(instruction, .general, traps ? .none : .far)
  }

  mutating func comparison(
    _ condition: Condition, _ a: Register, _ b: Register, _ immediate: Int64
  ) -> Register {
    var instruction = Instruction(.comparison)
    (instruction.a, instruction.b, instruction.immediate) = (a, b, immediate)
    instruction.condition = condition
    return pure(instruction, .general)
  }

  /// The address that `place` names, in a register.
  mutating func address(_ place: MemoryPlace) -> Register {
    if place.base.isReal, !place.index.isReal, place.displacement == 0 { return place.base }
    var instruction = Instruction(.address)
    instruction.memory = place
    return pure(instruction, .general)
  }

  /// `place` moved by `offset` bytes.
  mutating func moved(_ place: MemoryPlace, bytes offset: Int64) throws(Unsupported) -> MemoryPlace
  {
    var place = place
    guard let sum = Int32(exactly: Int64(place.displacement) + offset) else {
      throw Unsupported("an offset beyond 2 GB")
    }
    place.displacement = sum
    return place
  }

  /// `place` moved by `index * size` bytes.
  mutating func moved(_ place: MemoryPlace, by index: Register, size: Int) -> MemoryPlace {
    var place = place
    if place.index.isReal {
      let displacement = place.displacement
      place.displacement = 0
      place = MemoryPlace(base: address(place), displacement: displacement)
    }
    if let scale = [1, 2, 4, 8].first(where: { $0 == size }) {
      (place.index, place.scale) = (index, UInt8(scale))
    } else if size & (size - 1) == 0 {
      place.index = integer(.shiftLeft, index, immediate: Int64(size.trailingZeroBitCount))
      place.scale = 1
    } else {
      place.index = integer(.multiply, index, immediate: Int64(size))
      place.scale = 1
    }
    if !place.base.isReal, place.base != .frame {
      place = MemoryPlace(base: address(place))
    }
    return place
  }
}
