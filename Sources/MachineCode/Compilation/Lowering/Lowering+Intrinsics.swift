/// What the names of the prelude stand for.
extension Lowering {
  mutating func intrinsic(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    switch intrinsic {
    case .vZero: return .vector(constant(0, target.element, target.width), .lanes)
    case .vSplat: return try splat(values)
    case .vLoad: return try loadLanes(values)
    case .vStore, .vStream: return try storeLanes(values, streams: intrinsic == .vStream)
    case .vKeep: return try keep(values)
    case .vTake: return try take(values)
    case .vAdd: return try lanes(.numberAdd, values)
    case .vSub: return try lanes(.numberSubtract, values)
    case .vMul: return try lanes(.numberMultiply, values)
    case .vDiv: return try lanes(.numberDivide, values)
    case .vFma: return try lanes(.fusedAdd, values)
    case .vFnma: return try lanes(.fusedNegateAdd, values)
    case .vFms: return try lanes(.fusedSubtract, values)
    case .vSqrt: return try lanes(.squareRoot, values)
    case .vFloor: return try lanes(.floor, values)
    case .vTrunc: return try lanes(.truncate, values)
    case .vNeg, .vAbs: return try signs(intrinsic, values)
    case .vSum: return try sumOfLanes(values)
    case .vMax: return try library("maximum", values)
    case .vMin: return try library("minimum", values)
    case .vLesser: return try lanes(.numberLesser, values)
    case .vGreater: return try lanes(.numberGreater, values)
    case .vScale:
      return target.instructionSet == .avx512
        ? try lanes(.numberScale, values) : try library("times_power", values)
    case .vPrefetch: return try fetch(.prefetch, values)
    case .vPrefetchWrite: return try fetch(.prefetchWrite, values)
    case .vFence:
      builder.append(Instruction(.storeFence))
      return .undefined
    case .vQuads, .vStoreQuads, .vMixLow, .vMixHigh, .vPairLow, .vPairHigh, .vEven, .vOdd,
      .vLowHalves, .vHighHalves, .vEvenQuads, .vOddQuads:
      return try quads(intrinsic, values)
    case .mLt, .mLe, .mEq, .mNe: return try comparedLanes(intrinsic, values)
    case .mAnd, .mOr, .mNot, .mSplat, .mLoad, .vSelect, .iSelect:
      return try masks(intrinsic, values)
    case .iSplat, .iAdd, .iSub, .iMul, .iAnd, .iOr, .iXor, .iShl, .iShr, .iSar,
      .iLt, .iLe, .iEq, .iNe, .vBits, .vFromBits, .vToInt, .vFromInt:
      return try integersOfLanes(intrinsic, values)
    case .wZero, .wSplat, .wLoad, .wStore, .wAdd, .wSub, .wMul, .wDiv, .wFma, .wWiden,
      .wRound:
      return try wide(intrinsic, values)
    case .moreThan: return try moreThan(values)
    case .combineMax, .combineMin: return try combinedExtreme(intrinsic, values)
    case .fma, .fmaf, .sqrt, .sqrtf, .loneSqrt, .loneSqrtf, .floor, .floorf, .fabs, .fabsf:
      return try scalarFunction(intrinsic, values)
    case .nAdd, .nSub, .nMul, .nAnd, .nOr, .nXor, .nShl, .nShr, .nSar, .lAdd, .lSub,
      .lMul, .lAnd, .lOr, .lXor, .lShl, .lShr, .lSar, .bits32, .fromBits32, .bits64,
      .fromBits64:
      return try scalarInteger(intrinsic, values)
    case .vLoadBfloat16, .vStoreBfloat16, .vStreamBfloat16, .vLoadFloat16, .vStoreFloat16,
      .vStreamFloat16, .floatBits, .floatOfBits, .fromFloat16, .toFloat16:
      return try shortNumbers(intrinsic, values)
    case .bestKernels: return try kernelTable()
    case .enterFloatMode: return enterFloatMode()
    case .setFloatMode:
      setFloatMode(try general(values[0]))
      return .undefined
    }
  }

  var number: Scalar { target.number == .float32 ? .float : .double }

  mutating func lanes(
    _ operation: Operation, _ values: [Value], _ kind: VectorKind = .lanes
  ) throws(Unsupported) -> Value {
    let a = try vector(values[0], kind)
    let b = values.count > 1 ? try vector(values[1], kind) : .none
    let c = values.count > 2 ? try vector(values[2], kind) : .none
    return .vector(pureVector(operation, target.element, target.width, a, b, c), kind)
  }

  private mutating func splat(_ values: [Value]) throws(Unsupported) -> Value {
    let value = try converted(values[0], to: .scalar(number))
    if case .number(let known, _) = value {
      return .vector(constant(known, target.element, target.width), .lanes)
    }
    var instruction = Instruction(.splat)
    (instruction.element, instruction.width) = (target.element, target.width)
    instruction.a = try floating(value, number)
    return .vector(builder.pure(instruction, .vector), .lanes)
  }

