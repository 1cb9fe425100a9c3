import Synchronization
import ThreadPool

/// A pool that ends with the last reference.
final class Pool: Sendable {
  private nonisolated(unsafe) let pool: OpaquePointer

  /// - Returns: `nil` if the system refuses.
  init?(threads: Int) {
    guard let pool = thread_pool_create(threads) else { return nil }
    self.pool = pool
  }

  deinit { thread_pool_destroy(pool) }

  /// Runs `body` for each piece.
  func run(_ pieces: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let task = Task(body: body)
    withExtendedLifetime(task) {
      thread_pool_run(
        UnsafeMutableRawPointer(pool), pieces,
        { task, index in
          guard let task else { return }
          Unmanaged<Task>.fromOpaque(task).takeUnretainedValue().body(index)
        }, Unmanaged.passUnretained(task).toOpaque())
    }
  }

  private final class Task: Sendable {
    let body: @Sendable (Int) -> Void
    init(body: @escaping @Sendable (Int) -> Void) { self.body = body }
  }
}

/// How often each piece of a run was run. The counts are plain memory: ThreadSanitizer sees a piece
/// that two threads run at once, and a run that ends before its pieces do.
final class Hits: @unchecked Sendable {
  private let counts: UnsafeMutableBufferPointer<Int>

  init(_ pieces: Int) {
    counts = .allocate(capacity: pieces)
    counts.initialize(repeating: 0)
  }

  deinit { counts.deallocate() }

  func note(_ piece: Int) { counts[piece] += 1 }

  var areAllOne: Bool { counts.allSatisfy { $0 == 1 } }
}

/// Takes some time; more turns take more.
func spend(_ turns: Int) {
  let sum = Atomic(0)
  for turn in 0..<turns { sum.add(turn, ordering: .relaxed) }
}
