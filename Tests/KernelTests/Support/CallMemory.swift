import LoopIR

@testable import NormGen

/// The arrays of one call of a C function, each between guard bytes, and its arguments, which a
/// test may change: what the checks of the Swift interface would refuse reaches the C.
final class CallMemory {
  let function: KernelFunction
  private let kernel: Kernel
  /// One for each argument of the function.
  private(set) var slots: [CallSlot] = []
  private var blocks: [Block] = []

  /// An array with `guardBytes` before and after it.
  private struct Block {
    let name: String
    let storage: KernelStorage
    let memory: UnsafeMutableRawBufferPointer
    var elements: UnsafeMutableRawBufferPointer {
      UnsafeMutableRawBufferPointer(
        rebasing: memory[guardBytes..<(memory.count - guardBytes)])
    }
  }

  /// Memory for a call: inputs hold what `call` and `saved` give, outputs a pattern of bytes.
  init(
    _ call: TestCall, _ direction: Kernel.Direction, _ kernel: Kernel,
    saved: [String: KernelArray] = [:]
  ) throws {
    self.kernel = kernel
    function = try kernel.function(direction, call.phase)
    let known = kernel.open(call.sizes)
    let table = try SizeTable(known, for: function, in: kernel.interface)
    for argument in function.arguments {
      switch argument.role {
      case .size: slots.append(.word(UInt64(table.sizes[argument.name] ?? 0)))
      case .partials, .merged, .executor: slots.append(.array(nil))
      case .workspace:
        let bytes = try kernel.workspaceByteCount(table)
        slots.append(.array(bytes > 0 ? allocate("workspace", bytes, of: .bytes) : nil))
      case .scalar, .eventArgument, .counter: slots.append(.word(word(call.value(for: argument))))
      case .tensor, .outputGradient, .tangent, .gradientAdjoint, .mask, .index, .parameter, .state,
        .nextState, .nextCounter, .output, .gradient, .outputTangent, .outputGradientAdjoint,
        .saved:
        let given = call.array(for: argument, kernel) ?? saved[argument.name]
        slots.append(try array(argument, given, table))
      }
    }
  }

  deinit { for block in blocks { block.memory.deallocate() } }

  /// Calls the function.
  ///
  /// - Throws: `KernelError.status`.
  func invoke() throws(KernelError) { try kernel.invoke(function, slots) }

  /// What is passed for the argument of that name.
  subscript(name: String) -> CallSlot? {
    get { function.arguments.firstIndex { $0.name == name }.map { slots[$0] } }
    set {
      guard let index = function.arguments.firstIndex(where: { $0.name == name }), let newValue
      else { return }
      slots[index] = newValue
    }
  }

  /// All bytes of all arrays, those of the guards too, by name; without the workspace.
  var contents: [String: [UInt8]] {
    Dictionary(
      uniqueKeysWithValues: blocks.filter { $0.storage != .bytes }.map {
        ($0.name, Array($0.memory))
      })
  }

  /// All bytes after a call with an executor: a `normgen_executor`, or NULL.
  func contents(executor: UnsafeMutableRawPointer?) throws(KernelError) -> [String: [UInt8]] {
    self["executor"] = .array(executor)
    try invoke()
    return contents
  }

  /// The names of arrays whose guards were written to.
  var broken: [String] {
    blocks.filter { block in
      block.memory.prefix(guardBytes).contains { $0 != pattern }
        || block.memory.suffix(guardBytes).contains { $0 != pattern }
    }.map(\.name)
  }

  /// The elements of an array.
  func array(_ name: String) -> KernelArray? {
    guard let block = blocks.first(where: { $0.name == name }) else { return nil }
    switch block.storage {
    case .float32: return .float32(Array(block.elements.bindMemory(to: Float.self)))
    case .float64: return .float64(Array(block.elements.bindMemory(to: Double.self)))
    case .float16: return .float16(Array(block.elements.bindMemory(to: Float16.self)))
    case .bfloat16: return .bfloat16(Array(block.elements.bindMemory(to: BFloat16.self)))
    case .int64: return .int64(Array(block.elements.bindMemory(to: Int64.self)))
    case .mask: return .mask(block.elements.map { $0 != 0 })
    case .bytes: return nil
    }
  }

  /// What the function wrote, by name, in the terms of an `Outcome`.
  func written(_ direction: Kernel.Direction) -> [String: [Double]] {
    var written: [String: [Double]] = [:]
    for argument in function.arguments where argument.isWritten(by: direction) {
      written[argument.name] = array(argument.name)?.numbers
    }
    return written
  }

  private func array(
    _ argument: KernelArgument, _ given: KernelArray?, _ table: SizeTable
  ) throws -> CallSlot {
    guard let storage = argument.storage(in: kernel.interface) else {
      return .word(given.flatMap { $0.numbers.first }.map { UInt64(Int64($0)) } ?? 0)
    }
    let count = try table.length(argument.shape ?? [], of: argument.name)
    let start = allocate(argument.name, count * storage.byteCount, of: storage)
    if let given, let block = blocks.last {
      precondition(given.count == count, "\(argument.name) has another length")
      given.withBytes { block.elements.copyMemory(from: $0) }
    }
    return .array(start)
  }

  private func allocate(
    _ name: String, _ bytes: Int, of storage: KernelStorage
  ) -> UnsafeMutableRawPointer? {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: bytes + 2 * guardBytes, alignment: 64)
    memory.initializeMemory(as: UInt8.self, repeating: pattern)
    blocks.append(Block(name: name, storage: storage, memory: memory))
    return blocks.last?.elements.baseAddress ?? memory.baseAddress.map { $0 + guardBytes }
  }

  private func word(_ value: KernelValue?) -> UInt64 {
    switch value {
    case .number(let number): number.bitPattern
    case .count(let count): UInt64(bitPattern: count)
    case .condition(let holds): UInt64(holds ? 1 : 0).littleEndian
    case nil: 0
    }
  }
}

private let guardBytes = 64
private let pattern: UInt8 = 0xA5
