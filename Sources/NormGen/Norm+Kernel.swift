import Syntax

extension Norm {
  /// The kernel that `translate` and an engine make of the norm.
  ///
  /// - Parameters:
  ///   - cache: where the kernel is looked for first, and kept; `nil` compiles anew.
  ///   - translate: the compiler from a norm to C.
  /// - Throws: what `translate` throws, or `KernelError.compilation`.
  package func kernel(
    _ options: Options = Options(), engine: Engine = .jit, cache: KernelCache? = nil,
    translate: (CheckedNorm, Options) throws -> CompiledNorm
  ) throws -> Kernel {
    func make() throws -> Kernel {
      try Kernel(
        translate(checked, options), engine: engine, defaults: Defaults(of: checked))
    }
    guard let cache else { return try make() }
    return try cache.kernel(KernelCache.Key(self, options, engine), make: make)
  }
}
