import LoopIR
import NormGen
import Synchronization

/// A way from a norm to code whose bits are compared.
enum TestedEngine: String, CaseIterable, Sendable {
  case jit, gcc, clang
  /// The JIT with the vectors of an older processor, and without any.
  case avx2, plain

  /// The engines for a type. Types of 16 bits are no matter of compilers: their conversions are
  /// integers or single instructions.
  static func tested(_ type: Options.Scalar) -> [Self] {
    switch type {
    case .float32, .float64: allCases
    case .bfloat16, .float16: [.jit, .avx2, .gcc]
    }
  }

  /// A warning is an error: no kernel of a test is made without this check.
  func engine(_ flags: [String] = []) -> Engine {
    switch self {
    case .jit: .jit
    case .avx2: .inMemory(.avx2)
    case .plain: .inMemory(.none)
    case .gcc: .cc(command: "gcc", flags: strictFlags + ["-O2", "-march=native"] + flags)
    case .clang: .cc(command: "clang", flags: strictFlags + ["-O2", "-march=native"] + flags)
    }
  }
}

/// The most that is asked of C that people build into their own projects.
let strictFlags = [
  "-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wpedantic", "-Werror",
]

/// The kernels of all norms of `specs/`, generic in their sizes, each made once for all tests, when
/// the first test wants it.
struct SpecKernels: Sendable {
  private struct Key: Hashable {
    let norm: String
    let type: Options.Scalar
    let engine: TestedEngine
  }

  /// The place of a kernel. Others wait while it is made.
  private final class Slot: Sendable {
    let kernel = Mutex<Result<Kernel, any Error>?>(nil)
  }

  private let slots: [Key: Slot]

  /// - Throws: what the compiler said of the kernel.
  subscript(norm: String, type: Options.Scalar, engine: TestedEngine) -> Kernel {
    get throws {
      guard let slot = slots[Key(norm: norm, type: type, engine: engine)] else {
        throw MissingNorm(name: norm)
      }
      return try slot.kernel.withLock { known in
        if let known { return known }
        let made = Result { try kernel(TestNorm.ofSpec(norm), type, engine.engine()) }
        known = made
        return made
      }.get()
    }
  }

  static let shared = SpecKernels()

  private init() {
    let keys = TestNorm.names.flatMap { norm in
      Options.Scalar.allCases.flatMap { type in
        TestedEngine.tested(type).map { Key(norm: norm, type: type, engine: $0) }
      }
    }
    slots = Dictionary(uniqueKeysWithValues: keys.map { ($0, Slot()) })
  }
}

/// The kernel of a norm, generic in its sizes.
func kernel(_ norm: TestNorm, _ type: Options.Scalar, _ engine: Engine) throws -> Kernel {
  var options = Options()
  options.type = type
  return try Kernel(compile(norm.checked, options), engine: engine)
}
