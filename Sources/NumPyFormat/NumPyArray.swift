/// An array in NumPy's `.npy` format: a shape, and elements in C order (the last index fastest).
///
/// - Invariant: there are as many elements as the product of the shape, 1 for no dimensions.
package struct NumPyArray: Equatable, Sendable {
  /// The extents, slowest first; empty for a single number.
  package let shape: [Int]
  package let elements: Elements

  /// - Precondition: the count of `elements` is the product of `shape`.
  package init(shape: [Int], elements: Elements) {
    precondition(shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == elements.count)
    self.shape = shape
    self.elements = elements
  }

  /// The elements, of one of the types that the format can hold and this module reads.
  package enum Elements: Equatable, Sendable {
    case float16([Float16])
    /// The bits of each: the upper half of a float32.
    case bfloat16([UInt16])
    case float32([Float])
    case float64([Double])
    case bool([Bool])
    case uint8([UInt8])
    case int32([Int32])
    case int64([Int64])

    package var count: Int {
      switch self {
      case .float16(let values): values.count
      case .bfloat16(let bits): bits.count
      case .float32(let values): values.count
      case .float64(let values): values.count
      case .bool(let values): values.count
      case .uint8(let values): values.count
      case .int32(let values): values.count
      case .int64(let values): values.count
      }
    }

    package var type: NumPyType {
      switch self {
      case .float16: .float16
      case .bfloat16: .bfloat16
      case .float32: .float32
      case .float64: .float64
      case .bool: .bool
      case .uint8: .uint8
      case .int32: .int32
      case .int64: .int64
      }
    }
  }
}

/// A type of elements; the raw value is NumPy's code for it, without the order of bytes.
package enum NumPyType: String, CaseIterable, Sendable {
  case float16 = "f2"
  /// NumPy sees two bytes without meaning; so do packages write it that add the type to NumPy.
  case bfloat16 = "V2"
  case float32 = "f4"
  case float64 = "f8"
  case bool = "b1"
  case uint8 = "u1"
  case int32 = "i4"
  case int64 = "i8"

  /// The bytes of one element.
  package var size: Int {
    switch self {
    case .bool, .uint8: 1
    case .float16, .bfloat16: 2
    case .float32, .int32: 4
    case .float64, .int64: 8
    }
  }

  /// NumPy's name of the type: `float64`.
  package var name: String {
    switch self {
    case .float16: "float16"
    case .bfloat16: "bfloat16"
    case .float32: "float32"
    case .float64: "float64"
    case .bool: "bool"
    case .uint8: "uint8"
    case .int32: "int32"
    case .int64: "int64"
    }
  }
}
