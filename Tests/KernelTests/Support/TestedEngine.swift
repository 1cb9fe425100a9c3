import Foundation
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
    case .bfloat16, .float16: [.jit, .gcc]
    }
  }

  /// A warning is an error: no kernel of a test is made without this check.
  func engine(_ flags: [String] = []) -> Engine {
    switch self {
    case .jit: .jit
    case .avx2: .inMemory(.avx2)
    case .plain: .inMemory(.none)
    case .gcc: .cc(command: "gcc", flags: strictFlags + ["-O2"] + flags)
    case .clang: .cc(command: "clang", flags: strictFlags + ["-O2"] + flags)
    }
  }
}

/// The most that is asked of C that people build into their own projects.
let strictFlags = [
  "-std=c11", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wpedantic", "-Werror",
]

/// The kernels of all norms of `specs/`, generic in their sizes, each made once for all tests.
struct SpecKernels: Sendable {
  struct Key: Hashable {
    let norm: String
    let type: Options.Scalar
    let engine: TestedEngine
  }

  private let kernels: [Key: Result<Kernel, any Error>]

  /// - Throws: what the compiler said of the kernel.
  subscript(norm: String, type: Options.Scalar, engine: TestedEngine) -> Kernel {
    get throws {
      guard let kernel = kernels[Key(norm: norm, type: type, engine: engine)] else {
        throw MissingNorm(name: norm)
      }
      return try kernel.get()
    }
  }

  static let shared = SpecKernels()

  private init() {
    let keys = TestNorm.names.flatMap { norm in
      Options.Scalar.allCases.flatMap { type in
        TestedEngine.tested(type).map { Key(norm: norm, type: type, engine: $0) }
      }
    }
    let made = concurrently(keys) { key in
      Result { try kernel(TestNorm.ofSpec(key.norm), key.type, key.engine.engine()) }
    }
    kernels = Dictionary(uniqueKeysWithValues: zip(keys, made))
  }
}

/// The kernel of a norm, generic in its sizes.
func kernel(_ norm: TestNorm, _ type: Options.Scalar, _ engine: Engine) throws -> Kernel {
  var options = Options()
  options.type = type
  return try Kernel(compile(norm.checked, options), engine: engine)
}

/// The results of `body` for each element, made two at a time.
func concurrently<Element: Sendable, Result: Sendable>(
  _ elements: [Element], _ body: @Sendable (Element) -> Result
) -> [Result] {
  let next = Mutex(0)
  let results = Mutex<[Int: Result]>([:])
  DispatchQueue.concurrentPerform(iterations: 2) { _ in
    while true {
      let index = next.withLock { index in
        defer { index += 1 }
        return index
      }
      guard index < elements.count else { return }
      let result = body(elements[index])
      results.withLock { $0[index] = result }
    }
  }
  return results.withLock { results in elements.indices.compactMap { results[$0] } }
}
