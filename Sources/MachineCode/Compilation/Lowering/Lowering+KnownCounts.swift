import CCode

/// Counts of which the least is known, and what that spares.
extension Lowering {
  /// `more_than(a, least)`: from here on `a` is known to be more than `least`.
  mutating func moreThan(_ values: [Value]) throws(Unsupported) -> Value {
    guard case .integer(let least, _) = values[1] else { throw Unsupported("an open least") }
    if case .integer = values[0] { return values[0] }
    let register = try general(values[0])
    leasts[register] = least + 1
    return .general(register, .int32)
  }

  /// The least that a count is known to be, if anything is known.
  func least(of count: Value) -> Int64? {
    switch count {
    case .integer(let known, _): known
    case .general(let register, _): leasts[register]
    case .number, .floating, .vector, .pointer, .parts, .comparison, .undefined: nil
    }
  }

  /// `count` less a number that is known: its least is less by as much.
  mutating func lessened(_ count: Value, _ difference: Value, by known: Int64) {
    guard case .general(let register, _) = difference, let least = least(of: count) else { return }
    leasts[register] = least - known
  }

  /// A masked load of `count` lanes, of 16 bytes where these hold them: a load of a whole vector
  /// mostly takes two cache lines, whatever its mask leaves out.
  mutating func loadFew(_ load: Instruction, _ count: Value) throws(Unsupported) -> Value {
    let most = Value.integer(Int64(16 / target.element.byteCount), .int32)
    var few = load
    few.width = .xmm
    let test: Test
    switch try truth(of: compared(.lessOrEqual, count, most)) {
    case .known(let isFew): return .vector(builder.emit(isFew ? few : load, .vector), .lanes)
    case .test(let open): test = open
    }
    let slot = variables.count
    variables.append(Variable(type: .vector(.lanes), value: .undefined))
    try branch(test) { (self) throws(Unsupported) in
      self.set(slot, .vector(self.builder.emit(few, .vector), .lanes))
    } otherwise: { (self) throws(Unsupported) in
      self.set(slot, .vector(self.builder.emit(load, .vector), .lanes))
    }
    return variables[slot].value
  }
}
