import Basics
import Synchronization
import ThreadPool

/// A thread that does work before others need it, for as long as there is some.
///
/// Nobody relies on it: where no processor is free for it, or in a process that was forked off, the
/// work waits for those who need it.
package final class Helper: Sendable {
  package typealias Work = @Sendable () -> Void

  private struct State {
    /// What is to be done, the last first.
    var pending: [Work] = []
    var isAtWork = false
  }

  private let state = Mutex(State())

  package init() {}

  /// `false` where no processor is free for one, so that nobody need look for its work.
  package static var mayWork: Bool {
    helpersAtWork.load(ordering: .relaxed) + 1 < thread_pool_processors()
  }

  package var isAtWork: Bool { state.withLockIfAvailable { $0.isAtWork } ?? false }

  /// When a helper does some work.
  package enum Turn {
    /// Before all that it was asked for earlier: somebody is about to need it.
    case next
    /// When nothing else is left to do.
    case last
  }

  /// Does some work, in order.
  ///
  /// Of all helpers in the process, one fewer are at work than it has processors.
  package func begin(_ work: [Work], _ turn: Turn = .next) {
    if work.isEmpty { return }
    // A process that was forked off may never get the lock.
    let starts = state.withLockIfAvailable { state in
      state.pending.insert(contentsOf: work.reversed(), at: turn == .next ? state.pending.count : 0)
      defer { state.isAtWork = true }
      return !state.isAtWork
    }
    guard starts == true else { return }
    let others = helpersAtWork.wrappingAdd(1, ordering: .relaxed).oldValue
    if others + 1 < thread_pool_processors() && isStarted() { return }
    helpersAtWork.wrappingSubtract(1, ordering: .relaxed)
    state.withLock { $0 = State() }
  }

  /// Does the work on a thread; `false` if the system refuses one.
  private func isStarted() -> Bool {
    HelperThread.begin { [self] in
      work()
      helpersAtWork.wrappingSubtract(1, ordering: .relaxed)
    }
  }

  private func work() {
    // Constants are folded in the standard mode, whatever the caller's is.
    setStandardFloatMode()
    while let next = next() { next() }
  }

  private func next() -> Work? {
    state.withLock { state in
      if state.pending.isEmpty { state.isAtWork = false }
      return state.pending.popLast()
    }
  }
}

/// How many helpers are at work.
private let helpersAtWork = Atomic(0)
