/// A value while functions are followed statement by statement.
enum DirectValue {
  case none
  case integer(Int64, Scalar)
  case number(Double, Scalar)
  /// An address, and what lies there.
  case pointer(UInt, ValueType)
  case function(Symbol)
  /// A structure.
  case parts([DirectValue])

  /// The value as C converts it.
  func converted(to type: ValueType) throws(Unsupported) -> DirectValue {
    switch (type, self) {
    case (.scalar(let scalar), .integer(let value, let from)):
      guard scalar.isFloating else { return .integer(value.converted(to: scalar), scalar) }
      let number = from == .size ? Double(UInt64(bitPattern: value)) : Double(value)
      return .number(scalar == .float ? value.asFloat(from) : number, scalar)
    case (.scalar(.float), .number(let value, _)): return .number(Double(Float(value)), .float)
    case (.scalar(.double), .number(let value, _)): return .number(value, .double)
    case (.scalar(.size), .pointer(let address, _)):
      return .integer(Int64(bitPattern: UInt64(address)), .size)
    case (.scalar(.bool), .pointer(let address, _)): return .integer(address == 0 ? 0 : 1, .bool)
    case (.pointer(let pointee), .pointer(let address, let found)):
      return .pointer(address, pointee == .void ? found : pointee)
    case (.pointer(let pointee), .integer(0, _)): return .pointer(0, pointee)
    case (.pointer, .function), (.structure, .parts): return self
    default: throw Unsupported("a conversion")
    }
  }
}

extension Int64 {
  /// The nearest float32, as float64.
  fileprivate func asFloat(_ scalar: Scalar) -> Double {
    scalar == .size ? Double(Float(UInt64(bitPattern: self))) : Double(Float(self))
  }
}
