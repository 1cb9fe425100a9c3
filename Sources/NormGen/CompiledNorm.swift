import LoopIR
import MachineCode
import Passes

/// A norm in C.
package struct CompiledNorm: Sendable {
  /// How the functions are called.
  package var interface: KernelInterface
  private let texts: Texts

  /// Where the texts come from.
  private enum Texts: Sendable {
    case given(GeneratedFiles, MachineKernels?)
    /// They are written when they are asked for: a kernel needs only one of them.
    case unwritten(FileCode)
  }

  /// - Parameter kernels: what `jitSource` declares and does not define.
  package init(
    interface: KernelInterface, header: String, source: String, jitSource: String,
    kernels: MachineKernels? = nil
  ) {
    self.interface = interface
    texts = .given(GeneratedFiles(header: header, source: source, memory: jitSource), kernels)
  }

  package init(interface: KernelInterface, file: FileCode) {
    self.interface = interface
    texts = .unwritten(file)
  }

  /// The text of `NAME.h`.
  package var header: String {
    switch texts {
    case .given(let files, _): files.header
    case .unwritten(let file): file.header
    }
  }

  /// The text of `NAME.c`, which includes `NAME.h`.
  package var source: String {
    switch texts {
    case .given(let files, _): files.source
    case .unwritten(let file): file.source
    }
  }

  /// One self-contained text for TinyCC: no `#include`.
  package var jitSource: String {
    switch texts {
    case .given(let files, _): files.memory
    case .unwritten(let file): file.memory
    }
  }

  /// The kernels as machine code; `nil` if they stay C.
  package func machineKernels(for instructionSet: Target.InstructionSet?) -> MachineKernels? {
    guard let instructionSet else { return nil }
    switch texts {
    case .given(_, let kernels): return kernels
    case .unwritten(let file): return MachineKernels(file, for: instructionSet)
    }
  }

  /// The text for TinyCC, with the kernels unless they are given.
  package func text(beside kernels: MachineKernels?) -> String {
    switch texts {
    case .given(let files, _): files.memory
    case .unwritten(let file): kernels == nil ? file.memory : file.memoryWithoutKernels
    }
  }

  /// The kernels that stay C, with the reasons.
  package func kernelsInC(for target: Target.InstructionSet) -> [String: Unsupported] {
    guard let kernels = machineKernels(for: target) else { return [:] }
    var reasons: [String: Unsupported] = [:]
    for (index, name) in kernels.kernelNames.enumerated() {
      do throws(Unsupported) { _ = try kernels.code(of: index) } catch { reasons[name] = error }
    }
    return reasons
  }
}
