/// A type of C, as far as kernels use it.
enum ValueType: Hashable, Sendable {
  case void
  case scalar(Scalar)
  case vector(VectorKind)
  indirect case pointer(to: ValueType)
  /// A structure by its place in the list of all.
  case structure(Int)
  indirect case array(of: ValueType, count: Int)
}

/// A type of one number.
enum Scalar: UInt8, Hashable, Sendable {
  case bool, byte, word, int32, uint32, int64, size, float, double

  var isFloating: Bool { self == .float || self == .double }

  var isUnsigned: Bool { self == .size || self == .uint32 }

  /// The type in which C computes with numbers of both types.
  func wider(_ other: Scalar) -> Scalar {
    let order: [Scalar] = [.double, .float, .size, .int64, .uint32]
    for type in order where self == type || other == type { return type }
    return .int32
  }

  var element: Element {
    switch self {
    case .bool, .byte: .byte
    case .word: .word
    case .int32, .uint32: .int32
    case .int64, .size: .int64
    case .float: .float32
    case .double: .float64
    }
  }
}

/// A type of many numbers side by side.
enum VectorKind: UInt8, Hashable, Sendable {
  case lanes, masks, integers, half
}

/// What is known of a value while a function is compiled.
enum Value {
  /// A number that is known.
  case integer(Int64, Scalar)
  case number(Double, Scalar)
  /// An integer in a general register.
  case general(Register, Scalar)
  /// A number in the lowest element of a vector register.
  case floating(Register, Scalar)
  case vector(Register, VectorKind)
  case pointer(Pointer)
  /// A structure, or an array in registers.
  case parts([Value])
  /// A comparison of integers that no register holds yet.
  case comparison(Condition, Register, Register, Int64)
  case undefined
}

/// An address that is known as far as it goes.
struct Pointer {
  var place: MemoryPlace
  var pointee: ValueType
  /// The pointer is NULL iff this register is 0; without it, it is `place` that tells.
  var guardRegister = Register.none
  /// `true` iff the memory is never written while the function runs.
  var isConstant = false
  /// The function that it points to, where that is known; it then has no place.
  var function: Symbol?

  static func null(_ pointee: ValueType) -> Pointer {
    Pointer(place: MemoryPlace(), pointee: pointee)
  }

  var isNull: Bool { place == MemoryPlace() && function == nil }
}

/// A variable of C.
struct Variable {
  var type: ValueType
  var value: Value
}
