/// The elements of an array that a kernel reads or writes.
public enum KernelArray: Hashable, Sendable {
  case float32([Float])
  case float64([Double])
  case float16([Float16])
  case bfloat16([BFloat16])
  case mask([Bool])
  case int64([Int64])

  /// An array of zeros; `nil` where the storage has no elements of a type.
  init?(zeros count: Int, of storage: KernelStorage) {
    switch storage {
    case .float32: self = .float32(Array(repeating: 0, count: count))
    case .float64: self = .float64(Array(repeating: 0, count: count))
    case .float16: self = .float16(Array(repeating: 0, count: count))
    case .bfloat16:
      self = .bfloat16(Array(repeating: BFloat16(bitPattern: 0), count: count))
    case .mask: self = .mask(Array(repeating: false, count: count))
    case .int64: self = .int64(Array(repeating: 0, count: count))
    case .bytes: return nil
    }
  }

  /// Numbers, rounded to the storage; in a mask all but 0 is true.
  ///
  /// `nil` where the storage has no elements of a type, or a number is no `Int64`.
  public init?(_ numbers: some Sequence<Double>, as storage: KernelStorage) {
    switch storage {
    case .float32: self = .float32(numbers.map { Float($0) })
    case .float64: self = .float64(Array(numbers))
    case .float16: self = .float16(numbers.map { Float16($0) })
    case .bfloat16: self = .bfloat16(numbers.map { BFloat16($0) })
    case .mask: self = .mask(numbers.map { $0 != 0 })
    case .int64:
      let integers = numbers.map { Int64(exactly: $0) }
      guard !integers.contains(nil) else { return nil }
      self = .int64(integers.compactMap { $0 })
    case .bytes: return nil
    }
  }

  /// A copy of the elements.
  public init(copying span: Span<Float>) {
    self = .float32(span.withUnsafeBufferPointer { Array($0) })
  }

  /// A copy of the elements.
  public init(copying span: Span<Double>) {
    self = .float64(span.withUnsafeBufferPointer { Array($0) })
  }

  /// The number of elements.
  public var count: Int {
    switch self {
    case .float32(let elements): elements.count
    case .float64(let elements): elements.count
    case .float16(let elements): elements.count
    case .bfloat16(let elements): elements.count
    case .mask(let elements): elements.count
    case .int64(let elements): elements.count
    }
  }

  public var storage: KernelStorage {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .float16: .float16
    case .bfloat16: .bfloat16
    case .mask: .mask
    case .int64: .int64
    }
  }

  /// The elements as numbers; exact, but for integers beyond 2^53.
  public var numbers: [Double] {
    switch self {
    case .float32(let elements): elements.map { Double($0) }
    case .float64(let elements): elements
    case .float16(let elements): elements.map { Double($0) }
    case .bfloat16(let elements): elements.map { Double(Float($0)) }
    case .mask(let elements): elements.map { $0 ? 1 : 0 }
    case .int64(let elements): elements.map { Double($0) }
    }
  }

  /// The elements if they are of that type; `nil` if they are of another.
  public func elements<Element: KernelElement>(as type: Element.Type = Element.self) -> [Element]? {
    switch self {
    case .float32(let elements): elements as? [Element]
    case .float64(let elements): elements as? [Element]
    case .float16(let elements): elements as? [Element]
    case .bfloat16(let elements): elements as? [Element]
    case .mask(let elements): elements as? [Element]
    case .int64(let elements): elements as? [Element]
    }
  }

  /// Calls `body` with the memory of the elements.
  package func withBytes<Result, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    switch self {
    case .float32(let elements): try elements.span.withUnsafeBytes(body)
    case .float64(let elements): try elements.span.withUnsafeBytes(body)
    case .float16(let elements): try elements.span.withUnsafeBytes(body)
    case .bfloat16(let elements): try elements.span.withUnsafeBytes(body)
    case .mask(let elements): try elements.span.withUnsafeBytes(body)
    case .int64(let elements): try elements.span.withUnsafeBytes(body)
    }
  }

  /// Calls `body` with the memory of the elements, to be changed.
  mutating func withMutableBytes<Result, Failure: Error>(
    _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Taken out first: an array that is referred to twice would be copied.
    switch self {
    case .float32(var elements):
      self = .float32([])
      defer { self = .float32(elements) }
      return try bytes(of: &elements, body)
    case .float64(var elements):
      self = .float64([])
      defer { self = .float64(elements) }
      return try bytes(of: &elements, body)
    case .float16(var elements):
      self = .float16([])
      defer { self = .float16(elements) }
      return try bytes(of: &elements, body)
    case .bfloat16(var elements):
      self = .bfloat16([])
      defer { self = .bfloat16(elements) }
      return try bytes(of: &elements, body)
    case .mask(var elements):
      self = .mask([])
      defer { self = .mask(elements) }
      return try bytes(of: &elements, body)
    case .int64(var elements):
      self = .int64([])
      defer { self = .int64(elements) }
      return try bytes(of: &elements, body)
    }
  }
}

private func bytes<Element: KernelElement, Result, Failure: Error>(
  of elements: inout [Element],
  _ body: (UnsafeMutableRawBufferPointer) throws(Failure) -> Result
) throws(Failure) -> Result {
  var span = elements.mutableSpan
  return try span.withUnsafeMutableBytes(body)
}
