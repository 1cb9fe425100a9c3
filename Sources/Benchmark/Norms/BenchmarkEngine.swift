import Glibc
import LoopIR
import NormGen
import Syntax

/// A way to make code of a norm and to run it.
package struct BenchmarkEngine: Hashable, Sendable {
  /// What records call it.
  package var name: String
  package var engine: Engine
  /// Another text with the same interface, compiled in the place of the generated one.
  package var source: String?
  /// The axes whose sizes the kernel is compiled for; the others are given at each call.
  package var fixed: Set<String> = []
  /// How many threads share a call.
  package var threads = 1

  package init(_ name: String, _ engine: Engine, source: String? = nil) {
    self.name = name
    self.engine = engine
    self.source = source
  }

  /// What `normgen` makes of the norm in memory.
  package static let jit = BenchmarkEngine("jit", .jit)
  /// What the system's C compiler makes of the C that is written.
  package static let cc = BenchmarkEngine("cc", .cc())
}

/// Kernels by what they are made of (the sizes of a call do not matter), and threads by their
/// number.
package struct KernelStore {
  private var kernels: [Key: Kernel] = [:]
  private var threads: [Int: Kernel.Threads] = [:]

  private struct Key: Hashable {
    var norm: String
    var options: Options
    var phase: CallPhase
    var engine: BenchmarkEngine
  }

  package init() {}

  /// The kernel for a case, compiled unless it has been before.
  ///
  /// - Throws: `InputError` if the machine's compiler fails; what the compiler throws.
  mutating func kernel(_ norm: NormCase, _ engine: BenchmarkEngine) throws -> Kernel {
    var options = norm.options.ofCalls
    options.sizes = norm.options.sizes.filter { engine.fixed.contains($0.key) }
    var key = Key(norm: norm.norm.name, options: options, phase: norm.phase, engine: engine)
    key.engine.threads = 1
    if let kernel = kernels[key] { return kernel }
    var compiled = try compile(norm.norm, options)
    if let source = engine.source {
      var interface = compiled.interface
      // What is written by hand has the functions that are measured.
      interface.functions = Direction.standard.compactMap { interface.function($0, norm.phase) }
      compiled = CompiledNorm(
        interface: interface, header: compiled.header, source: source, jitSource: "")
    }
    let defaults = Defaults(of: norm.norm, fixed: options.sizes)
    let kernel = try reporting(on: engine.engine) {
      try inSameFloatingPointMode {
        try Kernel(compiled, engine: engine.engine, defaults: defaults)
      }
    }
    kernels[key] = kernel
    return kernel
  }

  /// So many threads.
  ///
  /// - Throws: `InputError` if the system has not so many.
  mutating func threads(_ count: Int) throws(InputError) -> Kernel.Threads {
    if let threads = threads[count] { return threads }
    do throws(KernelError) {
      let threads = try Kernel.Threads(count: count)
      self.threads[count] = threads
      return threads
    } catch {
      throw InputError(error.description)
    }
  }
}

/// What `body` returns; the mode of floating-point arithmetic is restored then: a library that is
/// linked with `-ffast-math` makes denormals zero for the thread that loads it.
func inSameFloatingPointMode<Result>(_ body: () throws -> Result) rethrows -> Result {
  var mode = fenv_t()
  fegetenv(&mode)
  defer { fesetenv(&mode) }
  return try body()
}

/// What `body` returns; what it throws for sizes that cannot be called is an `InputError`.
func reporting<Result>(on engine: Engine, _ body: () throws -> Result) throws -> Result {
  do {
    return try body()
  } catch let error as KernelError {
    if let reason = error.reasonForCaller(of: engine) { throw reason }
    throw error
  } catch let error as OutOfMemory {
    throw InputError(error.description)
  }
}
