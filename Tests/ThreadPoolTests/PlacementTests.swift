import Foundation
import Synchronization
import Testing
import ThreadPool

/// A thread of a pool does not take turns with the caller on one processor while it may run on
/// another.
@Suite struct PlacementTests {
  @Test func aThreadThatWakesWhereItsCallerWorksMovesOn() throws {
    guard thread_pool_processors() > 1 else { return }
    let pool = try #require(Pool(threads: 2))
    let worker = try #require(idOfWorker(pool))
    let anywhere = Mask(of: worker)
    let home = thisProcessor()
    let callers = Mask(of: thisThread())
    Mask(only: home).apply(to: thisThread())
    defer { callers.apply(to: thisThread()) }
    // Where nothing is idle the system wakes a thread where it fell asleep.
    let busy = Spinners(count: thread_pool_processors() - 1, on: anywhere.without(home))
    defer { busy.end() }
    var stayed = 0
    for _ in 0..<20 {
      Mask(only: home).apply(to: worker)
      #expect(processorOfWorker(pool) == home)
      usleep(500)
      anywhere.apply(to: worker)
      if processorOfWorker(pool) == home { stayed += 1 }
      #expect(Mask(of: worker) == anywhere)
      usleep(500)
    }
    #expect(stayed < 10)
  }

  /// The number that the system gives the pool's other thread.
  private func idOfWorker(_ pool: Pool) -> ThreadID? {
    let caller = thisThread()
    return valueFromWorker(pool) { thisThread() == caller ? nil : thisThread() }
  }

  /// The processor on which the pool's other thread begins a run.
  private func processorOfWorker(_ pool: Pool) -> Int32? {
    let caller = thisThread()
    return valueFromWorker(pool) { thisThread() == caller ? nil : thisProcessor() }
  }

  /// What another thread than the caller's finds in a run, which waits a while for one.
  private func valueFromWorker<Value: Sendable>(
    _ pool: Pool, _ value: @escaping @Sendable () -> Value?
  ) -> Value? {
    let found = Mutex<Value?>(nil)
    pool.run(4) { _ in
      if let value = value() { return found.withLock { $0 = $0 ?? value } }
      let end = DispatchTime.now() + .milliseconds(100)
      while found.withLock({ $0 == nil }) && .now() < end { spend(10) }
    }
    return found.withLock { $0 }
  }
}

/// Threads that keep processors busy.
private final class Spinners: Sendable {
  private let ends = Atomic(false)

  init(count: Int, on processors: Mask) {
    for _ in 0..<count {
      Thread.detachNewThread {
        processors.apply(to: thisThread())
        while !self.ends.load(ordering: .relaxed) {}
      }
    }
  }

  func end() { ends.store(true, ordering: .relaxed) }
}
