import Synchronization

/// Kernels that were compiled before, by all that determines them.
///
/// Any number of threads may use a cache. It keeps its kernels until `removeAll` or its own end.
public final class KernelCache: Sendable {
  private let kernels = Mutex<[Key: Kernel]>([:])

  /// What determines a kernel.
  package struct Key: Hashable, Sendable {
    /// The name of the norm, and its text with those of all that it calls.
    private let name: String
    private let source: String
    private let options: Options
    private let engine: Engine

    package init(_ norm: Norm, _ options: Options, _ engine: Engine) {
      name = norm.name
      source = norm.checked.fullSource
      self.options = options
      self.engine = engine
    }
  }

  public init() {}

  /// The number of kernels that are kept.
  public var count: Int { kernels.withLock { $0.count } }

  /// Forgets all kernels; those in use stay alive as long as they are.
  public func removeAll() {
    kernels.withLock { $0.removeAll() }
  }

  /// The kernel of that key, made by `make` if it is not there.
  ///
  /// The lock is not held while a kernel is made. Where two threads make the same one at once, both
  /// get the one that was finished first.
  package func kernel<Failure: Error>(
    _ key: Key, make: () throws(Failure) -> Kernel
  ) throws(Failure) -> Kernel {
    if let kernel = kernels.withLock({ $0[key] }) { return kernel }
    let made = try make()
    return kernels.withLock { kernels in
      if let earlier = kernels[key] { return earlier }
      kernels[key] = made
      return made
    }
  }
}
