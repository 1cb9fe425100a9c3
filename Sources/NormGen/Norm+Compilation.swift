import Syntax

extension Norm {
  /// Compiles the norm to functions that can be called.
  ///
  ///     let kernel = try norm.compile()
  ///
  ///     var options = Options()
  ///     options.type = .float64
  ///     options.sizes = ["C": 64]
  ///     let fixed = try norm.compile(options, engine: .cc(), cache: cache)
  ///
  /// - Parameters:
  ///   - options: the type of tensors, and what is fixed now instead of given at each call.
  ///   - engine: what turns C into code.
  ///   - cache: where the kernel is looked for first, and kept; `nil` compiles anew.
  /// - Throws: `.options` if they name what the norm does not have or do not fit it;
  ///   `.compilation`, which is the machine's refusal or a bug of ours.
  public func compile(
    _ options: Options = Options(), engine: Engine = .jit, cache: KernelCache? = nil
  ) throws(KernelError) -> Kernel {
    try kernel(options, engine: engine, cache: cache) { (norm, options) throws(KernelError) in
      do throws(InputError) {
        return try NormGen.compile(norm, options)
      } catch {
        throw .options(error.description)
      }
    }
  }

  /// The kernel that `translate` and an engine make of the norm.
  ///
  /// - Parameters:
  ///   - cache: where the kernel is looked for first, and kept; `nil` compiles anew.
  ///   - translate: the compiler from a norm to C.
  /// - Throws: what `translate` throws, or `KernelError.compilation`.
  package func kernel(
    _ options: Options = Options(), engine: Engine = .jit, cache: KernelCache? = nil,
    translate: (CheckedNorm, Options) throws(KernelError) -> CompiledNorm
  ) throws(KernelError) -> Kernel {
    func make() throws(KernelError) -> Kernel {
      try Kernel(
        translate(checked, options), engine: engine,
        defaults: Defaults(of: checked, fixed: options.sizes))
    }
    guard let cache else { return try make() }
    return try cache.kernel(KernelCache.Key(self, options, engine), make: make)
  }
}