  // Counts of lanes

  /// The mask of the first lanes; `nil` for all of them.
  mutating func mask(ofFirst count: Value) throws(Unsupported) -> Register? {
    if let least = least(of: count), least >= target.lanes { return nil }
    let count = try general(count)
    switch target.instructionSet {
    case .avx512:
      var instruction = Instruction(.maskOfCount)
      instruction.a = count
      return builder.pure(instruction, .mask)
    case .avx2:
      var places = Instruction(.vectorCount)
      (places.element, places.width) = (target.integers, target.width)
      let counting = builder.pure(places, .vector, .near)
      var splat = Instruction(.splatGeneral)
      (splat.element, splat.width, splat.a) = (target.integers, target.width, count)
      var compare = Instruction(.compareIntegers)
      (compare.element, compare.width) = (target.integers, target.width)
      (compare.a, compare.b) = (counting, builder.pure(splat, .vector))
      compare.immediate = Int64(IntegerPredicate.less.rawValue)
      return builder.pure(compare, .vector)
    }
  }

  func pointer(_ value: Value) throws(Unsupported) -> Pointer {
    guard case .pointer(let pointer) = value else { throw Unsupported("a load of no pointer") }
    return pointer
  }

  private mutating func loadLanes(_ values: [Value]) throws(Unsupported) -> Value {
    var instruction = Instruction(.vectorLoad)
    (instruction.element, instruction.width) = (target.element, target.width)
    instruction.memory = try pointer(values[0]).place
    guard let mask = try mask(ofFirst: values[1]) else {
      return .vector(builder.emit(instruction, .vector), .lanes)
    }
    instruction.mask = mask
    if least(of: values[1]) != nil { return try loadFew(instruction, values[1]) }
    return .vector(builder.emit(instruction, .vector), .lanes)
  }

  private mutating func storeLanes(
    _ values: [Value], streams: Bool
  ) throws(Unsupported) -> Value {
    var instruction = Instruction(streams ? .vectorStream : .vectorStore)
    (instruction.element, instruction.width) = (target.element, target.width)
    instruction.memory = try pointer(values[0]).place
    instruction.a = try vector(values[1], .lanes)
    if !streams, let mask = try mask(ofFirst: values[2]) { instruction.mask = mask }
    builder.append(instruction)
    return .undefined
  }

  private mutating func keep(_ values: [Value]) throws(Unsupported) -> Value {
    guard let mask = try mask(ofFirst: values[1]) else { return values[0] }
    let zero = constant(0, target.element, target.width)
    return .vector(selected(mask, try vector(values[0], .lanes), zero), .lanes)
  }

  private mutating func take(_ values: [Value]) throws(Unsupported) -> Value {
    guard let mask = try mask(ofFirst: values[2]) else { return values[0] }
    let (new, old) = (try vector(values[0], .lanes), try vector(values[1], .lanes))
    return .vector(selected(mask, new, old), .lanes)
  }

  mutating func selected(
    _ mask: Register, _ a: Register, _ b: Register, _ width: VectorWidth? = nil
  ) -> Register {
    if a == b { return a }
    var instruction = Instruction(.select)
    (instruction.element, instruction.width) = (target.element, width ?? target.width)
    (instruction.a, instruction.b, instruction.mask) = (a, b, mask)
    return placed(instruction, .vector)
  }

  private mutating func signs(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    let mask = constant(bits: signMask(target.element), target.element, target.width)
    let operation: Operation = intrinsic == .vNeg ? .bitXor : .bitAndNot
    return .vector(
      pureVector(operation, target.element, target.width, mask, try vector(values[0], .lanes)),
      .lanes)
  }

  private mutating func fetch(
    _ operation: Operation, _ values: [Value]
  ) throws(Unsupported) -> Value {
    var instruction = Instruction(operation)
    instruction.memory = try pointer(values[0]).place
    builder.append(instruction)
    return .undefined
  }

  // Across lanes

  /// Halves are added until one element is left.
  private mutating func sumOfLanes(_ values: [Value]) throws(Unsupported) -> Value {
    let sum = halved(try vector(values[0], .lanes)) { (self, low, high, width) in
      self.pureVector(.numberAdd, self.target.element, width, low, high)
    }
    return .floating(sum, number)
  }

  /// The lowest element after `join` of the lower and the upper half, of these, and so on.
  private mutating func halved(
    _ vector: Register,
    _ join: (inout Lowering, Register, Register, VectorWidth) -> Register
  ) -> Register {
    var whole = vector
    var width = target.width
    while width != .xmm {
      let upper = pureVector(.upperHalf, target.element, width, whole)
      width = width.half
      whole = join(&self, whole, upper, width)
    }
    let orders: [Int64] = target.number == .float32 ? [0x4e, 0xb1] : [1]
    for order in orders {
      let upper = pureVector(.permute, target.element, .xmm, whole, immediate: order)
      whole = join(&self, whole, upper, .xmm)
    }
    return whole
  }

