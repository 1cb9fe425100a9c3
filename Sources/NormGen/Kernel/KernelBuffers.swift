/// An array in memory that a kernel reads or writes; it does not own the memory.
public struct KernelBuffer {
  var start: UnsafeMutableRawPointer?
  var byteCount: Int
  var storage: KernelStorage
  var access: Access

  enum Access { case read, write }

  /// An array that is read. `nil` stands for no elements.
  public init(reading start: UnsafeRawPointer?, byteCount: Int, of storage: KernelStorage) {
    self.start = UnsafeMutableRawPointer(mutating: start)
    self.byteCount = byteCount
    self.storage = storage
    access = .read
  }

  /// An array that is written. `nil` stands for no elements.
  public init(writing start: UnsafeMutableRawPointer?, byteCount: Int, of storage: KernelStorage) {
    self.start = start
    self.byteCount = byteCount
    self.storage = storage
    access = .write
  }
}

/// The arrays of a call, by the names of the arguments in C: `x`, `weight`, `d_y`, `next_phi`.
///
/// It holds pointers: all memory must stay as it is until the call returns. `reading` and
/// `writing` see to that for spans:
///
///     try KernelBuffers().reading("x", x) { buffers in
///       try buffers.writing("y", &y) { buffers in
///         try kernel.call(.forward, .eval, sizes: ["N": 32, "C": 64], buffers: buffers)
///       }
///     }
public struct KernelBuffers {
  private(set) var buffers: [String: KernelBuffer] = [:]

  public init() {}

  /// The array of that name; `nil` takes it away. An output without an array is not computed.
  public subscript(name: String) -> KernelBuffer? {
    get { buffers[name] }
    set { buffers[name] = newValue }
  }

  /// Gives the function elements to read.
  public mutating func read<Element: KernelElement>(
    _ name: String, _ elements: UnsafeBufferPointer<Element>
  ) {
    let bytes = UnsafeRawBufferPointer(elements)
    self[name] = KernelBuffer(
      reading: bytes.baseAddress, byteCount: bytes.count, of: Element.storage)
  }

  /// Gives the function elements to write.
  public mutating func write<Element: KernelElement>(
    _ name: String, _ elements: UnsafeMutableBufferPointer<Element>
  ) {
    let bytes = UnsafeMutableRawBufferPointer(elements)
    self[name] = KernelBuffer(
      writing: bytes.baseAddress, byteCount: bytes.count, of: Element.storage)
  }

  /// Calls `body` with these buffers and the span, to be read.
  public func reading<Element: KernelElement, Result, Failure: Error>(
    _ name: String, _ span: Span<Element>, _ body: (KernelBuffers) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try span.withUnsafeBufferPointer { (elements) throws(Failure) in
      var buffers = self
      buffers.read(name, elements)
      return try body(buffers)
    }
  }

  /// Calls `body` with these buffers and the span, to be written.
  public func writing<Element: KernelElement, Result, Failure: Error>(
    _ name: String, _ span: inout MutableSpan<Element>,
    _ body: (KernelBuffers) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try span.withUnsafeMutableBufferPointer { (elements) throws(Failure) in
      var buffers = self
      buffers.write(name, elements)
      return try body(buffers)
    }
  }
}
