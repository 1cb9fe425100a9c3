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
  private let regions: [Int]
  private let names: [String]
  private let parts = Mutex(Parts())

  /// What several kernels share, kept from one to the next.
  private struct Parts {
    /// What all kernels may call.
    var library: Library?
    /// The last region, by its place, and what its kernels call.
    var region: (place: Int, tree: RegionTree, library: Library)?
    /// All kernels as C, for those that are not compiled to machine code.
    var image: CodeImage?
  }

  /// - Returns: `nil` if the norm has no kernels, or they stay C.
  package init?(_ file: FileCode, for instructionSet: Target.InstructionSet) {
    guard file.fitsMachineCode else { return nil }
    self.file = file
    target = Target(instructionSet, file.type == .float32 ? .float32 : .float64)
    names = file.kernelNames
    regions = file.regionsOfKernels
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
    let (tree, library) = parts.withLock { region(of: index, &$0) }
    let name = "NAME(\(names[index]))"
    guard let kernel = tree.kernels.first(where: { $0.name == name }) else {
      preconditionFailure("internal error in emission: a region without its kernel \(name)")
    }
    return try machineCode(of: kernel, with: library, for: target)
  }

  private func region(of index: Int, _ parts: inout Parts) -> (RegionTree, Library) {
    if let region = parts.region, region.place == regions[index] {
      return (region.tree, region.library)
    }
    let type: CComputeType = file.type == .float32 ? .float32 : .float64
    let library =
      parts.library ?? (helpers[type] ?? Library()).adding(file.regionItems)
    parts.library = library
    let tree = file.region(at: regions[index])
    let whole = library.adding(tree.functions.map { .function($0) })
    parts.region = (regions[index], tree, whole)
    return (tree, whole)
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
