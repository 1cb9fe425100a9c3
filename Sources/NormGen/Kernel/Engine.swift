import JIT
import LoopIR
import MachineCode

/// What turns a norm's C into code that runs.
public enum Engine: Hashable, Sendable {
  /// In memory: machine code of our own, and TinyCC for the little that it does not hold.
  /// Compiles in about a millisecond, and needs nothing on the machine. The machine code of each
  /// kernel is made when a call first needs it, in some tenths of a millisecond; so is all that
  /// only evaluation, events, or calls with empty runs of dimensions (`S...`) need. What surrounds
  /// kernels is followed statement by statement in a first call, and compiled for the next.
  ///
  /// While it compiles and after first calls, a second thread makes kernels that are likely to be
  /// called next. In a process there are at any time fewer such threads than processors on which
  /// it may run, so none where there is one; each ends when it has had nothing to do for a second.
  case inMemory(Vectors)
  /// The machine's C compiler: `command` is looked up in `PATH` unless it is a path. It compiles
  /// the same text that `normgen compile` writes, in a temporary directory.
  case cc(command: String = "cc", flags: [String] = ["-std=c11", "-O3", "-march=native"])

  /// In memory, with the best vectors that the processor has.
  public static let jit = Engine.inMemory(.best)

  /// The vectors that code in memory computes with. All give the same bits.
  public enum Vectors: String, Hashable, CaseIterable, Sendable {
    /// The widest that the processor has.
    case best
    /// Those of an instruction set, which the processor must have.
    case avx512, avx2
    /// None: plain C, compiled by TinyCC. Much slower, and runs everywhere.
    case none

    /// The instructions that lanes are compiled to; `nil` for C.
    package var instructionSet: Target.InstructionSet? {
      switch self {
      case .avx512: .avx512
      case .avx2: .avx2
      case .none: nil
      case .best:
        switch HostProcessor.current {
        case .avx512: .avx512
        case .avx2: .avx2
        case .other: nil
        }
      }
    }
  }

  /// `true` iff it compiles the parts of a norm one by one, when they are first called.
  var loadsParts: Bool {
    switch self {
    case .inMemory: true
    case .cc: false
    }
  }

  /// Compiles a norm together with its adapters.
  func load(_ norm: CompiledNorm) throws(JITError) -> NormCode {
    switch self {
    case .inMemory(let vectors):
      let kernels = norm.machineKernels(for: vectors.instructionSet)
      if let kernels, let entries = try norm.entries(beside: kernels) { return .made(entries) }
      return .loaded(try compiled(norm, beside: kernels))
    case .cc(let command, let flags):
      let compiler = SystemCompiler(command: command, flags: flags)
      let prefix = norm.interface.prefix
      let includes = "#include <stdbool.h>\n#include <stdint.h>\n#include \"\(prefix).h\"\n\n"
      return .loaded(
        .library(
          try compiler.compile([
            ("\(prefix).h", norm.header), ("\(prefix).c", norm.source),
            ("\(prefix)_packed.c", includes + packedAdapter(for: norm.interface)),
          ])))
    }
  }

  /// Compiles the text of a norm with TinyCC.
  private func compiled(
    _ norm: CompiledNorm, beside kernels: MachineKernels?
  ) throws(JITError) -> LoadedCode {
    let deferred = try kernels?.deferred()
    let image = try JIT.compile(
      norm.text(beside: kernels) + "\n" + packedAdapter(for: norm.interface),
      exports: exportedSymbols(of: norm.interface) + [norm.interface.statusTextSymbol],
      symbols: deferred.map { ["kernels_plain": $0.table] } ?? [:])
    return .image(image, deferred)
  }
}

/// What a kernel calls in its code.
func exportedSymbols(of interface: KernelInterface) -> [String] {
  let cuts = interface.ranked.flatMap(\.cuts)
  let between = cuts.flatMap { [$0.byteCountSymbol, $0.mergeSymbol] }
  return (interface.allFunctions.map(\.symbol) + [interface.workspaceSymbol] + between)
    .map(packedSymbol)
}