  /// The extreme of all slots, in the same halves as a sum; +0 for a zero of either sign.
  private mutating func combinedExtreme(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    guard case .parts(let parts)? = values.first else { throw Unsupported("slots in memory") }
    var vectors: [Register] = []
    for part in parts { vectors.append(try vector(part, .lanes)) }
    let isMaximum = intrinsic == .combineMax
    while vectors.count > 1 {
      let half = vectors.count / 2
      vectors = (0..<half).map {
        extreme(vectors[$0], vectors[$0 + half], target.width, isMaximum: isMaximum)
      }
    }
    let last = halved(vectors[0]) { (self, low, high, width) in
      self.extreme(low, high, width, isMaximum: isMaximum)
    }
    let zero = constant(0, target.element, .scalar)
    return .floating(pureVector(.numberAdd, target.element, .scalar, last, zero), number)
  }

  /// `a` where it is the extreme, or NaN, else `b`.
  private mutating func extreme(
    _ a: Register, _ b: Register, _ width: VectorWidth, isMaximum: Bool
  ) -> Register {
    let extreme = pureVector(
      isMaximum ? .numberGreater : .numberLesser, target.element, width, a, b)
    return selected(compare(.notEqual, a, a, width), a, extreme, width)
  }

  // Masks

  mutating func compare(
    _ predicate: FloatPredicate, _ a: Register, _ b: Register, _ width: VectorWidth
  ) -> Register {
    pureVector(
      .compareNumbers, target.element, width, a, b, immediate: Int64(predicate.rawValue),
      into: target.maskClass)
  }

  private mutating func comparedLanes(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    let (a, b) = (try vector(values[0], .lanes), try vector(values[1], .lanes))
    let predicate: FloatPredicate =
      switch intrinsic {
      case .mLt: .less
      case .mLe: .lessOrEqual
      case .mEq: .equal
      default: .notEqual
      }
    return .vector(compare(predicate, a, b, target.width), .masks)
  }

  private mutating func masks(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    let isEVEX = target.instructionSet == .avx512
    switch intrinsic {
    case .mAnd, .mOr:
      let (a, b) = (try vector(values[0], .masks), try vector(values[1], .masks))
      let operation: Operation =
        intrinsic == .mAnd ? (isEVEX ? .maskAnd : .bitAnd) : (isEVEX ? .maskOr : .bitOr)
      return .vector(
        pureVector(operation, target.element, target.width, a, b, into: target.maskClass), .masks)
    case .mNot: return .vector(try complement(try vector(values[0], .masks)), .masks)
    case .mSplat: return try splatMask(values[0])
    case .mLoad: return try loadMask(values)
    case .iSelect:
      let mask = try vector(values[0], .masks)
      let (a, b) = (try vector(values[1], .integers), try vector(values[2], .integers))
      return .vector(selected(mask, a, b), .integers)
    default:
      let mask = try vector(values[0], .masks)
      let (a, b) = (try vector(values[1], .lanes), try vector(values[2], .lanes))
      return .vector(selected(mask, a, b), .lanes)
    }
  }

  mutating func complement(_ mask: Register) throws(Unsupported) -> Register {
    switch target.instructionSet {
    case .avx512: return pureVector(.maskNot, target.element, target.width, mask, into: .mask)
    case .avx2:
      let all = constant(bits: -1, target.element, target.width)
      return pureVector(.bitXor, target.element, target.width, mask, all)
    }
  }

  private mutating func splatMask(_ value: Value) throws(Unsupported) -> Value {
    if case .integer(let known, _) = value, target.instructionSet == .avx2 {
      return .vector(constant(bits: known != 0 ? -1 : 0, target.element, target.width), .masks)
    }
    let condition = try general(try converted(value, to: .scalar(.bool)))
    var instruction = Instruction(
      target.instructionSet == .avx512 ? .maskFromGeneral : .splatGeneral)
    (instruction.element, instruction.width) = (target.integers, target.width)
    instruction.a = builder.integer(.negate, condition)
    return .vector(builder.pure(instruction, target.maskClass), .masks)
  }

  /// The lanes whose bytes in memory are not zero.
  private mutating func loadMask(_ values: [Value]) throws(Unsupported) -> Value {
    var bytes = Instruction(.widenBytes)
    (bytes.element, bytes.width) = (target.integers, target.width)
    if try mask(ofFirst: values[1]) != nil, target.instructionSet == .avx2 {
      let first = try general(try library("first_bytes", values))
      bytes.a = pureVector(.bitsFromGeneral, .float64, .scalar, first)
    } else {
      bytes.memory = try pointer(values[0]).place
      if let mask = try mask(ofFirst: values[1]) { bytes.mask = mask }
    }
    let widened = builder.emit(bytes, .vector)
    let zero = constant(bits: 0, target.element, target.width)
    return .vector(try compareIntegers(.notEqual, widened, zero), .masks)
  }
}
