/// Numbers of 16 bits in memory, beside float32.
extension Lowering {
  mutating func shortNumbers(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    switch intrinsic {
    case .vLoadBfloat16, .vLoadFloat16: return try loadShorts(intrinsic, values)
    case .vStoreBfloat16, .vStoreFloat16, .vStreamBfloat16, .vStreamFloat16:
      return try storeShorts(intrinsic, values)
    case .floatBits:
      let number = try floating(values[0], .float)
      let bits = pureVector(.bitsToGeneral, .float32, .scalar, number, into: .general)
      return .general(bits, .uint32)
    case .floatOfBits:
      let bits = try general(try converted(values[0], to: .scalar(.uint32)))
      return .floating(pureVector(.bitsFromGeneral, .float32, .scalar, bits), .float)
    case .fromFloat16:
      let bits = try general(try converted(values[0], to: .scalar(.word)))
      let word = pureVector(.bitsFromGeneral, .float32, .scalar, bits)
      return .floating(pureVector(.widenHalves, .float32, .xmm, word), .float)
    default:
      let number = try floating(values[0], .float)
      let half = pureVector(.narrowHalves, .float32, .xmm, number)
      let bits = pureVector(.bitsToGeneral, .float32, .scalar, half, into: .general)
      return .general(builder.integer(.and, bits, immediate: 0xffff), .word)
    }
  }

  /// `true` iff `count` may be less than all lanes.
  private func isPartial(_ count: Value) -> Bool {
    if case .integer(let known, _) = count { return known < target.lanes }
    return true
  }

  private mutating func loadShorts(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    let isBfloat = intrinsic == .vLoadBfloat16
    if target.instructionSet == .avx2, isPartial(values[1]) {
      return try library(isBfloat ? "load_first_bf16" : "load_first_f16", values)
    }
    var load = Instruction(.vectorLoad)
    (load.element, load.width) = (.word, target.width.half)
    load.memory = try pointer(values[0]).place
    if let mask = try mask(ofFirst: values[1]) { load.mask = mask }
    let words = builder.emit(load, .vector)
    if !isBfloat {
      return .vector(pureVector(.widenHalves, .float32, target.width, words), .lanes)
    }
    if target.instructionSet == .avx512 {
      return .vector(
        pureVector(.permuteWords, .int32, target.width, places(.upperHalves), words), .lanes)
    }
    let integers = pureVector(.widenWords, .int32, target.width, words)
    return .vector(
      pureVector(.laneShiftLeft, .int32, target.width, integers, immediate: 16), .lanes)
  }

  private mutating func storeShorts(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    let isBfloat = intrinsic == .vStoreBfloat16 || intrinsic == .vStreamBfloat16
    let streams = intrinsic == .vStreamBfloat16 || intrinsic == .vStreamFloat16
    if !streams, target.instructionSet == .avx2, isPartial(values[2]) {
      return try library(isBfloat ? "store_first_bf16" : "store_first_f16", values)
    }
    let lanes = try vector(values[1], .lanes)
    var store = Instruction(streams ? .vectorStream : .vectorStore)
    (store.element, store.width) = (.word, target.width.half)
    store.memory = try pointer(values[0]).place
    if !streams, let mask = try mask(ofFirst: values[2]) { store.mask = mask }
    if isBfloat, target.instructionSet == .avx512 {
      store.a = try bfloat16(lanes)
    } else if isBfloat {
      let integers = try roundedToBfloat16(lanes)
      store.a = pureVector(.narrowWords, .int32, target.width, integers)
    } else {
      store.a = pureVector(.narrowHalves, .float32, target.width, lanes)
    }
    builder.append(store)
    return .undefined
  }

  private mutating func places(_ places: WordPlaces) -> Register {
    var instruction = Instruction(.vectorCount)
    (instruction.element, instruction.width) = (.int32, target.width)
    instruction.immediate = places.rawValue
    return builder.pure(instruction, .vector, .near)
  }

  /// The upper halves of the lanes, to the nearest even, side by side; a NaN stays one.
  private mutating func bfloat16(_ lanes: Register) throws(Unsupported) -> Register {
    func splat(_ bits: Int64) -> Register { constant(bits: bits, .float32, target.width) }
    func plus(_ bits: Int64) -> Register {
      pureVector(.integerAdd, .int32, target.width, lanes, splat(bits))
    }
    let lowest = pureVector(.bitAnd, .float32, target.width, lanes, splat(0x10000))
    let isOdd = try compareIntegers(.notEqual, lowest, splat(0))
    let below = plus(0x7fff)
    let nearest = selected(isOdd, plus(0x8000), below)
    let isNaN = compare(.notEqual, lanes, lanes, target.width)
    let quiet = pureVector(.bitOr, .float32, target.width, lanes, splat(0x400000))
    return pureVector(
      .permuteWords, .int32, target.width, places(.ofUpperHalves), selected(isNaN, quiet, nearest))
  }

  /// The upper halves of the lanes, to the nearest even, as integers; a NaN stays one.
  private mutating func roundedToBfloat16(_ lanes: Register) throws(Unsupported) -> Register {
    func shifted(_ a: Register) -> Register {
      pureVector(.laneShiftRight, .int32, target.width, a, immediate: 16)
    }
    func splat(_ bits: Int64) -> Register { constant(bits: bits, .float32, target.width) }
    let upper = shifted(lanes)
    let odd = pureVector(.bitAnd, .float32, target.width, upper, splat(1))
    let more = pureVector(.integerAdd, .int32, target.width, odd, splat(0x7fff))
    let nearest = shifted(pureVector(.integerAdd, .int32, target.width, lanes, more))
    let quiet = pureVector(.bitOr, .float32, target.width, upper, splat(0x40))
    return selected(compare(.notEqual, lanes, lanes, target.width), quiet, nearest)
  }
}
