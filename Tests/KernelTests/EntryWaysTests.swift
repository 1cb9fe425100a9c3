import JIT
import LoopIR
import MachineCode
import Testing

@testable import NormGen

/// Public functions answer alike and write the same however they are called: compiled by TinyCC or
/// to machine code, or followed statement by statement.
@Suite struct EntryWaysTests {
  @Test(arguments: TestNorm.names)
  func allWaysAnswerAlike(_ name: String) throws {
    guard let instructionSet = Engine.Vectors.best.instructionSet else { return }
    let norm = try TestNorm.ofSpec(name)
    let ways = try EntryWays(compile(norm.checked, Options()), instructionSet)
    let kernel = try SpecKernels.shared[name, .float32, .jit]
    var statuses: Set<Int64> = []
    for phase in norm.phases {
      for (seed, lengths) in [[5, 9, 3], [1, 1, 1], [70, 130, 65]].enumerated() {
        let sizes = norm.sizes { lengths[$0 % 3] }
        let call = try TestCall(norm, .float32, phase, sizes: sizes, seed: UInt64(seed))
        let saved = try call.run(.forward, kernel, saved: [:])
        for direction in Kernel.Direction.standard {
          let function = try kernel.function(direction, phase)
          for change in Change.all(of: function) {
            let outcomes = try EntryWays.Way.allCases.map { way in
              let memory = try CallMemory(call, direction, kernel, saved: saved)
              let status = try change.applied(to: memory) {
                try ways.call(way, function.symbol, memory.slots)
              }
              return Answer(status: status, contents: memory.contents)
            }
            statuses.insert(outcomes[0].status)
            #expect(outcomes[1] == outcomes[0], "\(call), \(direction), \(change): compiled")
            #expect(outcomes[2] == outcomes[0], "\(call), \(direction), \(change): direct")
          }
        }
      }
    }
    // Otherwise the test has shown little.
    #expect(statuses.isSuperset(of: [0, 1, 2]), "\(statuses)")
  }

  @Test(arguments: TestNorm.names)
  func allWaysTellTheSameSizeOfTheWorkspace(_ name: String) throws {
    guard let instructionSet = Engine.Vectors.best.instructionSet else { return }
    let compiled = try compile(TestNorm.ofSpec(name).checked, Options())
    let ways = try EntryWays(compiled, instructionSet)
    let interface = compiled.interface
    for length in [0, 1, 2, 63, 64, 65, 4097, 1 << 20, 1 << 33, 1 << 62] {
      for odd in interface.sizes.indices {
        let sizes = interface.sizes.indices.map {
          CallSlot.word(UInt64($0 == odd ? length : 6))
        }
        let answers = try EntryWays.Way.allCases.map {
          try ways.call($0, interface.workspaceSymbol, sizes)
        }
        #expect(Set(answers).count == 1, "\(length), \(odd): \(answers)")
      }
    }
  }
}

private struct Answer: Equatable {
  var status: Int64
  var contents: [String: [UInt8]]
}

/// What a call is given in place of what is right.
private enum Change: CustomStringConvertible {
  case nothing
  case null(String)
  case size(String, UInt64)
  case executor

  static func all(of function: KernelFunction) -> [Change] {
    let sizes = function.arguments.filter { $0.role == .size }
    let arrays = function.arguments.filter { $0.shape != nil && $0.role != .executor }
    return [.nothing, .executor] + arrays.map { .null($0.name) }
      + sizes.flatMap { [.size($0.name, 0), .size($0.name, 1 << 62)] }
  }

  var description: String {
    switch self {
    case .nothing: "as it is"
    case .null(let name): "\(name) is NULL"
    case .size(let name, let size): "\(name) is \(size)"
    case .executor: "with an executor"
    }
  }

  func applied(to memory: CallMemory, _ call: () throws -> Int64) throws -> Int64 {
    switch self {
    case .nothing: break
    case .null(let name): memory[name] = .array(nil)
    case .size(let name, let size): memory[name] = .word(size)
    case .executor:
      var counts = [0, 0]
      return try counts.withUnsafeMutableBufferPointer { counts in
        var executor = CExecutor.reversed(try #require(counts.baseAddress))
        return try withUnsafeMutablePointer(to: &executor) { executor in
          memory["executor"] = .array(UnsafeMutableRawPointer(executor))
          return try call()
        }
      }
    }
    return try call()
  }
}

/// The public functions of a norm, in their packed form, made in several ways.
private struct EntryWays {
  enum Way: CaseIterable { case tinyCC, compiled, direct }

  private let kernels: MachineKernels
  private let compiler: EntryCompiler
  private let table: DeferredFunctions
  private let image: CodeImage

  init(_ compiled: CompiledNorm, _ instructionSet: Target.InstructionSet) throws {
    let interface = compiled.interface
    kernels = try #require(compiled.machineKernels(for: instructionSet))
    compiler = EntryCompiler(kernels.file, interface, kernels.target)
    table = try kernels.deferred(with: compiler)
    image = try JIT.compile(
      compiled.text(beside: kernels) + "\n" + packedAdapter(for: interface),
      exports: exportedSymbols(of: interface), symbols: ["kernels_plain": table.table])
  }

  func call(_ way: Way, _ symbol: String, _ slots: [CallSlot]) throws -> Int64 {
    let name = packedSymbol(symbol)
    let answer = try withPacked(slots) { arguments in
      Result { try call(way, name, arguments) }
    }.get()
    // A status has 32 bits.
    return symbol.hasSuffix("_workspace") ? answer : Int64(Int32(truncatingIfNeeded: answer))
  }

  private func call(
    _ way: Way, _ name: String, _ arguments: UnsafePointer<UnsafeMutableRawPointer?>
  ) throws -> Int64 {
    let count = kernels.kernelNames.count
    switch way {
    case .tinyCC:
      let address = try #require(image.address(of: name))
      return unsafeBitCast(address, to: Packed.self)(arguments)
    case .compiled:
      let code = try CodeImage(
        holding: compiler.code(of: name, kernels: table.table, count: count))
      return withExtendedLifetime(code) {
        unsafeBitCast(code.start, to: Packed.self)(arguments)
      }
    case .direct:
      return try #require(
        try compiler.call(name, arguments, kernels: table.table, count: count))
    }
  }
}

private typealias Packed =
  @convention(c) (UnsafePointer<UnsafeMutableRawPointer?>) -> Int64
