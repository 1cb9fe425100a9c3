import CCode
import JIT
import LoopIR
import MachineCode
import Passes
import Synchronization

/// The functions of the prelude by number type, read once.
private let helpers: [CComputeType: Library] = Dictionary(
  uniqueKeysWithValues: CComputeType.allCases.map {
    ($0, Library().adding(Prelude.helpers($0)))
  })

/// The kernels of a norm as machine code, made one by one.
package final class MachineKernels: Sendable {
  private let file: FileCode
  private let target: Target
  private let places: [KernelPlace]
  private let names: [String]
  private let parts = Mutex(Parts())

  /// What several kernels share, kept from one to the next.
  private struct Parts {
    /// What all kernels may call, and the kernels so far.
    var library: Library?
    /// The places whose code is in the library.
    var places: Set<KernelPlace> = []
    /// All kernels as C, for those that are not compiled to machine code.
    var image: CodeImage?
  }

  /// - Returns: `nil` if the norm has no kernels, or they stay C.
  package init?(_ file: FileCode, for instructionSet: Target.InstructionSet) {
    guard file.fitsMachineCode else { return nil }
    self.file = file
    target = Target(instructionSet, file.type == .float32 ? .float32 : .float64)
    names = file.kernelNames
    places = file.codeOfKernels
  }

  /// The name in C of each kernel.
  package var kernelNames: [String] { names }

  /// The kernels as functions that are made when they are first called.
  func deferred() throws(JITError) -> DeferredFunctions {
    try DeferredFunctions(count: names.count) { [count = names.count] resolver, context in
      let stubs = DeferringStubs(count: count, resolver: resolver, context: context)
      return DeferredFunctions.Stubs(
        code: stubs.code, starts: stubs.starts, nothing: stubs.nothing)
    } make: { (index) throws(JITError) in
      try self.made(index)
    }
  }

  private func made(_ index: Int) throws(JITError) -> DeferredFunctions.Made {
    do throws(Unsupported) {
      return .code(try code(of: index))
    } catch {
      return try inC(index)
    }
  }

  /// The machine code of a kernel.
  ///
  /// - Throws: where it holds what is not compiled.
  package func code(of index: Int) throws(Unsupported) -> [UInt8] {
    let library = parts.withLock { self.library(for: index, &$0) }
    return try machineCode(of: names[index], in: library, for: target)
  }

  /// A kernel and all that it calls, and those that were asked for before.
  private func library(for index: Int, _ parts: inout Parts) -> Library {
    let type: CComputeType = file.type == .float32 ? .float32 : .float64
    var library =
      parts.library ?? (helpers[type] ?? Library()).adding(file.regionItems)
    parts.library = nil
    if parts.places.insert(places[index]).inserted {
      for function in file.functions(at: places[index]) { library.add(function) }
    }
    parts.library = library
    return library
  }

  /// A kernel among all of them, compiled from C.
  private func inC(_ index: Int) throws(JITError) -> DeferredFunctions.Made {
    let symbol = "normgen_kernel"
    var image = parts.withLock { $0.image }
    if image == nil {
      let text = """
        const void *\(symbol)(size_t i) { return ((const void *const *)&kernels_plain)[i]; }
        """
      image = try JIT.compile(file.memory + "\n" + text, exports: [symbol])
      parts.withLock { $0.image = image }
    }
    guard let image, let address = image.address(of: symbol) else {
      throw .undefinedSymbols(symbol)
    }
    let find = unsafeBitCast(address, to: (@convention(c) (Int) -> UInt).self)
    return .function(find(index), in: image)
  }
}
