/// Four elements of each of several rows in one vector, and how 4 by 4 of them are turned.
extension Lowering {
  mutating func quads(
    _ intrinsic: Intrinsic, _ values: [Value]
  ) throws(Unsupported) -> Value {
    switch intrinsic {
    case .vQuads: return try loadQuads(values)
    case .vStoreQuads: return try storeQuads(values)
    case .vMixLow: return try turned(.mixLow, values)
    case .vMixHigh: return try turned(.mixHigh, values)
    case .vPairLow: return try turned(.shufflePairs, values, 0x44)
    case .vPairHigh: return try turned(.shufflePairs, values, 0xee)
    case .vEven: return try turned(.shufflePairs, values, 0x88)
    case .vOdd: return try turned(.shufflePairs, values, 0xdd)
    case .vLowHalves: return try turned(.shuffleGroups, values, isWide ? 0x44 : 0x20)
    case .vHighHalves: return try turned(.shuffleGroups, values, isWide ? 0xee : 0x31)
    case .vEvenQuads: return try turned(.shuffleGroups, values, isWide ? 0x88 : 0x20)
    default: return try turned(.shuffleGroups, values, isWide ? 0xdd : 0x31)
    }
  }

  private var isWide: Bool { target.width == .zmm }

  private mutating func turned(
    _ operation: Operation, _ values: [Value], _ order: Int64 = 0
  ) throws(Unsupported) -> Value {
    let (a, b) = (try vector(values[0], .lanes), try vector(values[1], .lanes))
    return .vector(
      pureVector(operation, target.element, target.width, a, b, immediate: order), .lanes)
  }

  /// The address of the four elements that stand in group `group` of a vector.
  private mutating func quad(_ group: Int, _ values: [Value]) throws(Unsupported) -> MemoryPlace {
    let distance = try arithmetic(.multiply, .integer(Int64(4 * group), .size), values[1])
    return try moved(try pointer(values[0]), by: distance).place
  }

  private mutating func loadQuads(_ values: [Value]) throws(Unsupported) -> Value {
    var whole = Register.none
    for group in 0..<target.lanes / 4 {
      var load = Instruction(.vectorLoad)
      (load.element, load.width) = (target.element, .xmm)
      load.memory = try quad(group, values)
      let own = builder.emit(load, .vector)
      whole =
        group == 0
        ? own
        : pureVector(
          .insertGroup, target.element, target.width, whole, own, immediate: Int64(group))
    }
    return .vector(whole, .lanes)
  }

  private mutating func storeQuads(_ values: [Value]) throws(Unsupported) -> Value {
    let whole = try vector(values[2], .lanes)
    for group in 0..<target.lanes / 4 {
      var store = Instruction(.vectorStore)
      (store.element, store.width) = (target.element, .xmm)
      store.memory = try quad(group, values)
      store.a =
        group == 0
        ? whole
        : pureVector(
          .extractGroup, target.element, target.width, whole, immediate: Int64(group))
      builder.append(store)
    }
    return .undefined
  }
}
