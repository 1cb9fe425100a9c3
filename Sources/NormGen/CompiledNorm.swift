import Basics
import JIT
import LoopIR
import MachineCode
import Passes
import Syntax

/// A norm in C.
package struct CompiledNorm: Sendable {
  /// How the functions are called.
  package var interface: KernelInterface
  private let texts: Texts

  /// Where the texts come from.
  private enum Texts: Sendable {
    case given(GeneratedFiles, MachineKernels?)
    /// They are written when they are asked for: a kernel needs only one of them.
    case unwritten(UnwrittenFile)
  }

  /// - Parameter kernels: what `jitSource` declares and does not define.
  package init(
    interface: KernelInterface, header: String, source: String, jitSource: String,
    kernels: MachineKernels? = nil
  ) {
    self.interface = interface
    texts = .given(GeneratedFiles(header: header, source: source, memory: jitSource), kernels)
  }

  /// - Parameters:
  ///   - helper: makes kernels before they are called.
  ///   - options: how the compiler was asked for it.
  init(
    _ norm: CheckedNorm, _ functions: [CompiledFunction], _ interface: KernelInterface,
    _ helper: Helper, options: String
  ) {
    self.interface = interface
    texts = .unwritten(UnwrittenFile(norm, functions, interface, helper, options: options))
  }

  private init(_ interface: KernelInterface, _ file: UnwrittenFile) {
    (self.interface, texts) = (interface, .unwritten(file))
  }

  /// The part that holds a function for a call with these sizes.
  func part(of symbol: String, _ size: (String) -> Int?) -> NormPart {
    switch texts {
    case .given: .whole
    case .unwritten(let file): file.bySymbol[symbol]?.part(size) ?? .whole
    }
  }

  /// The norm with the functions of a part alone.
  func restricted(to part: NormPart) -> CompiledNorm {
    switch texts {
    case .given: return self
    case .unwritten(let file):
      let rest = file.restricted(to: part)
      var interface = interface
      interface.functions.removeAll { rest.bySymbol[$0.symbol] == nil }
      interface.ranked.removeAll { $0.steps.contains { rest.bySymbol[$0.symbol] == nil } }
      return CompiledNorm(interface, rest)
    }
  }

  /// The text of `NAME.h`.
  package var header: String {
    switch texts {
    case .given(let files, _): files.header
    case .unwritten(let file): file.code.value.header
    }
  }

  /// The text of `NAME.c`, which includes `NAME.h`.
  package var source: String {
    switch texts {
    case .given(let files, _): files.source
    case .unwritten(let file): file.code.value.source
    }
  }

  /// One self-contained text for TinyCC: no `#include`.
  package var jitSource: String {
    switch texts {
    case .given(let files, _): files.memory
    case .unwritten(let file): file.code.value.memory
    }
  }

  /// The kernels as machine code; `nil` if they stay C.
  package func machineKernels(for instructionSet: Target.InstructionSet?) -> MachineKernels? {
    guard let instructionSet else { return nil }
    switch texts {
    case .given(_, let kernels): return kernels
    case .unwritten(let file):
      return MachineKernels(file.code.value, for: instructionSet, file.helper)
    }
  }

  /// The text for TinyCC, with the kernels unless they are given.
  package func text(beside kernels: MachineKernels?) -> String {
    switch texts {
    case .given(let files, _): files.memory
    case .unwritten(let file):
      kernels == nil ? file.code.value.memory : file.code.value.memoryWithoutKernels
    }
  }

  /// The public functions beside kernels of machine code; `nil` for a given text.
  func entries(beside kernels: MachineKernels) throws(JITError) -> MachineEntries? {
    guard case .unwritten = texts else { return nil }
    return try MachineEntries(kernels.file, interface, kernels) { [self] in
      text(beside: kernels) + "\n" + packedAdapter(for: interface)
    }
  }

  /// The public functions that stay C, with the reasons.
  package func entriesInC(for target: Target.InstructionSet) -> [String: Unsupported] {
    guard let kernels = machineKernels(for: target) else { return [:] }
    let compiler = EntryCompiler(kernels.file, interface, kernels.target)
    var reasons: [String: Unsupported] = [:]
    for symbol in exportedSymbols(of: interface) {
      do throws(Unsupported) {
        _ = try compiler.code(of: symbol, kernels: 4096, count: kernels.kernelNames.count)
      } catch {
        reasons[symbol] = error
      }
    }
    for place in compiler.pieces.indices {
      do throws(Unsupported) { _ = try compiler.code(ofPiece: place) } catch {
        reasons[compiler.pieces[place].name] = error
      }
    }
    return reasons
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

/// Functions of a norm whose texts are still to be written.
private struct UnwrittenFile: Sendable {
  let bySymbol: [String: CompiledFunction]
  let code: Once<FileCode>
  private let norm: CheckedNorm
  private let functions: [CompiledFunction]
  private let interface: KernelInterface
  let helper: Helper
  private let options: String

  /// - Parameter interface: of all functions of the norm, by which statuses are numbered.
  init(
    _ norm: CheckedNorm, _ functions: [CompiledFunction], _ interface: KernelInterface,
    _ helper: Helper, options: String
  ) {
    self.norm = norm
    self.functions = functions
    self.interface = interface
    self.helper = helper
    self.options = options
    bySymbol = Dictionary(
      uniqueKeysWithValues: functions.map { ("\(interface.prefix)_\($0.name)", $0) })
    code = Once {
      FileCode(norm: norm, functions: functions, interface: interface, options: options)
    }
  }

  func restricted(to part: NormPart) -> UnwrittenFile {
    UnwrittenFile(
      norm, functions.compactMap { $0.restricted(to: part) }, interface, helper,
      options: options)
  }
}
