import JIT
import LoopIR

/// Functions of a norm as code that can be called.
struct LoadedFunctions: Sendable {
  private let code: NormCode
  private let interface: KernelInterface

  /// Compiles the functions of a norm, or begins to.
  ///
  /// - Throws: `.compilation`, which is a bug of ours or the machine's refusal.
  init(_ norm: CompiledNorm, _ engine: Engine) throws(KernelError) {
    do { code = try engine.load(norm) } catch { throw .compilation(error.description) }
    interface = norm.interface
    if case .loaded = code {
      for symbol in exportedSymbols(of: interface) { _ = try code.address(of: symbol) }
    }
  }

  /// The C function as it is called with packed arguments.
  func packed(_ symbol: String) throws(KernelError) -> PackedFunction {
    unsafeBitCast(try code.address(of: packedSymbol(symbol)), to: PackedFunction.self)
  }

  /// The status of a call of a function that is not compiled yet; `nil` if it is, or must be.
  func directCall(
    _ symbol: String, _ arguments: UnsafePointer<UnsafeMutableRawPointer?>
  ) throws(KernelError) -> CInt? {
    try code.directCall(packedSymbol(symbol), arguments).map { CInt(truncatingIfNeeded: $0) }
  }

  /// Calls a C function with one slot for each of its arguments.
  ///
  /// - Throws: `.status` with the text of the status that it returns, unless that is 0.
  func invoke(_ symbol: String, _ slots: [CallSlot]) throws(KernelError) {
    let status = try withPacked(slots) { (arguments) throws(KernelError) in
      if let status = try directCall(symbol, arguments) { return status }
      return try packed(symbol)(arguments)
    }
    try check(status, of: symbol)
  }

  /// What a C function from sizes to a number of bytes answers; `nil` if it is too large.
  func byteCount(_ symbol: String, _ sizes: [CallSlot]) throws(KernelError) -> Int? {
    let name = packedSymbol(symbol)
    return try withPacked(sizes) { (arguments) throws(KernelError) in
      if let answer = try code.directCall(name, arguments) {
        return Int(exactly: UInt64(bitPattern: answer))
      }
      let function = unsafeBitCast(try code.address(of: name), to: PackedByteCount.self)
      return Int(exactly: function(arguments))
    }
  }

  /// Throws `.status` with its text, unless `status` is 0.
  ///
  /// And `.compilation` where a kernel could not be made when it was first called.
  func check(_ status: CInt, of symbol: String) throws(KernelError) {
    if let failure = code.failure { throw .compilation(failure.description) }
    guard status != 0 else { return }
    let text = code.text(ofStatus: status, interface) ?? "unknown status"
    throw .status(function: symbol, code: Int(status), text: text)
  }
}

/// An argument of a C function.
enum CallSlot {
  /// Passed by value; what C reads of it stands in the first bytes.
  case word(UInt64)
  /// An array, or NULL.
  case array(UnsafeMutableRawPointer?)
}

/// See `packedAdapter`.
typealias PackedFunction =
  @convention(c) @Sendable (UnsafePointer<UnsafeMutableRawPointer?>) -> CInt
private typealias PackedByteCount =
  @convention(c) @Sendable (UnsafePointer<UnsafeMutableRawPointer?>) -> UInt
/// Calls `body` with a pointer for each slot: the array, or where the value stands.
func withPacked<Result>(
  _ slots: [CallSlot],
  _ body: (UnsafePointer<UnsafeMutableRawPointer?>) throws(KernelError) -> Result
) throws(KernelError) -> Result {
  try withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(slots.count, 1)) {
    (words) throws(KernelError) in
    try withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer?.self, capacity: max(slots.count, 1)
    ) { (pointers) throws(KernelError) in
      for (index, slot) in slots.enumerated() {
        let word = words.baseAddress.map { $0 + index }
        switch slot {
        case .word(let value):
          word?.initialize(to: value)
          pointers.initializeElement(at: index, to: word.map { UnsafeMutableRawPointer($0) })
        case .array(let start):
          pointers.initializeElement(at: index, to: start)
        }
      }
      guard let start = pointers.baseAddress else { preconditionFailure("there is a slot") }
      return try body(UnsafePointer(start))
    }
  }
}
