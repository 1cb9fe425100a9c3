import NormGen
import Testing

@Suite struct KernelCacheTests {
  private let norm: Norm
  private let cache = KernelCache()

  init() throws {
    norm = try Norm.parse("norm f(x[N, C]) -> y { y = x - mean[C](x) }")[0]
  }

  @Test func aKernelIsMadeOnce() throws {
    let key = KernelCache.Key(norm, Options(), .jit)
    var made = 0
    let kernels = try (0..<3).map { _ in
      try cache.kernel(key) {
        made += 1
        return try Kernel(ScaleKernel.compiled)
      }
    }
    #expect(made == 1)
    #expect(kernels.allSatisfy { $0 === kernels[0] })
  }

  @Test func allThatDeterminesAKernelTellsThemApart() throws {
    var fixed = Options()
    fixed.sizes = ["C": 8]
    var double = Options()
    double.type = .float64
    let other = try Norm.parse("norm f(x[N, C]) -> y { y = x - max[C](x) }")[0]
    let keys = [
      KernelCache.Key(norm, Options(), .jit), KernelCache.Key(norm, fixed, .jit),
      KernelCache.Key(norm, double, .jit), KernelCache.Key(other, Options(), .jit),
      KernelCache.Key(norm, Options(), .cc()), KernelCache.Key(norm, Options(), .cc(flags: [])),
    ]
    let kernels = try keys.map { key in
      try cache.kernel(key) { try Kernel(ScaleKernel.compiled) }
    }
    #expect(cache.count == 6)
    #expect(Set(kernels.map { ObjectIdentifier($0) }).count == 6)
  }

  @Test func aFailureIsNotKept() throws {
    let key = KernelCache.Key(norm, Options(), .jit)
    #expect(throws: KernelError.compilation("once")) {
      try cache.kernel(key) { throw KernelError.compilation("once") }
    }
    #expect(cache.count == 0)
    _ = try cache.kernel(key) { try Kernel(ScaleKernel.compiled) }
    #expect(cache.count == 1)
  }

  @Test func whatWasForgottenIsMadeAgain() throws {
    let key = KernelCache.Key(norm, Options(), .jit)
    let first = try cache.kernel(key) { try Kernel(ScaleKernel.compiled) }
    cache.removeAll()
    #expect(cache.count == 0)
    let second = try cache.kernel(key) { try Kernel(ScaleKernel.compiled) }
    #expect(first !== second)
    // The first kernel is still whole.
    let example = ScaleExample()
    let y = try first.run(.forward, arrays: example.inputs, values: example.values)["y"]
    #expect(y == .float32(example.y))
  }

  @Test func threadsThatAskAtOnceGetOneKernel() async throws {
    let key = KernelCache.Key(norm, Options(), .jit)
    let kernels = try await withThrowingTaskGroup(of: Kernel.self) { group in
      for _ in 0..<8 {
        group.addTask { [cache] in try cache.kernel(key) { try Kernel(ScaleKernel.compiled) } }
      }
      return try await group.reduce(into: [Kernel]()) { $0.append($1) }
    }
    #expect(kernels.count == 8)
    #expect(Set(kernels.map { ObjectIdentifier($0) }).count == 1)
  }
}
