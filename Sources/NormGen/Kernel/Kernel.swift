import JIT
import LoopIR

/// The compiled functions of a norm, ready to be called.
///
/// A kernel does not change and owns no data: any number of threads may call it at once. Its code
/// is freed with it.
///
///     let kernel = try norm.compile()
///     let results = try kernel.run(
///       .forward, arrays: ["x": .float32(x), "weight": .float32(w), "bias": .float32(b)],
///       values: ["eps": 1e-5])
public final class Kernel: Sendable {
  /// How the functions are called.
  package let interface: KernelInterface
  /// What is taken for scalars, parameters and states that a caller leaves out.
  package let defaults: Defaults?
  /// The standard values of scalars.
  let standards: [String: KernelValue]
  private let code: LoadedCode
  private let functions: [String: PackedFunction]
  private let byteCounts: [String: PackedByteCount]
  private let statusText: StatusText

  /// The functions of a norm.
  public enum Direction: String, Hashable, CaseIterable, Sendable {
    case forward, backward
    /// The Jacobian-vector product: tangents of the outputs, given those of tensors and parameters
    /// (`Options.derivatives`).
    case jvp
    /// The backward of the backward (`Options.derivatives`).
    case vjp2

    /// Those that a norm has unless options say otherwise.
    static let standard: [Direction] = [.forward, .backward]
  }

  /// What a call is for: in training, statistics are those of the batch and states move on.
  public enum Phase: String, Hashable, CaseIterable, Sendable {
    case train, eval
  }

  /// Compiles a norm.
  ///
  /// - Parameter defaults: without them, callers give all scalars and initial values.
  /// - Throws: `.compilation`, which is a bug of ours or the machine's refusal.
  package init(
    _ norm: CompiledNorm, engine: Engine = .jit, defaults: Defaults? = nil
  ) throws(KernelError) {
    interface = norm.interface
    self.defaults = defaults
    standards = try defaults?.scalars() ?? [:]
    do { code = try engine.load(norm) } catch { throw .compilation(error.description) }
    var functions: [String: PackedFunction] = [:]
    let cuts = interface.ranked.flatMap(\.cuts)
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

  /// The name of the norm.
  public var name: String { interface.norm }

  /// The names of the events, in order.
  public var eventNames: [String] { interface.functions.compactMap(\.event) }

  /// The names of the sizes, in order.
  public var sizeNames: [String] { interface.sizes.map(\.name) }

  /// The bytes of workspace with which any function of the norm can be called.
  ///
  /// - Throws: where a size is missing, negative, or too large.
  public func workspaceByteCount(sizes: [String: Int]) throws(KernelError) -> Int {
    guard let function = interface.functions.first else { return 0 }
    return try workspaceByteCount(SizeTable(sizes, for: function, in: interface))
  }

  /// The bytes of workspace for sizes that are checked.
  func workspaceByteCount(_ table: SizeTable) throws(KernelError) -> Int {
    try byteCount(interface.workspaceSymbol, of: "the workspace", table)
  }

  /// What a C function from sizes to a number of bytes answers.
  func byteCount(
    _ symbol: String, of array: String, _ table: SizeTable
  ) throws(KernelError) -> Int {
    let words = interface.sizes.map { CallSlot.word(UInt64(table.sizes[$0.name] ?? 0)) }
    guard let function = byteCounts[symbol] else { throw .noFunction(symbol) }
    guard let count = Int(exactly: withPacked(words) { function($0) }) else {
      throw .tooLarge(argument: array)
    }
    return count
  }

  /// Calls the C function that merges `ranks` partial results, which lie one behind the other.
  func merge(
    _ symbol: String, ranks: Int, _ partials: UnsafeMutableRawPointer?,
    into merged: UnsafeMutableRawPointer?
  ) throws(KernelError) {
    guard let function = functions[symbol] else { throw .noFunction(symbol) }
    let slots = [CallSlot.word(UInt64(ranks)), .array(partials), .array(merged)]
    try check(withPacked(slots) { function($0) }, of: symbol)
  }

  /// The function of a direction and phase; in norms without states, evaluation is training.
  func function(_ direction: Direction, _ phase: Phase) throws(KernelError) -> KernelFunction {
    guard let function = interface.function(direction.inInterface, phase.inInterface) else {
      throw .noFunction("\(direction.rawValue) of \(name)")
    }
    return function
  }

  /// The function of an event.
  func function(event name: String) throws(KernelError) -> KernelFunction {
    guard let function = interface.function(event: name) else {
      throw .noFunction("event '\(name)' of \(self.name)")
    }
    return function
  }

  /// Calls a C function with one slot for each of its arguments.
  ///
  /// - Throws: `.status` with the text of the status that it returns, unless that is 0.
  func invoke(_ function: KernelFunction, _ slots: [CallSlot]) throws(KernelError) {
    precondition(slots.count == function.arguments.count, "a slot for each argument")
    let call = try packed(function)
    try check(withPacked(slots) { call($0) }, of: function.symbol)
  }

  /// The C function as it is called with packed arguments.
  func packed(_ function: KernelFunction) throws(KernelError) -> PackedFunction {
    guard let call = functions[function.symbol] else { throw .noFunction(function.symbol) }
    return call
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

extension Kernel.Direction {
  var inInterface: Direction {
    switch self {
    case .forward: .forward
    case .backward: .backward
    case .jvp: .jvp
    case .vjp2: .vjp2
    }
  }
}

extension Direction {
  /// The same for callers in Swift.
  package var ofKernels: Kernel.Direction {
    switch self {
    case .forward: .forward
    case .backward: .backward
    case .jvp: .jvp
    case .vjp2: .vjp2
    }
  }
}

extension Kernel.Phase {
  var inInterface: CallPhase {
    switch self {
    case .train: .train
    case .eval: .eval
    }
  }
}
