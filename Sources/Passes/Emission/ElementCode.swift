import CCode
import LoopIR

/// How the elements of arrays are written in C: numbers of 16 bits are converted where they are
/// read and written, and nowhere else.
extension Buffer.Element {
  /// The type in memory.
  func cType(_ compute: ComputeType) -> CType {
    switch self {
    case .number: compute.cType
    case .short: .named("uint16_t")
    case .wide: .double
    case .mask: .named("uint8_t")
    case .count: .named("int64_t")
    }
  }

  /// The type of what is read.
  var type: LaneType {
    switch self {
    case .number, .short: .number
    case .wide, .count: .wide
    case .mask: .condition
    }
  }

  /// The operation that reads lanes.
  var load: String {
    switch self {
    case .number, .wide, .count: "v_load"
    case .short(let format): "v_load_" + format.prelude.rawValue
    case .mask: "m_load"
    }
  }

  /// The operation that writes lanes.
  var store: String {
    switch self {
    case .number, .wide, .mask, .count: "v_store"
    case .short(let format): "v_store_" + format.prelude.rawValue
    }
  }

  /// The operation that writes lanes past the caches.
  var stream: String {
    switch self {
    case .number, .wide, .mask, .count: "v_stream"
    case .short(let format): "v_stream_" + format.prelude.rawValue
    }
  }

  /// The function that repeats the numbers of an array, where there is one.
  var spread: String? {
    switch self {
    case .number: "spread"
    case .short(let format): "spread_" + format.prelude.rawValue
    case .wide, .mask, .count: nil
    }
  }

  /// The value of an element in scalar code.
  func read(_ element: CExpression) -> CExpression {
    switch self {
    case .number, .wide: element
    case .count: .cast(.double, element)
    case .short(let format): .call("from_" + format.prelude.rawValue, element)
    case .mask: .binary(.notEqual, element, .integer(0))
    }
  }

  /// What is stored for a value in scalar code.
  func written(_ value: CExpression) -> CExpression {
    switch self {
    case .number, .wide, .mask: value
    case .count: .cast(.named("int64_t"), value)
    case .short(let format): .call("to_" + format.prelude.rawValue, value)
    }
  }

  /// The format, of numbers of 16 bits.
  var short: CShortFormat? {
    switch self {
    case .short(let format): format.prelude
    case .number, .wide, .mask, .count: nil
    }
  }

  /// What an argument of a function points to.
  var argumentType: KernelArgument.ElementType {
    switch self {
    case .number: .real
    case .short(.bfloat16): .bfloat16
    case .short(.float16): .float16
    case .wide: .double
    case .mask: .mask
    case .count: .int64
    }
  }
}

extension ShortFormat {
  fileprivate var prelude: CShortFormat {
    switch self {
    case .bfloat16: .bfloat16
    case .float16: .float16
    }
  }
}
