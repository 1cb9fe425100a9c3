import JIT
import LoopIR

/// Functions of a norm as code that can be called.
struct LoadedFunctions: Sendable {
  private let code: LoadedCode
  private let functions: [String: PackedFunction]
  private let byteCounts: [String: PackedByteCount]
  private let statusText: StatusText

  /// Compiles all functions of a norm.
  ///
  /// - Throws: `.compilation`, which is a bug of ours or the machine's refusal.
  init(_ norm: CompiledNorm, _ engine: Engine) throws(KernelError) {
    do { code = try engine.load(norm) } catch { throw .compilation(error.description) }
    let interface = norm.interface
    let cuts = interface.ranked.flatMap(\.cuts)
    var functions: [String: PackedFunction] = [:]
    for symbol in interface.allFunctions.map(\.symbol) + cuts.map(\.mergeSymbol) {
      let address = try code.required(packedSymbol(symbol))
      functions[symbol] = unsafeBitCast(address, to: PackedFunction.self)
    }
    self.functions = functions
    var byteCounts: [String: PackedByteCount] = [:]
    for symbol in [interface.workspaceSymbol] + cuts.map(\.byteCountSymbol) {
      let address = try code.required(packedSymbol(symbol))
      byteCounts[symbol] = unsafeBitCast(address, to: PackedByteCount.self)
    }
    self.byteCounts = byteCounts
    statusText = unsafeBitCast(
      try code.required(interface.statusTextSymbol), to: StatusText.self)
  }

  /// The C function as it is called with packed arguments.
  func packed(_ symbol: String) throws(KernelError) -> PackedFunction {
    guard let call = functions[symbol] else { throw .noFunction(symbol) }
    return call
  }

  /// Calls a C function with one slot for each of its arguments.
  ///
  /// - Throws: `.status` with the text of the status that it returns, unless that is 0.
  func invoke(_ symbol: String, _ slots: [CallSlot]) throws(KernelError) {
    let call = try packed(symbol)
    try check(withPacked(slots) { call($0) }, of: symbol)
  }

  /// What a C function from sizes to a number of bytes answers; `nil` if it is too large.
  func byteCount(_ symbol: String, _ sizes: [CallSlot]) throws(KernelError) -> Int? {
    guard let function = byteCounts[symbol] else { throw .noFunction(symbol) }
    return Int(exactly: withPacked(sizes) { function($0) })
  }

  /// Throws `.status` with its text, unless `status` is 0.
  ///
  /// And `.compilation` where a kernel could not be made when it was first called.
  func check(_ status: CInt, of symbol: String) throws(KernelError) {
    if let failure = code.failure { throw .compilation(failure.description) }
    guard status != 0 else { return }
    let text = statusText(status).map { String(cString: $0) } ?? "unknown status"
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
private typealias StatusText = @convention(c) @Sendable (CInt) -> UnsafePointer<CChar>?

extension LoadedCode {
  fileprivate func required(_ symbol: String) throws(KernelError) -> UnsafeRawPointer {
    guard let address = address(of: symbol) else {
      throw .compilation("the generated C lacks \(symbol)")
    }
    return address
  }
}

/// Calls `body` with a pointer for each slot: the array, or where the value stands.
private func withPacked<Result>(
  _ slots: [CallSlot], _ body: (UnsafePointer<UnsafeMutableRawPointer?>) -> Result
) -> Result {
  withUnsafeTemporaryAllocation(of: UInt64.self, capacity: max(slots.count, 1)) { words in
    withUnsafeTemporaryAllocation(
      of: UnsafeMutableRawPointer?.self, capacity: max(slots.count, 1)
    ) { pointers in
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
      return body(UnsafePointer(start))
    }
  }
}
