import Basics
import LoopIR
import Synchronization

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
  private let norm: CompiledNorm
  private let engine: Engine
  private let parts = Mutex<[NormPart: Once<Result<LoadedFunctions, KernelError>>]>([:])

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

  /// Compiles a norm, or what most programs call of it: other phases, events, and forms of calls
  /// are compiled in memory when they are first called.
  ///
  /// - Parameter defaults: without them, callers give all scalars and initial values.
  /// - Throws: `.compilation`, which is a bug of ours or the machine's refusal.
  package init(
    _ norm: CompiledNorm, engine: Engine = .jit, defaults: Defaults? = nil
  ) throws(KernelError) {
    interface = norm.interface
    self.defaults = defaults
    standards = try defaults?.scalars() ?? [:]
    (self.norm, self.engine) = (norm, engine)
    if let function = interface.functions.first { _ = try loaded(function.symbol) { _ in nil } }
  }

  /// The code of a function for calls with these sizes, with that of the other functions of its
  /// part.
  ///
  /// - Throws: `.compilation`, which is a bug of ours or the machine's refusal.
  func loaded(
    _ symbol: String, size: (String) -> Int?
  ) throws(KernelError) -> LoadedFunctions {
    let part = engine.loadsParts ? norm.part(of: symbol, size) : .whole
    let code = parts.withLock { [norm, engine] parts in
      if let code = parts[part] { return code }
      let code = Once {
        Result { () throws(KernelError) in
          try LoadedFunctions(norm.restricted(to: part), engine)
        }
      }
      parts[part] = code
      return code
    }
    return try code.value.get()
  }

  /// The name of the norm.
  public var name: String { interface.norm }

  /// The names of the events, in order.
  public var eventNames: [String] { interface.functions.compactMap(\.event) }

  /// The names of the sizes, in order.
  public var sizeNames: [String] { interface.sizes.map(\.name) }

  /// Those of some sizes that are given at each call; the kernel may be compiled for the others.
  package func open(_ sizes: [String: Int]) -> [String: Int] {
    sizes.filter { sizeNames.contains($0.key) }
  }

  /// The bytes of workspace with which any function of the norm can be called.
  ///
  /// - Throws: where a size is missing, negative, or too large.
  public func workspaceByteCount(sizes: [String: Int]) throws(KernelError) -> Int {
    guard let function = interface.functions.first else { return 0 }
    return try workspaceByteCount(SizeTable(sizes, for: function, in: interface))
  }

  /// The bytes of workspace for sizes that are checked.
  func workspaceByteCount(_ table: SizeTable) throws(KernelError) -> Int {
    var most = 0
    for function in interface.allFunctions {
      most = max(most, try workspaceByteCount(table, for: function))
    }
    return most
  }

  /// The bytes of workspace that one function needs, and those that are compiled with it.
  func workspaceByteCount(
    _ table: SizeTable, for function: KernelFunction
  ) throws(KernelError) -> Int {
    try byteCount(
      interface.workspaceSymbol, of: "the workspace", table,
      beside: loaded(function.symbol) { table.sizes[$0] })
  }

  /// What a C function from sizes to a number of bytes answers.
  func byteCount(
    _ symbol: String, of array: String, _ table: SizeTable, beside functions: LoadedFunctions
  ) throws(KernelError) -> Int {
    let words = interface.sizes.map { CallSlot.word(UInt64(table.sizes[$0.name] ?? 0)) }
    guard let count = try functions.byteCount(symbol, words) else {
      throw .tooLarge(argument: array)
    }
    return count
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
    // Without a dictionary: to make one raises the caller's floating-point flags.
    let functions = try loaded(function.symbol) { name in
      let place = function.arguments.firstIndex { $0.role == .size && $0.subject == name }
      guard let place, case .word(let size) = slots[place] else { return nil }
      return Int(clamping: size)
    }
    try functions.invoke(function.symbol, slots)
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
