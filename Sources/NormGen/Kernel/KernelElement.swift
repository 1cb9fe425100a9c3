import LoopIR

/// A type of elements of the arrays that kernels take.
public protocol KernelElement: BitwiseCopyable, Sendable {
  /// How C sees the type.
  static var storage: KernelStorage { get }
}

extension Float: KernelElement {
  public static var storage: KernelStorage { .float32 }
}

extension Double: KernelElement {
  public static var storage: KernelStorage { .float64 }
}

extension Float16: KernelElement {
  public static var storage: KernelStorage { .float16 }
}

extension BFloat16: KernelElement {
  public static var storage: KernelStorage { .bfloat16 }
}

/// An element of a mask: a byte of 0 or 1 in memory.
extension Bool: KernelElement {
  public static var storage: KernelStorage { .mask }
}

/// An element of a mask: true unless it is 0.
extension UInt8: KernelElement {
  public static var storage: KernelStorage { .mask }
}

extension Int64: KernelElement {
  public static var storage: KernelStorage { .int64 }
}

/// How an element is stored.
public enum KernelStorage: String, Hashable, CaseIterable, Sendable {
  case float32, float64, float16, bfloat16
  /// `uint8_t`: 0 is false, all else true.
  case mask
  case int64
  /// Bytes without a type: the workspace.
  case bytes

  /// The bytes of an element, which are also its alignment.
  public var byteCount: Int {
    switch self {
    case .float16, .bfloat16: 2
    case .float32: 4
    case .float64, .int64: 8
    case .mask, .bytes: 1
    }
  }
}

extension KernelArgument {
  /// How the elements of an array are stored; `nil` for what is no array.
  func storage(in interface: KernelInterface) -> KernelStorage? {
    guard shape != nil else { return nil }
    return type.storage(in: interface)
  }
}

extension KernelArgument.ElementType {
  /// How elements of the type are stored; `nil` for what has none.
  func storage(in interface: KernelInterface) -> KernelStorage? {
    switch self {
    case .real:
      switch interface.type {
      case .float32: .float32
      case .float64: .float64
      }
    case .bfloat16: .bfloat16
    case .float16: .float16
    case .double: .float64
    case .mask, .bool: .mask
    case .int64, .size: .int64
    case .bytes: .bytes
    case .executor: nil
    }
  }
}
