import Basics
import CCode
import JIT
import LoopIR
import MachineCode
import Passes
import Synchronization

/// The functions of the prelude by number type, read once.
private let helpers: [CComputeType: Library] = Dictionary(
  uniqueKeysWithValues: CComputeType.allCases.map {
    ($0, Library().adding(Prelude.helpers($0)).shared())
  })

/// The kernels of a norm as machine code, made one by one.
package final class MachineKernels: Sendable {
  let file: FileCode
  private let helper: Helper
  let target: Target
  private let names: [String]
  private let kernelsOfOneLane: Set<Int>
  /// What all kernels call and mention.
  private let shared: Once<Library>
  /// By kernel, its code and all that it calls; kernels of one group share it.
  private let libraries: [Once<Library>]
  /// All kernels as C, for those that are not compiled to machine code.
  private let image = Mutex<CodeImage?>(nil)

  /// - Parameter helper: makes kernels before they are called.
  /// - Returns: `nil` if the norm has no kernels, or they stay C.
  package init?(_ file: FileCode, for instructionSet: Target.InstructionSet, _ helper: Helper) {
    guard file.fitsMachineCode else { return nil }
    self.file = file
    self.helper = helper
    target = Target(instructionSet, file.type == .float32 ? .float32 : .float64)
    names = file.kernelNames
    kernelsOfOneLane = file.kernelsOfOneLane
    let shared = Once { (helpers[file.type.prelude] ?? Library()).adding(file.regionItems) }
    self.shared = shared
    // One closure for all groups, which copy it and not the file.
    let read: @Sendable (KernelGroup) -> Library = { group in
      shared.value.adding(file.functions(of: group).map { .function($0) })
    }
    var byGroup: [KernelGroup: Once<Library>] = [:]
    libraries = file.groupsOfKernels.map { group in
      if let library = byGroup[group] { return library }
      let library = Once { read(group) }
      byGroup[group] = library
      return library
    }
  }

  /// The name in C of each kernel.
  package var kernelNames: [String] { names }

  /// The kernels as functions that are made when they are first called, or shortly before; behind
  /// them the pieces of public functions.
  func deferred(with entries: EntryCompiler? = nil) throws(JITError) -> DeferredFunctions {
    let early = Once { [file] in file.kernelsBeforeCalls }
    helper.begin([
      { [shared, libraries] in
        shared.begin()
        for kernel in early.value { libraries[kernel].begin() }
      }
    ])
    let count = names.count + (entries?.pieces.count ?? 0)
    let functions = try DeferredFunctions(
      count: count, helper: helper
    ) { resolver, context in
      let stubs = DeferringStubs(count: count, resolver: resolver, context: context)
      return DeferredFunctions.Stubs(
        code: stubs.code, starts: stubs.starts, nothing: stubs.nothing)
    } likely: { [names] index in
      index < names.count ? self.file.kernels(likelyAfter: index) : []
    } make: { [names] (index) throws(JITError) in
      guard index >= names.count, let entries else { return try self.made(index) }
      do throws(Unsupported) {
        return .code(try entries.code(ofPiece: index - names.count))
      } catch {
        throw .compilation(error.description)
      }
    }
    helper.begin([{ early.value.forEach(functions.begin) }], .last)
    return functions
  }

  /// Lets a helper read a public function that is likely to be called after what has begun.
  func begin(_ place: Int, of entries: EntryCompiler) {
    helper.begin([{ entries.begin(place) }], .last)
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
    if kernelsOfOneLane.contains(index) {
      throw Unsupported("it computes with places, or in float64, one lane at a time")
    }
    return try machineCode(of: names[index], in: libraries[index].value, for: target)
  }

  /// A kernel among all of them, compiled from C.
  private func inC(_ index: Int) throws(JITError) -> DeferredFunctions.Made {
    let symbol = "normgen_kernel"
    var image = self.image.withLock { $0 }
    if image == nil {
      let text = """
        const void *\(symbol)(size_t i) { return ((const void *const *)&kernels_plain)[i]; }
        """
      image = try JIT.compile(file.memory + "\n" + text, exports: [symbol])
      self.image.withLock { [image] in $0 = image }
    }
    guard let image, let address = image.address(of: symbol) else {
      throw .undefinedSymbols(symbol)
    }
    let find = unsafeBitCast(address, to: (@convention(c) (Int) -> UInt).self)
    return .function(find(index), in: image)
  }
}
