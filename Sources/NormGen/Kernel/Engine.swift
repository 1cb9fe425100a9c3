import JIT
import LoopIR

/// What turns a norm's C into code that runs.
public enum Engine: Hashable, Sendable {
  /// TinyCC, in memory: compiles in about a millisecond, and needs nothing on the machine.
  case jit
  /// The machine's C compiler: `command` is looked up in `PATH` unless it is a path. It compiles
  /// the same text that `normgen compile` writes, in a temporary directory.
  case cc(command: String = "cc", flags: [String] = ["-std=c11", "-O2"])

  /// Compiles a norm together with its adapters.
  func load(_ norm: CompiledNorm) throws(JITError) -> LoadedCode {
    let adapter = packedAdapter(for: norm.interface)
    switch self {
    case .jit:
      let symbols = exportedSymbols(of: norm.interface)
      return .image(try JIT.compile(norm.jitSource + "\n" + adapter, exports: symbols))
    case .cc(let command, let flags):
      let compiler = SystemCompiler(command: command, flags: flags)
      let prefix = norm.interface.prefix
      let includes = "#include <stdbool.h>\n#include <stdint.h>\n#include \"\(prefix).h\"\n\n"
      return .library(
        try compiler.compile([
          ("\(prefix).h", norm.header), ("\(prefix).c", norm.source),
          ("\(prefix)_packed.c", includes + adapter),
        ]))
    }
  }
}

/// What a kernel calls in its code.
private func exportedSymbols(of interface: KernelInterface) -> [String] {
  (interface.functions.map(\.symbol) + [interface.workspaceSymbol]).map(packedSymbol)
    + [interface.statusTextSymbol]
}
