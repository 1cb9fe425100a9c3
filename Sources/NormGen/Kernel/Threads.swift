import ThreadPool

extension Kernel {
  /// Threads among which kernels divide their work.
  ///
  ///     let threads = try Kernel.Threads(count: 4)
  ///     let results = try kernel.run(.forward, arrays: arrays, threads: threads)
  ///
  /// Results do not depend on their number, to the last bit. Work that is too small to be divided
  /// stays on the caller's thread. Any number of callers may use the same threads at once: one of
  /// them has them, and the calls of the others run each on the caller's own thread. So do calls in
  /// a process that was forked off. The threads end with the last reference.
  public final class Threads: Sendable {
    /// How many threads work, the caller's among them.
    public let count: Int
    /// `nil` where the caller's thread is the only one. C synchronizes what it points to.
    private nonisolated(unsafe) let pool: OpaquePointer?

    /// The largest count.
    public static let limit = Int(THREAD_POOL_LIMIT)

    /// The number of processors that this process may use, at most `limit`.
    public static var processorCount: Int { min(Int(thread_pool_processors()), limit) }

    /// A thread for each processor, shared by all who ask for it; started at the first use.
    public static let shared: Threads = (try? Threads()) ?? Threads(pool: nil, count: 1)

    /// Starts threads that sleep until they are needed.
    ///
    /// - Parameter count: how many threads work, the caller's among them.
    /// - Throws: `.noThreads` if it is not in 1 ... `limit`, or if the system refuses.
    public convenience init(count: Int = Threads.processorCount) throws(KernelError) {
      if count == 1 {
        self.init(pool: nil, count: 1)
        return
      }
      guard count > 0, let pool = thread_pool_create(count) else { throw .noThreads(count) }
      self.init(pool: pool, count: count)
    }

    private init(pool: OpaquePointer?, count: Int) {
      self.pool = pool
      self.count = count
    }

    deinit { thread_pool_destroy(pool) }

    /// What a kernel is given: a `normgen_executor`, or NULL.
    var executor: UnsafeMutableRawPointer? {
      pool.map { UnsafeMutableRawPointer(mutating: thread_pool_executor($0)) }
    }
  }
}
